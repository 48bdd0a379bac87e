"""A small project whose people are the mean body."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin
from core.types.samples import NewSample

PICTURE_SIZE = (320, 240)
PEOPLE = 5


def losses(comparison: float) -> FitLosses:
    return FitLosses(
        reprojection=1.0, pose_prior=1.0, angle_prior=0.0, shape_prior=0.0, comparison=comparison
    )


def parameters(index: int = 0) -> BodyParameters:
    """An upright body that faces the camera; each index has another shape."""
    pose = np.zeros(72, dtype=np.float32)
    pose[0] = np.pi
    betas = np.zeros(10, dtype=np.float32)
    betas[0] = 0.1 * index
    return BodyParameters(pose, betas, np.array([0.0, 0.1, 55.0], dtype=np.float32))


def keypoints_px(body: BodyModel, fit: BodyParameters, box: Box) -> NDArray[np.float32]:
    """(49, 3): exactly where the body's keypoints are seen."""
    tensors = [
        torch.from_numpy(array[None].copy())
        for array in (fit.pose_axis_angle, fit.betas, fit.camera_translation)
    ]
    posed = body.posed(tensors[0], tensors[1])
    in_crop = project_to_crop(posed.keypoints, tensors[2])[0].numpy()
    in_picture = box.crop_to_picture(in_crop)
    return np.concatenate([in_picture, np.full((49, 1), 0.9, np.float32)], axis=1)


def write_picture(path: Path, index: int) -> None:
    """A picture whose colour tells its index."""
    width, height = PICTURE_SIZE
    picture = np.full((height, width, 3), 40 * index + 30, dtype=np.uint8)
    cv2.imwrite(str(path), picture)


def new_sample(folder: Path, body: BodyModel, index: int) -> NewSample:
    path = folder / f"person_{index}.png"
    write_picture(path, index)
    center = np.array([160.0, 120.0], dtype=np.float32)
    return NewSample(
        picture_path=path,
        picture_size_px=PICTURE_SIZE,
        dataset="test",
        person_key="0",
        box_center_px=center,
        box_scale=1.0,
        keypoints_px=keypoints_px(body, parameters(index), Box.of(center, 1.0)),
    )


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    """Five people; all but the last have a fit, the second one has a better one later."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    samples = [new_sample(folder, open_body, index) for index in range(PEOPLE)]
    with Dictionary.create(tmp_path / "project") as dictionary:
        ids = dictionary.samples.add(samples).added_ids
        dictionary.fits.offer(
            [
                NewFit(
                    sample_id=sample_id,
                    parameters=parameters(index),
                    losses=losses(5.0),
                    origin=Origin.MEAN,
                )
                for index, sample_id in enumerate(ids[:-1])
            ]
        )
        better = NewFit(
            sample_id=ids[1], parameters=parameters(9), losses=losses(2.0), origin=Origin.REFIT
        )
        dictionary.fits.offer([better])
    return tmp_path / "project"
