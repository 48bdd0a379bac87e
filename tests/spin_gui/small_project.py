"""Makes small projects for the tests of the window: a few people, with pictures and fits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin
from core.types.samples import NewSample

PICTURE_SIZE_PX = (160, 120)


def make_project(
    folder: Path, *, people: int = 6, losses: Sequence[float] | None = None, pictures: bool = True
) -> Path:
    """A project whose sample ``k`` (from 1) is ``person_000k.png`` with loss ``losses[k - 1]``."""
    losses = [10.0 * (index + 1) for index in range(people)] if losses is None else losses
    project = folder / "project"
    with Dictionary.create(project) as dictionary:
        samples = [new_sample(folder, index + 1, picture=pictures) for index in range(people)]
        ids = dictionary.samples.add(samples).added_ids
        dictionary.fits.offer(
            [new_fit(sample_id, loss) for sample_id, loss in zip(ids, losses, strict=False)]
        )
    return project


def new_sample(folder: Path, number: int, *, picture: bool = True, visible: int = 20) -> NewSample:
    """One person; the picture is a grey ramp with a coloured square at the person."""
    path = folder / f"person_{number:04d}.png"
    if picture:
        width, height = PICTURE_SIZE_PX
        pixels = np.tile(np.linspace(40, 200, width, dtype=np.uint8), (height, 1))
        pixels = np.repeat(pixels[..., None], 3, axis=2)
        pixels[40:80, 60:100] = (40 * number % 256, 120, 200)
        cv2.imwrite(str(path), pixels)
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[25 : 25 + visible] = [80, 60, 1]
    return NewSample(
        picture_path=path,
        picture_size_px=PICTURE_SIZE_PX,
        dataset="trial",
        person_key="0",
        box_center_px=np.array([80, 60], np.float32),
        box_scale=0.4,
        keypoints_px=keypoints,
    )


def new_fit(
    sample_id: int,
    loss: float,
    *,
    beta: float = 0.5,
    turn_rad: float = 0.0,
    origin: Origin = Origin.MEAN,
    runner_up: bool = False,
) -> NewFit:
    """A fit with the given comparison loss; ``turn_rad`` tells bodies apart."""
    pose = np.zeros(72, np.float32)
    pose[0], pose[4] = np.pi, turn_rad
    betas = np.full(10, 0.2, np.float32)
    betas[1] = beta
    return NewFit(
        sample_id=sample_id,
        parameters=BodyParameters(pose, betas, np.array([0.0, 0.2, 42.0], np.float32)),
        losses=FitLosses(
            reprojection=loss * 12,
            pose_prior=80.0,
            angle_prior=3.5,
            shape_prior=2.0,
            comparison=loss,
        ),
        origin=origin,
        runner_up=runner_up,
    )
