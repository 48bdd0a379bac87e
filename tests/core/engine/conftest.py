"""People with known bodies, drawn from the pose prior."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.crop_camera import CropCameras, project_to_crop
from core.geometry.rotations import (
    axis_angle_to_matrix,
    facing_root,
)


@dataclass(frozen=True, eq=False)
class KnownPeople:
    """Bodies, their 49 keypoints in 3D and as a perfect detector sees them, and a rough guess."""

    truth: BodyEstimate
    keypoints_3d: torch.Tensor
    keypoints: Keypoints2D
    guess: BodyEstimate


MakePeople = Callable[..., KnownPeople]


def cameras_at(diagonals: float, *, off_center: bool) -> CropCameras[torch.Tensor]:
    """The camera of a crop of 600 px in a picture of 1920 × 1080 px.

    Args:
        diagonals: the focal length, in diagonals of the picture.
        off_center: whether the crop lies in the picture's lower right corner, not in its middle.
    """
    per_px = 224 / 600
    focal = torch.tensor([diagonals * math.hypot(1920, 1080) * per_px])
    from_crop = torch.tensor([[-660.0, -240.0]]) if off_center else torch.zeros(1, 2)
    middle = torch.full((1, 2), 112.0)
    return CropCameras(focal, middle + from_crop * per_px, middle)


@pytest.fixture(scope="session")
def precise_body() -> BodyModel:
    return load_body(dtype=torch.float64)


@pytest.fixture(scope="session")
def keypoint_body(open_body: BodyModel) -> KeypointBody:
    return KeypointBody(open_body)


@pytest.fixture(scope="session")
def precise_keypoint_body(precise_body: BodyModel) -> KeypointBody:
    return KeypointBody(precise_body)


@pytest.fixture(scope="session")
def prior() -> PosePrior:
    return PosePrior.load()


@pytest.fixture(scope="session")
def make_people(prior: PosePrior, precise_keypoint_body: KeypointBody) -> MakePeople:
    def make(
        count: int,
        *,
        seed: int = 0,
        dtype: torch.dtype = torch.float32,
        yaw: float | None = None,
        noise_px: float = 0.0,
        missing: float = 0.0,
        cameras: CropCameras[torch.Tensor] = LONG_LENSES,
    ) -> KnownPeople:
        rng = np.random.default_rng(seed)
        body = precise_keypoint_body

        def normal(*shape: int) -> torch.Tensor:
            return torch.from_numpy(rng.standard_normal(shape))

        pose = torch.from_numpy(prior.sample(count, rng))
        yaws = torch.from_numpy(rng.uniform(-np.pi, np.pi, count))
        root = facing_root(yaws if yaw is None else torch.full_like(yaws, yaw))
        joints = axis_angle_to_matrix(pose.view(count, 23, 3))
        rotations = torch.cat([root[:, None], joints], dim=1)
        betas = normal(count, 10)
        points = body.keypoints(rotations, betas)
        middle = (points.amin(1) + points.amax(1))[:, :2] / 2
        lenses = cameras.converted(lambda part: part.double().expand(count, *part.shape[1:]))
        # As large in the crop whatever the focal length.
        depth = (45 + 5 * normal(count, 1).clamp(-2, 2)) / lenses.long_lens_ratio[:, None]
        camera = torch.cat([-middle, depth], dim=1)
        seen = project_to_crop(points, camera, lenses) + noise_px * normal(count, 49, 2)
        present = torch.from_numpy(rng.random((count, 49)) >= missing).double()
        turned = rotations @ axis_angle_to_matrix(0.1 * normal(count, 24, 3))
        nearer = camera.clone()
        nearer[:, 2] *= 1 + 0.03 * normal(count)
        guess = BodyEstimate(turned, betas + 0.3 * normal(count, 10), nearer)
        cpu = torch.device("cpu")
        return KnownPeople(
            BodyEstimate(rotations, betas, camera).to(device=cpu, dtype=dtype),
            points.to(dtype),
            Keypoints2D(seen * present[..., None], present, lenses).to(device=cpu, dtype=dtype),
            guess.to(device=cpu, dtype=dtype),
        )

    return make
