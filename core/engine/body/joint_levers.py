"""How the joints of a body move with its pose, its shape and its place.

A small turn d of joint k, in the body's frame, moves every joint h below it by

    d × (c_h − c_k) = −[c_h − c_k]ₓ d

and the betas move it by Σ_i G_parent(i) ∂(J_i − J_parent(i))/∂β over the joints i at or above h.
Exact: joints do not depend on the pose blend shapes. docs/method.md, "SMPL".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from core.body.conventions import SKELETON_PARENTS
from core.body.kinematics import ancestor_matrix
from core.geometry.array_namespace import ArrayT, array_namespace, constant_like
from core.geometry.rotation_jacobian import skew
from core.types.arrays import NUM_BETAS, NUM_JOINTS

_ABOVE = ancestor_matrix(SKELETON_PARENTS)


def joints_by_turns(joints_m: ArrayT, joint_frames: ArrayT, chosen: Sequence[int]) -> Any:
    """The derivative ``(B, H, 3, 72)`` of H joints by the coordinates of all 24.

    Args:
        joints_m: ``(B, 24, 3)`` metres, c_j.
        joint_frames: ``(B, 24, 3, 3)``, what maps the coordinates of a joint to a small turn in the
            body's frame, as ``KeypointBody.row_derivatives`` takes them.
        chosen: the H joints, 0 to 23.
    """
    xp = array_namespace(joint_frames)
    above = constant_like(joint_frames, _ABOVE[:, list(chosen)].T)
    levers = (joints_m[:, list(chosen), None] - joints_m[:, None]) * above[..., None]
    # (B, H, 24, 3, 3) @ (B, 1, 24, 3, 3) -> (B, H, 3, 24, 3)
    by_turns = xp.moveaxis(-skew(levers) @ joint_frames[:, None], 2, 3)
    return xp.reshape(by_turns, (*by_turns.shape[:3], -1))


def joints_by_betas(parent_rotations: Tensor, relative_slopes: Tensor) -> Tensor:
    """The derivative ``(B, 24, 3, 10)`` of the joints by the betas.

    Args:
        parent_rotations: ``(B, 24, 3, 3)``, G_parent(j).
        relative_slopes: ``(10, 72)``, ∂(J_j − J_parent(j))/∂β, as ``BodyKinematics`` has them.
    """
    slopes = relative_slopes.T.reshape(NUM_JOINTS, 3, NUM_BETAS)
    steps = (parent_rotations @ slopes).flatten(2)
    above: Tensor = constant_like(parent_rotations, _ABOVE.T)
    return (above @ steps).view(len(steps), NUM_JOINTS, 3, NUM_BETAS)
