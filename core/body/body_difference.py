"""How two bodies differ: vertex by vertex, joint by joint, in shape and in distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.body_axis import turned_to_middle
from core.body.display_body import DisplayBody
from core.geometry.procrustes import procrustes_aligned
from core.geometry.rotations import geodesic_angle, pose_to_matrices
from core.types.bodies import BodyParameters, CropCamera

MM = 1000.0


@dataclass(frozen=True, eq=False)
class BodyDifference:
    """A second body against a first one; distances in mm, angles in degrees.

    vertices_mm: (V,) with the pelvis joints laid on each other.
    vertices_aligned_mm: (V,) after Procrustes on the vertices (moved, turned and scaled).
    joints_mm: (24,) with the pelvis joints laid on each other.
    joints_aligned_mm: (24,) after Procrustes on the joints.
    joint_angles_deg: (24,) between the rotations of each joint relative to its parent; the root's
        relative to the camera.
    betas: (10,), second minus first. depth_m: metres, second minus first, both through the first
        one's lens.
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


def body_difference(
    body: DisplayBody, first: BodyParameters, second: BodyParameters
) -> BodyDifference:
    """Compare two bodies of one model and one crop, each with the camera that it has."""
    # About the same ray: a body keeps its own when its box is corrected.
    both = (turned_to_middle(first), turned_to_middle(second))
    joints = [body.skeleton(item.pose_axis_angle, item.betas).joints for item in both]
    vertices = [body.vertices(one) - joint[0] for one, joint in zip(both, joints, strict=True)]
    joints = [joint - joint[0] for joint in joints]
    turns = geodesic_angle(
        *(pose_to_matrices(item.pose_axis_angle.astype(np.float64)) for item in both)
    )
    return BodyDifference(
        vertices_mm=_distances_mm(*vertices),
        vertices_aligned_mm=_distances_mm(
            vertices[0], procrustes_aligned(vertices[1], vertices[0])
        ),
        joints_mm=_distances_mm(*joints),
        joints_aligned_mm=_distances_mm(joints[0], procrustes_aligned(joints[1], joints[0])),
        joint_angles_deg=np.rad2deg(turns).astype(np.float32),
        betas=(second.betas - first.betas).astype(np.float32),
        depth_m=_distance_m(second, lens=first.camera) - _distance_m(first, lens=first.camera),
    )


def _distance_m(body: BodyParameters, *, lens: CropCamera) -> float:
    """How far a body is where another lens sees it as large: z f' / f.

    Seen through a long lens the same person is ten times as far away; the two distances compare
    only where one lens shows both sizes.
    """
    return float(body.camera_translation[2]) * lens.focal_length_px / body.camera.focal_length_px


def _distances_mm(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float32]:
    distances: NDArray[np.float32] = (MM * np.linalg.norm(second - first, axis=-1)).astype(
        np.float32
    )
    return distances
