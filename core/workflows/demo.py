"""The demo project: synthetic people, fitted the paper's way, with the truth beside.

It is what a first-time user sees: the one that ships (``shipped_demo``) was made by this. Profile
``paper`` from the mean pose is used on purpose: it fails on people who turn their back, so there
are real failures to find, reject and correct.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.project_models import project_body, project_prior
from core.engine.smplify.pose_prior import PosePrior
from core.engine.synthetic.pose_limits import clear_of_itself
from core.engine.synthetic.samples import DATASET_NAME, make_synthetic_samples
from core.errors import Cancelled, NotAProjectError, StudioError
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.types.imports import ImportSource
from core.workflows.demo_report import (
    DEMO_SETTING,
    PICTURE_FOLDER,
    DemoReport,
    DemoStage,
    report_on,
    stage_of,
)
from core.workflows.fit_project import fit_samples
from core.workflows.predict_project import predict_the_unpredicted

PROFILE = "paper"

_PEOPLE_SETTING, _SEED_SETTING = "demo_people", "demo_seed"
_MOST_PEOPLE = 100_000
_DRAWN_PER_PERSON = 4
_ENERGY_QUANTILE = 0.85
"""The least probable poses of the prior are contorted; they are left out."""


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
        stage = stage_of(dictionary)
        done = stage is DemoStage.COMPLETE or (stage is DemoStage.PICTURES and not fit)
        if stage is DemoStage.BEGUN:
            _add_people(dictionary, progress, cancel)
            dictionary.settings.set(DEMO_SETTING, DemoStage.PICTURES)
        if fit and not done:
            fits = fit_samples(project, profile=PROFILE, progress=progress, cancel=cancel)
            if fits.cancelled:
                raise Cancelled
            predicted = predict_the_unpredicted(project, progress=progress, cancel=cancel)
            if predicted is not None and predicted.cancelled:
                raise Cancelled
            dictionary.settings.set(DEMO_SETTING, DemoStage.COMPLETE)
        return replace(report_on(dictionary), already_there=done)


def _open_or_create(project: Path, *, people: int, seed: int) -> Dictionary:
    try:
        return Dictionary.open(project)
    except NotAProjectError:
        begun = {
            DEMO_SETTING: DemoStage.BEGUN,
            _PEOPLE_SETTING: str(people),
            _SEED_SETTING: str(seed),
        }
        return Dictionary.create(project, settings=begun)


def _add_people(
    dictionary: Dictionary, progress: ProgressCallback, cancel: CancelToken | None
) -> None:
    """Make all pictures, then add all samples in one transaction.

    An interrupted demo comes here again: the seed makes the same pictures over the old ones.
    """
    people = int(dictionary.settings.get(_PEOPLE_SETTING) or 0)
    seed = int(dictionary.settings.get(_SEED_SETTING) or 0)
    body = project_body(dictionary)
    samples = make_synthetic_samples(
        body,
        draw_body_poses(body, project_prior(dictionary), people, seed=seed),
        dictionary.project / PICTURE_FOLDER,
        seed=seed,
        progress=progress,
        cancel=cancel,
    )
    source = ImportSource(format="demo", dataset=DATASET_NAME)
    dictionary.samples.add(list(samples), source=source)


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
