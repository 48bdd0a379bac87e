"""The demo project: synthetic people, fitted the paper's way, with the truth beside.

It is what a first-time user sees. Profile ``paper`` from the mean pose is used on purpose: it fails
on people who turn their back, so there are real failures to find, reject and mend.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import roma
import torch
from numpy.typing import NDArray

from core.body.model import BodyModel
from core.datasets.synthetic.plausible import clear_of_itself
from core.datasets.synthetic.samples import make_synthetic_samples
from core.dictionary.records import Fit, Sample
from core.dictionary.store import Dictionary
from core.errors import Cancelled, DictionaryError, NotAProjectError, StudioError
from core.fitting.pose_prior import PosePrior
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.pipeline.fitting import fit_samples
from core.pipeline.predicting import predict_the_unpredicted
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.project_tools import project_body, project_prior
from core.records import BodyParameters, FloatArray

DEMO_SETTING = "demo"
"""How far the demo is: ``begun``, ``pictures`` (all people are in), ``complete`` (and fitted)."""
PICTURE_FOLDER = "pictures"
PROFILE = "paper"
WRONG_ROOT_DEG = 60.0

_BEGUN, _PICTURES, _COMPLETE = "begun", "pictures", "complete"
_PEOPLE_SETTING, _SEED_SETTING = "demo_people", "demo_seed"
_MOST_PEOPLE = 100_000
_DRAWN_PER_PERSON = 4
_ENERGY_QUANTILE = 0.85
"""The least probable poses of the prior are contorted; they are left out."""
_COMPARED_KEYPOINTS = slice(25, 39)
"""The 14 LSP joints: limbs, hips, shoulders, neck, top of the head."""


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


def make_demo_project(
    project: Path,
    *,
    people: int = 60,
    seed: int = 0,
    fit: bool = True,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> DemoReport:
    """Make the demo project, complete an interrupted one, or leave a complete one alone.

    Args:
        project: folder of the project; pictures go into ``pictures/`` inside it.
        people: how many; an interrupted demo keeps the number and seed it was begun with.
        seed: of everything random; the same seed gives the same pictures and keypoints.
        fit: whether to fit and predict them, too.
        progress: told of finished people.
        cancel: asked between pictures and between batches of fits; what is done is kept.

    Raises:
        StudioError: for an absurd number of people.
        DictionaryError: the folder holds a project that is no demo, or cannot be written.
        RenderingError: nothing can be drawn on this machine.
        Cancelled: when asked to stop; the next call goes on from there.
    """
    if not 1 <= people <= _MOST_PEOPLE:
        raise StudioError(f"{people} people were asked for, expected 1 to {_MOST_PEOPLE}.")
    with _open_or_create(project, people=people, seed=seed) as dictionary:
        stage = dictionary.setting(DEMO_SETTING)
        done = stage == _COMPLETE or (stage == _PICTURES and not fit)
        if stage == _BEGUN:
            _add_people(dictionary, progress, cancel)
            dictionary.set_setting(DEMO_SETTING, _PICTURES)
        if fit and not done:
            fits = fit_samples(project, profile=PROFILE, progress=progress, cancel=cancel)
            if fits.cancelled:
                raise Cancelled
            predicted = predict_the_unpredicted(project, progress=progress, cancel=cancel)
            if predicted is not None and predicted.cancelled:
                raise Cancelled
            dictionary.set_setting(DEMO_SETTING, _COMPLETE)
        return replace(report_on(dictionary), already_there=done)


def report_on(dictionary: Dictionary) -> DemoReport:
    """Compare the current fits of a project with the ground truth of its samples."""
    samples = dictionary.samples(dictionary.sample_ids().tolist())
    current = dictionary.current_fits([sample.id for sample in samples])
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
        median_error_mm=float(np.median(procrustes_errors_mm(project_body(dictionary), pairs))),
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


def procrustes_errors_mm(body: BodyModel, pairs: Sequence[FitAndTruth]) -> NDArray[np.float64]:
    """``(N,)``: mean error of 14 joints in mm, after the best turn, shift and scale."""
    pose = torch.tensor(np.stack([pair.fit.pose_axis_angle for pair in pairs]))
    betas = torch.tensor(np.stack([pair.fit.betas for pair in pairs]))
    posed = body.posed(pose.to(body.dtype), betas.to(body.dtype))
    fitted = posed.keypoints[:, _COMPARED_KEYPOINTS]
    truth = torch.tensor(np.stack([pair.joints_3d[_COMPARED_KEYPOINTS, :3] for pair in pairs]))
    turn, shift, scale = roma.rigid_points_registration(
        fitted, truth.to(body.dtype), compute_scaling=True
    )
    aligned = scale[:, None, None] * fitted @ turn.mT + shift[:, None]
    errors: NDArray[np.float64] = (aligned - truth).norm(dim=-1).mean(dim=-1).numpy() * 1000.0
    return errors


def root_errors_deg(pairs: Sequence[FitAndTruth]) -> NDArray[np.float64]:
    """``(N,)``: angle in degrees between the roots of fit and truth."""
    fitted, truth = (
        axis_angle_to_matrix(torch.tensor(np.stack([pose[:3] for pose in poses])))
        for poses in (
            [pair.fit.pose_axis_angle for pair in pairs],
            [pair.truth.pose_axis_angle for pair in pairs],
        )
    )
    degrees: NDArray[np.float64] = np.degrees(geodesic_angle(fitted, truth).numpy())
    return degrees


def _open_or_create(project: Path, *, people: int, seed: int) -> Dictionary:
    try:
        dictionary = Dictionary.open(project)
    except NotAProjectError:
        begun = {DEMO_SETTING: _BEGUN, _PEOPLE_SETTING: str(people), _SEED_SETTING: str(seed)}
        return Dictionary.create(project, settings=begun)
    if dictionary.setting(DEMO_SETTING) is None:
        dictionary.close()
        raise DictionaryError(
            f"{project} holds a project that is not the demo; it was left alone.",
            remedy="Choose another folder for the demo.",
        )
    return dictionary


def _add_people(
    dictionary: Dictionary, progress: ProgressCallback, cancel: CancelToken | None
) -> None:
    """Make all pictures, then add all samples in one transaction.

    An interrupted demo comes here again: the seed makes the same pictures over the old ones.
    """
    people = int(dictionary.setting(_PEOPLE_SETTING) or 0)
    seed = int(dictionary.setting(_SEED_SETTING) or 0)
    body = project_body(dictionary)
    samples = make_synthetic_samples(
        body,
        draw_body_poses(body, project_prior(dictionary), people, seed=seed),
        dictionary.project / PICTURE_FOLDER,
        seed=seed,
        progress=progress,
        cancel=cancel,
    )
    dictionary.add_samples(list(samples))


def draw_body_poses(
    body: BodyModel, prior: PosePrior, count: int, *, seed: int
) -> NDArray[np.float64]:
    """``(count, 69)`` poses of the prior: no contortions, no limb through another."""
    rng = np.random.default_rng(seed)
    chosen = np.empty((0, 69))
    while len(chosen) < count:
        drawn = prior.sample(_DRAWN_PER_PERSON * count, rng)
        energy = prior.energy(torch.as_tensor(drawn, dtype=torch.float64)).numpy()
        likely = drawn[energy <= np.quantile(energy, _ENERGY_QUANTILE)]
        chosen = np.concatenate([chosen, likely[clear_of_itself(body, likely)]])
    return chosen[:count]
