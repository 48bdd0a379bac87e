"""A body's place in the world from the places that it has before each camera of a rig.

Every picture's own root says where the body faces, W = C_vᵀ root_v. Its pelvis is where the rays
through it meet, with o_v = −C_vᵀ d_v where camera v stands and r_v the direction of its ray:

    q = argmin Σ_v |(I − r_v r_vᵀ)(q − o_v)|² + ε Σ_v |q − q_v|²

q_v is where picture v by itself has it. ε is small: it settles what rays leave open that are almost
parallel. docs/method.md, "Cameras whose places are known".
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.state import BodyState
from core.geometry.shared_unknowns import SharingLevel

_OWN_DEPTH = 1e-3
"""ε, the square of 3 % of a metre across the ray for each metre along it."""


def placed_in_world(
    body: KeypointBody, state: BodyState, rig: CameraRig, world_roots: Tensor
) -> BodyState:
    """The bodies with one root and one place in the world for each rig; others as they are.

    Args:
        body: of the bodies.
        state: B bodies, of equal betas within a rig.
        rig: of their cameras.
        world_roots: ``(B, 3, 3)``, equal within a rig.
    """
    pelvis = body.root_joint(state.betas)
    place = met_rays(pelvis + state.camera_translation, rig)
    seen = (rig.rotations @ place[..., None])[..., 0] + rig.translations
    placed = torch.tensor(rig.placed, device=pelvis.device)
    return replace(
        state,
        root=torch.where(placed[:, None, None], rig.rotations @ world_roots, state.root),
        camera_translation=torch.where(placed[:, None], seen - pelvis, state.camera_translation),
    )


def met_rays(points: Tensor, rig: CameraRig) -> Tensor:
    """Where the rays through points ``(B, 3)`` of the crops' frames meet in the world ``(B, 3)``.

    Equal for all rows of a rig; for a row by itself it is the point.
    """
    back = rig.rotations.mT
    own = (back @ (points - rig.translations)[..., None])[..., 0]
    stands = -(back @ rig.translations[..., None])[..., 0]
    ray = torch.nn.functional.normalize(own - stands, dim=1)
    identity = torch.eye(3).to(points)
    across = identity - ray[:, :, None] * ray[:, None]
    level = SharingLevel.of(rig.rigs, ())
    matrix = level.summed(across + _OWN_DEPTH * identity)
    right = level.summed((across @ stands[..., None])[..., 0] + _OWN_DEPTH * own)
    met: Tensor = level.on_members(torch.linalg.solve(matrix, right))
    return met
