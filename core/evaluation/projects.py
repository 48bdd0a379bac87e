"""A project's predictions and fits against its samples' ground truth, where they have any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.keypoint_body import KeypointBody
from core.body.model import BodyModel
from core.dictionary.records import Fit, Prediction, Sample, SampleQuery
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.evaluation.body_errors import COMPARED_NAMES, BodyErrors, body_errors, estimate_of
from core.evaluation.joint_metrics import errors_2d_px
from core.evaluation.tables import Spread, Table, Value
from core.fitting.problem import BodyEstimate
from core.geometry.cameras import project_to_crop
from core.geometry.rotations import pose_to_matrices
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.project_tools import project_body
from core.records import BodyParameters

PHASE = "Evaluating"
PREDICTIONS, INITIAL_FITS, CURRENT_FITS = "predictions", "initial fits", "current fits"
_AT_ONCE = 1024
_ALL_SAMPLES = SampleQuery()


@dataclass(frozen=True, eq=False)
class BodiesEvaluation:
    """One kind of bodies against the truth.

    name: ``predictions``, ``initial fits``, ``current fits``, or ``set: NAME``.
    sample_ids: (N,) of the samples that have such a body and ground truth. errors: N people.
    error_2d_px: (N,) to the sample's keypoints, crop pixels; NaN without a keypoint.
    """

    name: str
    sample_ids: NDArray[np.int64]
    errors: BodyErrors
    error_2d_px: NDArray[np.float64]

    @property
    def mean_error_2d_px(self) -> float:
        """Over people with keypoints; NaN without any."""
        known = self.error_2d_px[np.isfinite(self.error_2d_px)]
        return float(known.mean()) if len(known) else float("nan")

    def worst(self, count: int) -> NDArray[np.int64]:
        """Ids of the samples with the largest reconstruction error, the worst first."""
        order = np.argsort(-self.errors.reconstruction_mm, kind="stable")
        worst: NDArray[np.int64] = self.sample_ids[order[:count]]
        return worst


@dataclass(frozen=True, eq=False)
class ProjectEvaluation:
    """All kinds of bodies of a project. samples: selected; with_truth: of those."""

    project: Path
    samples: int
    with_truth: int
    bodies: tuple[BodiesEvaluation, ...]

    def named(self, name: str) -> BodiesEvaluation:
        """One kind of bodies; raises ``StudioError`` where the project has none."""
        for one in self.bodies:
            if one.name == name:
                return one
        raise StudioError(f"{self.project} has no {name!r} with ground truth.")

    def summary_table(self) -> Table:
        """Means over people, a row a kind of bodies."""
        return Table(
            "project",
            f"{self.with_truth} of {self.samples} people have ground truth",
            (
                "bodies",
                "people",
                "reconstruction, mm",
                "MPJPE, mm",
                "PVE, mm",
                "PCK, %",
                "AUC, %",
                "root off > 60°, %",
                "2D error, px",
            ),
            tuple(_summary_row(one) for one in self.bodies),
            "Means over people. Initial fits are the first that SMPLify made of each sample.",
        )

    def joint_table(self) -> Table:
        """Mean distance of each joint after rigid alignment, a row a joint."""
        means = [one.errors.mean_joints_mm() for one in self.bodies]
        return Table(
            "project_joints",
            "By joint: mean distance after rigid alignment, mm",
            ("joint", *(one.name for one in self.bodies)),
            tuple((name, *(Spread((mean[name],)) for mean in means)) for name in COMPARED_NAMES),
        )


def evaluate_project(
    project: Path,
    *,
    where: SampleQuery = _ALL_SAMPLES,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ProjectEvaluation:
    """Compare everything a project believes with what is true.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        where: which samples.
        progress: told after each part.
        cancel: asked between parts.

    Raises:
        StudioError: no selected sample has the parameters of its true body.
        DictionaryError: the dictionary cannot be read.
        Cancelled: when asked to stop.
    """
    with Dictionary.open(project) as dictionary:
        ids = dictionary.sample_ids(where).tolist()
        body = project_body(dictionary)
        parts = _Parts(body)
        meter = ProgressMeter(PHASE, len(ids), progress)
        with_truth = 0
        for first in range(0, len(ids), _AT_ONCE):
            if cancel is not None:
                cancel.raise_if_cancelled()
            chunk = ids[first : first + _AT_ONCE]
            known = [
                sample
                for sample in dictionary.samples(chunk)
                if sample.ground_truth.parameters is not None
            ]
            with_truth += len(known)
            for name, found in _bodies_of(dictionary, [sample.id for sample in known]):
                parts.add(name, known, found)
            meter.advance(len(chunk))
    if not with_truth:
        raise StudioError(
            f"None of the {len(ids)} selected samples has a known true body.",
            remedy="Import a data set with ground truth, or make a demo project.",
        )
    return ProjectEvaluation(project, len(ids), with_truth, parts.joined())


def _bodies_of(
    dictionary: Dictionary, ids: Sequence[int]
) -> list[tuple[str, Mapping[int, BodyParameters]]]:
    """Every kind of bodies, by sample id."""
    first = {one: fit for one in ids if (fit := dictionary.first_fit(one)) is not None}
    sets = dictionary.prediction_sets
    return [
        (PREDICTIONS, _parameters(dictionary.predictions(ids))),
        *((set_name(one.name), sets.bodies(one.id, ids)) for one in sets.all()),
        (INITIAL_FITS, _parameters(first)),
        (CURRENT_FITS, _parameters(dictionary.current_fits(ids))),
    ]


def set_name(name: str) -> str:
    """How an evaluation calls the bodies of a prediction set."""
    return f"set: {name}"


def _parameters(rows: Mapping[int, Fit | Prediction]) -> dict[int, BodyParameters]:
    return {sample_id: row.parameters for sample_id, row in rows.items()}


class _Parts:
    """Collects the errors of each kind of bodies, part by part."""

    def __init__(self, body: BodyModel) -> None:
        self._body, self._keypoint_body = body, KeypointBody(body)
        self._found: dict[str, list[BodiesEvaluation]] = {}

    def add(
        self, name: str, samples: Sequence[Sample], bodies: Mapping[int, BodyParameters]
    ) -> None:
        """Judge those of the samples that have such a body."""
        had = [sample for sample in samples if sample.id in bodies]
        if not had:
            return
        estimate = estimate_of([bodies[sample.id] for sample in had])
        truth = estimate_of([one for sample in had if (one := sample.ground_truth.parameters)])
        part = BodiesEvaluation(
            name,
            np.array([sample.id for sample in had], dtype=np.int64),
            body_errors(self._body, estimate, truth),
            self._error_2d_px(estimate, had),
        )
        self._found.setdefault(name, []).append(part)

    def joined(self) -> tuple[BodiesEvaluation, ...]:
        """One evaluation a kind, in the order they were first met."""
        return tuple(
            BodiesEvaluation(
                name,
                np.concatenate([part.sample_ids for part in parts]),
                BodyErrors.joined([part.errors for part in parts]),
                np.concatenate([part.error_2d_px for part in parts]),
            )
            for name, parts in self._found.items()
        )

    def _error_2d_px(
        self, estimate: BodyEstimate, samples: Sequence[Sample]
    ) -> NDArray[np.float64]:
        posed = self._keypoint_body.keypoints(
            pose_to_matrices(estimate.pose_axis_angle), estimate.betas
        )
        seen = torch.from_numpy(np.stack([sample.keypoints_crop_px for sample in samples]))
        errors: NDArray[np.float64] = errors_2d_px(
            project_to_crop(posed, estimate.camera_translation), seen[..., :2], seen[..., 2]
        ).numpy()
        return errors


def _summary_row(one: BodiesEvaluation) -> tuple[Value, ...]:
    mean = one.errors.summary()
    numbers = (
        mean.reconstruction_mm,
        mean.mpjpe_mm,
        mean.pve_mm,
        100 * mean.pck,
        100 * mean.auc,
        100 * mean.wrong_root_share,
        one.mean_error_2d_px,
    )
    return (one.name, str(mean.people), *(Spread((number,)) for number in numbers))
