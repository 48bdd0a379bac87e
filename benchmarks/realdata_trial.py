"""What a newcomer with real pictures gets: import, fit, train, predict – and how good it is.

All people of ``../shared/realdata`` that the readers know go into a project. The 28 views of one
man from four cameras tell how far bodies are off: twelve joints after Procrustes, without those
triangulated worse than 25 px. They are part of what is trained on; their 3D joints are not.

    python -m benchmarks.realdata_trial [--begin-with lifter|paper] [--profile cpu|cpu-demo]
        [--project FOLDER] [--iterations N] [--quick] [--json]
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.multiview import VIEWS, Views, errors_mm, load_views, summary
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.project_models import project_body
from core.engine.smplify.inputs import BodyEstimate
from core.engine.training.train import train
from core.runs.training_configuration import profile_configuration
from core.types.bodies import BodyParameters
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.fit_project import fit_samples
from core.workflows.predict_project import predict_samples

REALDATA = VIEWS.parent
ITERATIONS, QUICK_ITERATIONS = 200, 2


class Trial:
    """A project of real pictures, and the error of its bodies on the views of the clip."""

    def __init__(self, project: Path) -> None:
        self.project = project
        Dictionary.create(project).close()
        coco = REALDATA / "coco"
        import_annotations(project, "coco", coco / "person_keypoints.json", images=coco)
        for folder in ("openpose", "multiview"):
            import_annotations(project, "openpose", REALDATA / folder)
        self.views, self._stems = load_views(VIEWS), view_stems()

    def fits(self) -> dict[str, object]:
        """How far the current fits are off, and how they lie on their joints."""
        with Dictionary.open(self.project) as dictionary:
            rows = self._rows(dictionary)
            fits = dictionary.fits.current(list(rows))
            losses = [fit.losses.comparison for fit in fits.values()]
            origins = [str(fit.origin) for fit in fits.values()]
            bodies = {one: fit.parameters for one, fit in fits.items()}
            found: dict[str, object] = dict(self._summary(dictionary, rows, bodies))
        found["comparison_px2_median"] = round(float(np.median(losses)), 1)
        found["origins"] = {origin: origins.count(origin) for origin in sorted(set(origins))}
        return found

    def predictions(self) -> dict[str, float]:
        """How far the latest predictions are off."""
        with Dictionary.open(self.project) as dictionary:
            rows = self._rows(dictionary)
            found = {row: dictionary.predictions.latest_of(row) for row in rows}
            bodies = {one: each.parameters for one, each in found.items() if each is not None}
            return self._summary(dictionary, rows, bodies)

    def _rows(self, dictionary: Dictionary) -> dict[int, int]:
        """The view's row in ``views`` by sample id."""
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
        return {
            sample.id: self._stems.index(sample.picture_path.stem)
            for sample in samples
            if sample.picture_path.parent.name == VIEWS.name
            and sample.picture_path.stem in self._stems
        }

    def _summary(
        self,
        dictionary: Dictionary,
        rows: Mapping[int, int],
        bodies: Mapping[int, BodyParameters],
    ) -> dict[str, float]:
        body = KeypointBody(project_body(dictionary))
        estimate = BodyEstimate.from_parameters(bodies.values())
        places = torch.tensor([rows[number] for number in bodies])
        seen = Views(
            self.views.keypoints,
            self.views.joints[places],
            self.views.trusted[places],
            self.views.keypoint_indices,
        )
        return {
            "views": len(bodies),
            **summary(errors_mm(body.keypoints(estimate.rotations, estimate.betas), seen)),
        }


def view_stems() -> list[str]:
    """The pictures of the clip in the order of ``load_views``."""
    content = json.loads((VIEWS / "multiview.json").read_text())
    return [Path(picture).stem for frame in content["frames"] for picture in frame["images"]]


def main(arguments: list[str]) -> int:
    """Run the trial; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--project", type=Path, help="keep the project in this new folder")
    parser.add_argument("--iterations", type=int, default=None)
    parser.add_argument(
        "--begin-with",
        default="lifter",
        choices=("lifter", "paper"),
        help="what is trained on: lifted fits, or the published ones from the mean pose",
    )
    parser.add_argument("--profile", default="cpu", choices=("cpu", "cpu-demo"))
    options = parser.parse_args(arguments)
    if not VIEWS.is_dir():
        report({"skipped": "needs ../shared/realdata next to the checkout"}, as_json=options.json)
        return 0
    wanted = QUICK_ITERATIONS if options.quick else ITERATIONS
    iterations = options.iterations or wanted
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        mean = Trial(Path(folder) / "mean")
        fit_samples(mean.project)
        results["mean_pose_fits"] = mean.fits()
        trial = Trial(options.project or Path(folder) / "trial")
        if options.begin_with == "lifter":
            fit_samples(trial.project, init="lifter")
        else:
            fit_samples(trial.project, profile="paper")
        results[f"{options.begin_with}_fits"] = trial.fits()
        predict_samples(trial.project)
        results["predictions_of_the_shipped_head"] = trial.predictions()
        configuration = replace(profile_configuration(options.profile), iterations=iterations)
        ended = train(trial.project, configuration)
        results["training"] = ended.summary()
        results["fits_after_training"] = trial.fits()
        predict_samples(trial.project, run_id=ended.run_id)
        results["predictions_after_training"] = trial.predictions()
    report(results, as_json=options.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
