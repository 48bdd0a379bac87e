"""Posed bodies to draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.engine.body.smpl_body import BodyModel
from core.rendering.render_thread import RenderService


@dataclass(frozen=True, eq=False)
class Posed:
    """Vertices (V, 3), skeleton (24, 3) and keypoints (49, 3) of one body, and its translation."""

    vertices: NDArray[np.float32]
    joints: NDArray[np.float32]
    keypoints: NDArray[np.float32]
    camera_translation: NDArray[np.float32]


@pytest.fixture(scope="package")
def posed(open_body: BodyModel) -> Posed:
    """Faces the camera, left arm (picture right) bent before the chest, off the crop's middle."""
    pose = torch.zeros(1, 72)
    pose[0, 0] = torch.pi
    pose[0, 3 * 16 + 1] = -1.3  # left shoulder: the arm swings forward
    pose[0, 3 * 18 + 1] = -1.1  # left elbow: the hand comes before the chest
    pose[0, 3 * 17 + 2] = 1.2  # right shoulder: the arm hangs
    body = open_body.posed(pose, torch.zeros(1, 10))
    return Posed(
        body.vertices[0].numpy(),
        body.joints[0].numpy(),
        body.keypoints[0].numpy(),
        np.array([0.12, 0.35, 52.0], dtype=np.float32),
    )


@pytest.fixture(scope="package")
def service(open_body: BodyModel) -> Iterator[RenderService]:
    with RenderService(open_body.faces) as running:
        yield running
