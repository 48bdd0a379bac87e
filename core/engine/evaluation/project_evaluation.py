"""A project's predictions and fits against its samples' truth, where they have any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.evaluation.body_errors import COMPARED_NAMES, BodyErrors, body_errors
from core.engine.evaluation.keypoint_errors import KeypointErrors, keypoint_errors
from core.engine.evaluation.loss_by_verdict import JudgedLosses
from core.engine.evaluation.project_bodies import CURRENT_FITS as CURRENT_FITS  # noqa: PLC0414 - handed on
from core.engine.evaluation.project_bodies import INITIAL_FITS as INITIAL_FITS  # noqa: PLC0414
from core.engine.evaluation.project_bodies import PREDICTIONS as PREDICTIONS  # noqa: PLC0414
from core.engine.evaluation.project_bodies import ProjectBodies, ReferenceBodies, read_bodies
from core.engine.evaluation.tables import Spread, Table, Value
from core.engine.project_models import project_body
from core.engine.smplify.inputs import BodyEstimate, cameras_of
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.bodies import BodyParameters
from core.types.samples import Sample

PHASE = "Evaluating"
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
        finite = self.error_2d_px[np.isfinite(self.error_2d_px)]
        return float(finite.mean()) if len(finite) else float("nan")

    def worst(self, count: int) -> NDArray[np.int64]:
        """Ids of the samples with the largest reconstruction error, the worst first."""
        order = np.argsort(-self.errors.reconstruction_mm, kind="stable")
        worst: NDArray[np.int64] = self.sample_ids[order[:count]]
        return worst


@dataclass(frozen=True, eq=False)
class KeypointsEvaluation:
    """One kind of bodies against the keypoints: (N,) ids of all samples that have such a body."""

    name: str
    sample_ids: NDArray[np.int64]
    errors: KeypointErrors


@dataclass(frozen=True, eq=False)
class ProjectEvaluation:
    """All kinds of bodies of a project. samples: selected; with_truth: of those.

    bodies: against the truth; empty where no person has one. keypoints and losses need none.
    prediction_runs: whose regressors made the latest predictions; None is one of no run.
    """

    project: Path
    samples: int
    with_truth: int
    bodies: tuple[BodiesEvaluation, ...]
    keypoints: tuple[KeypointsEvaluation, ...]
    losses: JudgedLosses
    truth: ReferenceBodies = ReferenceBodies.KNOWN
    prediction_runs: frozenset[int | None] = frozenset()

    def named(self, name: str) -> BodiesEvaluation:
        """One kind of bodies; raises ``StudioError`` where the project has none."""
        for body in self.bodies:
            if body.name == name:
                return body
        raise StudioError(f"{self.project} has no {name!r} with ground truth.")

    def summary_table(self) -> Table:
        """Means over people, a row a kind of bodies."""
        has_truth = self.truth is ReferenceBodies.KNOWN
        have = "have ground truth" if has_truth else "have an accepted fit"
        return Table(
            "project",
            f"{self.with_truth} of {self.samples} people {have}",
            SUMMARY_COLUMNS,
            tuple(_summary_row(body) for body in self.bodies),
            _NOTE if has_truth else f"{_NOTE} {_ACCEPTED_NOTE}",
        )

    def keypoint_table(self) -> Table:
        """Means over people with keypoints, which need no truth; a row a kind of bodies."""
        return Table(
            "project_keypoints",
            f"No ground truth for any of {self.samples} people, so no errors in 3D",
            ("bodies", "people", "2D error, px"),
            tuple(
                (keypoint.name, str(keypoint.errors.people), Spread((keypoint.errors.mean_px,)))
                for keypoint in self.keypoints
            ),
            "Means over people, in pixels of the 224 px crop, from the keypoints at hand: they say "
            "little of depth. Accepted fits can take the place of truth, in the window.",
        )

    def joint_table(self) -> Table:
        """Mean distance of each joint after rigid alignment, a row a joint."""
        means = [body.errors.mean_joints_mm() for body in self.bodies]
        return Table(
            "project_joints",
            "By joint: mean distance after rigid alignment, mm",
            ("joint", *(body.name for body in self.bodies)),
            tuple((name, *(Spread((mean[name],)) for mean in means)) for name in COMPARED_NAMES),
        )


SUMMARY_COLUMNS = (
    "bodies",
    "people",
    "reconstruction, mm",
    "MPJPE, mm",
    "PVE, mm",
    "PCK, %",
    "AUC, %",
    "root off > 60°, %",
    "2D error, px",
)
_NOTE = "Means over people. Initial fits are the first that SMPLify made of each sample."
_ACCEPTED_NOTE = (
    "Distance from accepted fits is agreement, not error: people accept what they are shown, so "
    "whatever is near to it looks better than it is. An accepted first fit agrees with itself."
)


def evaluate_project(
    project: Path,
    *,
    where: SampleQuery = _ALL_SAMPLES,
    truth: ReferenceBodies = ReferenceBodies.KNOWN,
    need_truth: bool = True,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ProjectEvaluation:
    """Compare everything a project believes with what is true.

    Args:
        project: folder of the project; its dictionary is opened here, for this thread.
        where: which samples.
        truth: what counts as true; current fits are not compared with themselves.
        need_truth: False evaluates samples without a truth, too, as far as that goes.
        progress: told after each part.
        cancel: asked between parts.

    Raises:
        StudioError: no selected sample has the parameters of its true body, and they are needed.
        DictionaryError: the dictionary cannot be read.
        Cancelled: when asked to stop.
    """
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids(where).tolist()
        parts = _ErrorParts(project_body(dictionary), truth)
        meter = ProgressMeter(PHASE, len(ids), progress)
        for first in range(0, len(ids), _AT_ONCE):
            if cancel is not None:
                cancel.raise_if_cancelled()
            chunk = ids[first : first + _AT_ONCE]
            parts.add(read_bodies(dictionary, chunk, truth))
            meter.advance(len(chunk))
    if need_truth and not parts.with_truth:
        raise _no_truth(len(ids), truth)
    return parts.joined(project, len(ids))


def _no_truth(samples: int, truth: ReferenceBodies) -> StudioError:
    if truth is ReferenceBodies.ACCEPTED:
        return StudioError(
            f"None of the {samples} selected samples has an accepted fit.",
            remedy="Accept fits that lie well on their people, or choose other samples.",
        )
    return StudioError(
        f"None of the {samples} selected samples has a known true body.",
        remedy="Import a data set with ground truth, or make a demo project.",
    )


class _ErrorParts:
    """Collects the errors of each kind of bodies, part by part."""

    def __init__(self, body: BodyModel, truth: ReferenceBodies) -> None:
        self._body, self._keypoint_body, self._truth = body, KeypointBody(body), truth
        self._bodies: dict[str, list[BodiesEvaluation]] = {}
        self._keypoints: dict[str, list[KeypointsEvaluation]] = {}
        self._losses: list[JudgedLosses] = []
        self._prediction_runs: frozenset[int | None] = frozenset()
        self.with_truth = 0

    def add(self, part: ProjectBodies) -> None:
        """Judge every kind of bodies of some samples."""
        self.with_truth += len(part.truths)
        self._losses.append(JudgedLosses.of(part.current_fits))
        self._prediction_runs |= part.prediction_runs
        for name, bodies in part.by_kind.items():
            had = [sample for sample in part.samples if sample.id in bodies]
            if had:
                self._judge(name, had, bodies, part.truths)

    def joined(self, project: Path, samples: int) -> ProjectEvaluation:
        """One evaluation a kind, in the order they were first met."""
        return ProjectEvaluation(
            project,
            samples,
            self.with_truth,
            tuple(_joined_bodies(name, parts) for name, parts in self._bodies.items()),
            tuple(_joined_keypoints(name, parts) for name, parts in self._keypoints.items()),
            JudgedLosses.joined(self._losses),
            self._truth,
            self._prediction_runs,
        )

    def _judge(
        self,
        name: str,
        had: Sequence[Sample],
        bodies: Mapping[int, BodyParameters],
        truths: Mapping[int, BodyParameters],
    ) -> None:
        errors_2d = keypoint_errors(self._keypoint_body, [bodies[sample.id] for sample in had], had)
        ids = np.array([sample.id for sample in had], dtype=np.int64)
        self._keypoints.setdefault(name, []).append(KeypointsEvaluation(name, ids, errors_2d))
        rows = [row for row, sample in enumerate(had) if sample.id in truths]
        if not rows or (name == CURRENT_FITS and self._truth is ReferenceBodies.ACCEPTED):
            return
        # Both in the frame of the sample's crop, whatever axes they were stored with.
        cameras = cameras_of([had[row] for row in rows])
        found = BodiesEvaluation(
            name,
            ids[rows],
            body_errors(
                self._body,
                *(
                    BodyEstimate.from_parameters([of[had[row].id] for row in rows], cameras)
                    for of in (bodies, truths)
                ),
            ),
            errors_2d.error_px[rows],
        )
        self._bodies.setdefault(name, []).append(found)


def _joined_bodies(name: str, parts: Sequence[BodiesEvaluation]) -> BodiesEvaluation:
    return BodiesEvaluation(
        name,
        np.concatenate([part.sample_ids for part in parts]),
        BodyErrors.joined([part.errors for part in parts]),
        np.concatenate([part.error_2d_px for part in parts]),
    )


def _joined_keypoints(name: str, parts: Sequence[KeypointsEvaluation]) -> KeypointsEvaluation:
    return KeypointsEvaluation(
        name,
        np.concatenate([part.sample_ids for part in parts]),
        KeypointErrors.joined([part.errors for part in parts]),
    )


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
