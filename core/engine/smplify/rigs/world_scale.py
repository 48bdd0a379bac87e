"""How long the unit of a calibration is, told by the size of the people before its cameras.

Keypoints that several cameras of a rig saw are triangulated in the calibration's own unit. The
median, over all limbs and moments of a world, of the mean body's length over the triangulated one
is its metres per unit. Where that is near a unit that people use, it is that unit; a stated unit
stands unless the people contradict it. docs/method.md, "Cameras whose places are known".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.initial_camera import LIMB_SEGMENTS
from core.engine.smplify.inputs import Keypoints2D
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.geometry.crop_camera import rays_of
from core.geometry.shared_unknowns import SharingLevel
from core.types.camera_poses import CameraPose

UNITS_M = (1.0, 0.3048, 0.0254, 0.01, 0.001)
"""Metres, feet, inches, centimetres, millimetres."""

SAME_UNIT = 1.55
"""A factor up to which a measured unit is one of these, or a stated one is believed: people from
1.1 m on. Inches and centimetres differ by 2.54, so that no length is near two of them."""

_LEAST_SPREAD = 0.01
"""The least eigenvalue of the mean of I − r rᵀ: rays that meet under less than some 12° are left
out."""

_SHORTEST_SHARE = 1e-6
"""Of a limb, in units: what is shorter has no length."""


def metres_per_unit(
    body: KeypointBody,
    keypoints: Keypoints2D,
    poses: Sequence[CameraPose | None],
    moments: Sequence[int],
) -> list[float]:
    """Metres in the unit of each row's world ``(B,)``; 1 where the row has no place.

    Args:
        body: its mean shape is the ruler.
        keypoints: B samples.
        poses: of their cameras.
        moments: of the B rows.
    """
    rig = CameraRig.of(poses, keypoints.cameras, moments, metres_per_unit=[1.0] * len(poses))
    ratios = _ratios(body, keypoints, rig.to(keypoints.positions_crop_px))
    rows_of: dict[str, list[int]] = {}
    for row, pose in enumerate(poses):
        if pose is not None:
            rows_of.setdefault(pose.world, []).append(row)
    found = [1.0] * len(poses)
    for rows in rows_of.values():
        measured = float(torch.nanmedian(ratios[rows]))
        for row in rows:
            pose = poses[row]
            found[row] = settled_unit(measured, None if pose is None else pose.metres_per_unit)
    return found


def settled_unit(measured: float, stated: float | None) -> float:
    """The unit in metres, from what people's size says and what the calibration states."""
    if not (math.isfinite(measured) and measured > 0):
        return 1.0 if stated is None else stated
    candidates = UNITS_M if stated is None else (stated, *UNITS_M)
    nearest = min(candidates, key=lambda unit: abs(math.log(unit / measured)))
    if stated is not None and _is_near(stated, measured):
        return stated
    return nearest if _is_near(nearest, measured) else measured


def _is_near(unit: float, measured: float) -> bool:
    return abs(math.log(unit / measured)) <= math.log(SAME_UNIT)


def _ratios(body: KeypointBody, keypoints: Keypoints2D, rig: CameraRig) -> Tensor:
    """Real over triangulated limb lengths ``(B, L)``; NaN where a limb was not triangulated."""
    points = _triangulated(keypoints, rig)
    first, second = torch.tensor(LIMB_SEGMENTS, device=points.device).unbind(1)
    measured = torch.linalg.vector_norm(points[:, first] - points[:, second], dim=-1)
    rest = torch.eye(3).to(points).expand(1, 24, 3, 3)
    mean = body.keypoints(rest, points.new_zeros(1, 10))
    real = torch.linalg.vector_norm(mean[:, first] - mean[:, second], dim=-1)
    return torch.where(measured > _SHORTEST_SHARE, real / measured, torch.nan)


def _triangulated(keypoints: Keypoints2D, rig: CameraRig) -> Tensor:
    """Keypoints in the world ``(B, 49, 3)``, equal within a rig; NaN where they are not known."""
    rays = torch.nn.functional.normalize(
        rays_of(keypoints.positions_crop_px, keypoints.cameras) @ rig.rotations, dim=-1
    )
    stands = -(rig.rotations.mT @ rig.translations[..., None])[:, None]  # (B, 1, 3, 1)
    weight = keypoints.confidence[..., None, None]
    across = weight * (torch.eye(3).to(rays) - rays[..., :, None] * rays[..., None, :])
    level = SharingLevel.of(rig.rigs, ())
    # (B, 49, 3, 3) and (B, 49, 3) -> sums over the rows of each rig
    matrix, right = level.summed(across), level.summed((across @ stands)[..., 0])
    total = level.summed(keypoints.confidence).clamp_min(1e-9)
    spread = torch.linalg.eigvalsh(matrix)[..., 0] / total
    known = spread > _LEAST_SPREAD
    identity = torch.eye(3).to(rays)
    solvable = torch.where(known[..., None, None], matrix, identity)
    points = torch.linalg.solve(solvable, right)
    found: Tensor = level.on_members(torch.where(known[..., None], points, torch.nan))
    return found
