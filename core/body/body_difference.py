"""How two bodies differ: vertex by vertex, joint by joint, in shape and in distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.body.model import BodyModel
from core.geometry.procrustes import procrustes_aligned
from core.geometry.rotations import geodesic_angle, pose_to_matrices
from core.records import BodyParameters

MM = 1000.0


@dataclass(frozen=True, eq=False)
class BodyDifference:
    """A second body against a first one; distances in mm, angles in degrees.

    vertices_mm: (V,) with the pelvis joints laid on each other; vertices_aligned_mm: (V,) after
    Procrustes on the vertices (moved, turned and scaled). joints_mm, joints_aligned_mm: (24,)
    likewise, Procrustes on the joints. joint_angles_deg: (24,) between the rotations of each joint
    against its parent's, the root against the camera. betas: (10,) and depth_m: second minus first.
    """

    vertices_mm: NDArray[np.float32]
    vertices_aligned_mm: NDArray[np.float32]
    joints_mm: NDArray[np.float32]
    joints_aligned_mm: NDArray[np.float32]
    joint_angles_deg: NDArray[np.float32]
    betas: NDArray[np.float32]
    depth_m: float

    @property
    def mean_joint_mm(self) -> float:
        """Mean over the 24 joints, roots laid on each other."""
        return float(self.joints_mm.mean())

    @property
    def mean_joint_aligned_mm(self) -> float:
        """Mean over the 24 joints after Procrustes."""
        return float(self.joints_aligned_mm.mean())

    @property
    def mean_joint_angle_deg(self) -> float:
        """Mean over the 23 joints below the root."""
        return float(self.joint_angles_deg[1:].mean())


@torch.no_grad()
def body_difference(
    body: BodyModel, first: BodyParameters, second: BodyParameters
) -> BodyDifference:
    """Compare two bodies of one model, each in its crop's camera."""
    pose, betas, camera = (
        torch.from_numpy(np.stack([getattr(first, name), getattr(second, name)])).to(
            device=body.device, dtype=body.dtype
        )
        for name in ("pose_axis_angle", "betas", "camera_translation")
    )
    rotations = pose_to_matrices(pose)
    posed = body(rotations, betas)
    vertices, joints = (part - posed.joints[:, :1] for part in (posed.vertices, posed.joints))
    return BodyDifference(
        vertices_mm=_distances(vertices),
        vertices_aligned_mm=_aligned_distances(vertices),
        joints_mm=_distances(joints),
        joints_aligned_mm=_aligned_distances(joints),
        joint_angles_deg=_array(torch.rad2deg(geodesic_angle(rotations[0], rotations[1]))),
        betas=_array(betas[1] - betas[0]),
        depth_m=float(camera[1, 2] - camera[0, 2]),
    )


def _distances(points: Tensor) -> NDArray[np.float32]:
    return _array(MM * torch.linalg.vector_norm(points[1] - points[0], dim=-1))


def _aligned_distances(points: Tensor) -> NDArray[np.float32]:
    aligned = procrustes_aligned(points[1:], points[:1])
    return _array(MM * torch.linalg.vector_norm(aligned[0] - points[0], dim=-1))


def _array(values: Tensor) -> NDArray[np.float32]:
    return values.float().cpu().numpy().astype(np.float32)
