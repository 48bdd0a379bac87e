"""What the loop makes of regressors that know more or less: does learning enter the dictionary?

People of a demo project are fitted from the mean pose or from the lifter, and then visited by the
loop's fitting, with predictions of the shipped demo regressor out of whose error a share was taken:
0 is the regressor as it is, 1 would say the truth. Every visit adds a few degrees by chance, as
augmentation does. Nothing is trained, so it is quick, and what changes is the rule's doing.

    python -m benchmarks.learned_regressors [--quick] [--json] [--seed S] [--people N] [--visits V]
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.engine.project_models import project_body, project_prior
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.smplify import Smplify
from core.engine.training.distribution import World
from core.engine.training.fit_store import DistributedFitStore
from core.engine.training.fitting_in_loop import InLoopFitting
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.run_lifecycle import begin_run
from core.engine.training.targets import CurrentFits
from core.engine.training.visit_order import VisitPlan
from core.geometry.rotations import (
    axis_angle_to_matrix,
    matrix_to_axis_angle,
)
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.types.predictions import Prediction
from core.types.samples import Sample
from core.workflows.demo import make_demo_project
from core.workflows.demo_report import report_on
from core.workflows.fit_project import fit_samples
from core.workflows.predict_project import predict_samples

SHARES = (0.0, 0.3, 0.6)
JITTER_DEG = 3.0
PEOPLE, QUICK_PEOPLE = 240, 64
VISITS, QUICK_VISITS = 12, 4
BATCH = 64


@dataclass(frozen=True, eq=False)
class _People:
    """Samples, what the regressor says of them, and what is true."""

    samples: list[Sample]
    predictions: BodyEstimate
    truth: BodyEstimate

    @classmethod
    def of(cls, dictionary: Dictionary) -> _People:
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
        found: dict[int, Prediction] = dictionary.predictions.latest(
            [sample.id for sample in samples]
        )
        current = [
            (sample, found[sample.id].parameters, sample.ground_truth.parameters)
            for sample in samples
            if sample.id in found and sample.ground_truth.parameters is not None
        ]
        return cls(
            [one for one, _, _ in current],
            BodyEstimate.from_parameters([prediction for _, prediction, _ in current]),
            BodyEstimate.from_parameters([truth for _, _, truth in current]),
        )

    def predicted(self, share: float, generator: torch.Generator) -> BodyEstimate:
        """Predictions with a share of their error taken out, and a little chance put in."""
        predictions = self.predictions.rotations
        error = matrix_to_axis_angle(predictions.mT @ self.truth.rotations)
        chance = torch.randn(error.shape, generator=generator) * np.radians(JITTER_DEG) / 3**0.5
        pose = predictions @ axis_angle_to_matrix(share * error) @ axis_angle_to_matrix(chance)
        return BodyEstimate(
            pose,
            torch.lerp(self.predictions.betas, self.truth.betas, share),
            torch.lerp(self.predictions.camera_translation, self.truth.camera_translation, share),
        )


def visited(
    project: Path, configuration: TrainingConfiguration, *, share: float, visits: int
) -> dict[str, float]:
    """Let the loop's fitting visit everybody; errors of the current fits afterwards."""
    with Dictionary.open(project) as dictionary:
        people = _People.of(dictionary)
        run = begin_run(dictionary, configuration, save_start=lambda _path: None)
        smplify = Smplify(project_body(dictionary), project_prior(dictionary), run.fitting)
        fit_store, plan = (
            DistributedFitStore(World(), dictionary),
            VisitPlan(len(people.samples), BATCH, 0),
        )
        fitting = InLoopFitting(
            smplify,
            fit_store,
            World(),
            configuration,
            plan,
            run_id=run.id,
            regressor_error=RegressorErrorEstimate.unknown(),
        )
        generator, iteration = torch.Generator().manual_seed(0), 0
        for _ in range(visits):
            predicted = people.predicted(share, generator)
            for first in range(0, len(people.samples), BATCH):
                iteration += 1
                rows = slice(first, first + BATCH)
                _visit(fitting, fit_store, people, predicted, rows=rows, iteration=iteration)
        found = report_on(dictionary)
    return {
        "median_error_mm": round(found.median_error_mm, 1),
        "wrong_root_share": round(found.wrong_root_share, 3),
        "thought_off_deg": round(fitting.regressor_error.joint_deg or 0.0, 1),
    }


def _visit(
    fitting: InLoopFitting,
    fit_store: DistributedFitStore,
    people: _People,
    predicted: BodyEstimate,
    *,
    rows: slice,
    iteration: int,
) -> None:
    samples = people.samples[rows]
    ids = [sample.id for sample in samples]
    keypoints = torch.from_numpy(np.stack([sample.keypoints_crop_px for sample in samples])).float()
    predictions = BodyEstimate(
        predicted.rotations[rows], predicted.betas[rows], predicted.camera_translation[rows]
    )
    current = CurrentFits.of(ids, fit_store.current_fits(ids))
    fitting(ids, keypoints, predictions, current, iteration=iteration)


def main() -> None:
    """Both starts, regressors of several qualities, both rules of evidence."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--people", type=int, default=None)
    parser.add_argument("--visits", type=int, default=None)
    options = parser.parse_args()
    count = options.people or (QUICK_PEOPLE if options.quick else PEOPLE)
    visits = options.visits or (QUICK_VISITS if options.quick else VISITS)
    results: dict[str, object] = {"seed": options.seed, "people": count, "visits": visits}
    configuration = replace(profile_configuration("cpu-demo"), refit_every=1)
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare"
        make_demo_project(bare, people=count, seed=options.seed, fit=False)
        predict_samples(bare)
        for start in ("mean", "lifter"):
            fitted = Path(shutil.copytree(bare, Path(folder) / start))
            fit_samples(fitted, profile="paper" if start == "mean" else "studio", init=start)
            with Dictionary.open(fitted) as dictionary:
                results[f"{start} before"] = round(report_on(dictionary).median_error_mm, 1)
            for share in SHARES:
                for rule in ("plain", "calibrated"):
                    copy = Path(shutil.copytree(fitted, Path(folder) / "copy"))
                    own = replace(configuration, evidence_rule=rule)
                    results[f"{start} {share:.0%} {rule}"] = visited(
                        copy, own, share=share, visits=visits
                    )
                    shutil.rmtree(copy)
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
