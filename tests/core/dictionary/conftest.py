"""Small projects, made-up samples and fits for the tests of the dictionary."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin
from core.types.samples import NewSample

MakeSample = Callable[..., NewSample]
MakeFit = Callable[..., NewFit]


def new_sample(
    number: int = 0, *, dataset: str = "coco", visible: int = 49, picture: str | None = None
) -> NewSample:
    keypoints = np.zeros((49, 3), dtype=np.float32)
    # From the end: the last joints are the ones that SMPLify never ignores.
    keypoints[49 - visible :] = [320.0, 240.0, 0.9]
    return NewSample(
        picture_path=Path(f"/pictures/{picture or f'{number:06d}.jpg'}"),
        picture_size_px=(640, 480),
        dataset=dataset,
        person_key=f"person {number}",
        box_center_px=np.array([320.5, 240.25], dtype=np.float32),
        box_scale=1.25,
        keypoints_px=keypoints,
    )


def new_fit(
    sample_id: int,
    *,
    loss: float = 50.0,
    pose: object = 0.0,
    beta: float = 0.5,
    depth_m: float = 40.0,
    origin: Origin = Origin.IN_LOOP,
    run_id: int | None = None,
    iteration: int | None = None,
    runner_up: bool = False,
) -> NewFit:
    return NewFit(
        sample_id=sample_id,
        parameters=BodyParameters(
            pose_axis_angle=np.broadcast_to(np.float32(pose), (72,)).astype(np.float32),
            betas=np.full(10, beta, dtype=np.float32),
            camera_translation=np.array([0.1, 0.2, depth_m], dtype=np.float32),
        ),
        losses=FitLosses(
            reprojection=900.0,
            pose_prior=70.0,
            angle_prior=5.0,
            shape_prior=3.0,
            depth=0.5,
            pull=0.25,
            comparison=loss,
        ),
        origin=origin,
        run_id=run_id,
        iteration=iteration,
        runner_up=runner_up,
    )


@pytest.fixture
def make_sample() -> MakeSample:
    return new_sample


@pytest.fixture
def make_fit() -> MakeFit:
    return new_fit


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def dictionary(project: Path) -> Iterator[Dictionary]:
    """A dictionary that must be consistent when its test is over."""
    with Dictionary.create(project) as opened:
        yield opened
        assert opened.problems() == []


@pytest.fixture
def sample_id(dictionary: Dictionary) -> int:
    return dictionary.samples.add([new_sample()]).added_ids[0]
