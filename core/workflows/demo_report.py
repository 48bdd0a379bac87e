"""What a demo project holds, and how far its fits are from the truth; without PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.body_axis import turned_to_middle
from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.geometry.procrustes import procrustes_aligned
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.runs.project_body import display_body
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from core.types.fits import Fit
from core.types.samples import Sample

DEMO_SETTING = "demo"
"""The setting that says how far a demo is; other projects have none."""
PICTURE_FOLDER = "pictures"
WRONG_ROOT_DEG = 60.0

_COMPARED_KEYPOINTS = slice(25, 39)
"""The 14 LSP joints: limbs, hips, shoulders, neck, top of the head."""


class DemoStage(StrEnum):
    """How far a demo project is."""

    BEGUN = "begun"
    PICTURES = "pictures"
    """All people are in."""
    COMPLETE = "complete"
    """And fitted."""


@dataclass(frozen=True)
class DemoReport:
    """What the demo project holds.

    already_there: nothing was to be done. people, pictures, fitted: counts in the project.
    median_error_mm: 14-joint error of the current fits after Procrustes; NaN without fits.
    wrong_root_share: current fits whose root is off by more than 60°; NaN without fits.
    """

    project: Path
    people: int = 0
    pictures: int = 0
    fitted: int = 0
    median_error_mm: float = float("nan")
    wrong_root_share: float = float("nan")
    already_there: bool = False

    def summary(self) -> str:
        """One sentence for the status bar and the command line."""
        begin = "The demo project was there already" if self.already_there else "Demo project"
        text = f"{begin}: {self.people} people in {self.pictures} pictures, {self.fitted} fitted"
        if self.fitted:
            text += (
                f"; median 3D error {self.median_error_mm:.0f} mm after Procrustes, "
                f"{self.wrong_root_share:.0%} face a wrong way"
            )
        return f"{text}."


def stage_of(dictionary: Dictionary) -> DemoStage:
    """How far a demo project is.

    Raises:
        DictionaryError: the project is no demo.
    """
    stage = dictionary.settings.get(DEMO_SETTING)
    if stage not in list(DemoStage):
        raise DictionaryError(
            f"{dictionary.project} holds a project that is not the demo; it was left alone.",
            remedy="Choose another folder for the demo.",
        )
    return DemoStage(stage)


def report_on(dictionary: Dictionary) -> DemoReport:
    """Compare the current fits of a project with the ground truth of its samples."""
    samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
    current = dictionary.fits.current([sample.id for sample in samples])
    report = DemoReport(
        project=dictionary.project,
        people=len(samples),
        pictures=len({sample.picture_path for sample in samples}),
        fitted=len(current),
    )
    pairs = [pair for sample in samples if (pair := _pair(sample, current.get(sample.id)))]
    if not pairs:
        return report
    return replace(
        report,
        median_error_mm=float(np.median(procrustes_errors_mm(display_body(dictionary), pairs))),
        wrong_root_share=float(np.mean(root_errors_deg(pairs) > WRONG_ROOT_DEG)),
    )


@dataclass(frozen=True, eq=False)
class FitAndTruth:
    """A person's current fit beside what is true; joints_3d is (49, 4) as in ``GroundTruth``."""

    fit: BodyParameters
    truth: BodyParameters
    joints_3d: FloatArray


def _pair(sample: Sample, fit: Fit | None) -> FitAndTruth | None:
    truth = sample.ground_truth
    if fit is None or truth.parameters is None or truth.joints_3d is None:
        return None
    return FitAndTruth(fit.parameters, truth.parameters, truth.joints_3d)


def procrustes_errors_mm(body: DisplayBody, pairs: Sequence[FitAndTruth]) -> NDArray[np.float64]:
    """``(N,)``: mean error of 14 joints in mm, after the best turn, shift and scale."""
    return np.array([_procrustes_error_mm(body, pair) for pair in pairs])


def _procrustes_error_mm(body: DisplayBody, pair: FitAndTruth) -> float:
    fitted = body.keypoints(pair.fit)[_COMPARED_KEYPOINTS]
    truth = pair.joints_3d[_COMPARED_KEYPOINTS, :3]
    distances_m = np.linalg.norm(procrustes_aligned(fitted, truth) - truth, axis=1)
    return 1000.0 * float(distances_m.mean())


def root_errors_deg(pairs: Sequence[FitAndTruth]) -> NDArray[np.float64]:
    """``(N,)``: angle in degrees between the roots of fit and truth, about the same ray."""
    fitted, truth = (
        axis_angle_to_matrix(
            np.stack([turned_to_middle(body).pose_axis_angle[:3] for body in bodies]).astype(
                np.float64
            )
        )
        for bodies in ([pair.fit for pair in pairs], [pair.truth for pair in pairs])
    )
    degrees: NDArray[np.float64] = np.degrees(geodesic_angle(fitted, truth))
    return degrees
