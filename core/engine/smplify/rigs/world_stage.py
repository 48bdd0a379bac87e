"""Stage 2 for bodies that cameras of known places see: one root in the world for each rig.

In the frame of crop v the body of world root W, with its pelvis at q, has

    root_v = C_v W        t_v = C_v q + d_v − p(β)        p(β) = p_0 + P β, the root joint at rest

A turn δ of W in the body's own frame is the same turn of every root_v. A step of the unknowns that
a rig has once, u = [ δ_W 3 | δ_θ 69 | δ_β 10 | δ_q 3 ], is therefore the step T_v u of picture v,

    T_v = I but for the rows of the camera:  δ_t,v = C_v δ_q − P δ_β

and what ``BodyStage`` says of its own 85 unknowns becomes g'_v = T_vᵀ g_v and H'_v = T_vᵀ H_v T_v.
The maps are linear, so pictures that begin with one root keep one. docs/method.md, "Cameras whose
places are known".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.body_stage import BodyEvaluation, BodyStage
from core.engine.smplify.rigs.camera_rig import CameraRig
from core.engine.smplify.state import BodyState

_BETAS = slice(72, 82)
_CAMERA = slice(82, 85)


class WorldStage:
    """The problem of a ``BodyStage`` in the unknowns of the world; of its own where no rig is."""

    def __init__(self, stage: BodyStage, body: KeypointBody, rig: CameraRig) -> None:
        self._stage = stage
        placed = torch.tensor(rig.placed, device=rig.rotations.device)
        identity = torch.eye(85, dtype=body.dtype, device=body.device)
        in_world = identity.repeat(len(rig), 1, 1)
        in_world[:, _CAMERA, _CAMERA] = rig.rotations
        none = torch.zeros(1, 10, dtype=body.dtype, device=body.device)
        # P, (3, 10): p is linear in β, so its values at unit vectors tell it.
        by_betas = (body.root_joint(none.new_ones(10).diag()) - body.root_joint(none)).mT
        in_world[:, _CAMERA, _BETAS] = -by_betas
        # T_v of each row.
        self._to_rows = torch.where(placed[:, None, None], in_world, identity)

    def evaluate(self, state: BodyState) -> BodyEvaluation:
        """The objective of a state, as ``BodyStage`` has it."""
        return self._stage.evaluate(state)

    def normal_equations(
        self, state: BodyState, evaluation: BodyEvaluation
    ) -> tuple[Tensor, Tensor]:
        """Halved gradient ``(B, 85)`` and curvature ``(B, 85, 85)``, by the world's unknowns."""
        gradient, curvature = self._stage.normal_equations(state, evaluation)
        to_rows = self._to_rows
        return (gradient[:, None] @ to_rows)[:, 0], to_rows.mT @ curvature @ to_rows

    def moved(self, state: BodyState, step: Tensor) -> BodyState:
        """The state after a step ``(B, 85)`` of the unknowns of the world."""
        return self._stage.moved(state, (self._to_rows @ step[..., None])[..., 0])
