"""Both stages by Adam, as the paper does it (docs/method.md, "Adam, as in the paper")."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.camera_stage import CameraStage, CameraState
from core.engine.smplify.objective import LossParts, Objective
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.state import BodyState
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle

_MEAN_DECAY, _SQUARE_DECAY, _LEAST_DIVISOR = 0.9, 0.999, 1e-8
"""Adam's usual numbers, which the paper keeps."""


def _descend(
    loss: Callable[[], Tensor], variables: Sequence[Tensor], *, steps: int, learning_rate: float
) -> None:
    """Adam on leaf tensors; every sample is on its own, because Adam works entry by entry.

    Step by step what ``torch.optim.Adam`` does, which would load PyTorch's compiler for it.
    """
    means, squares = ([torch.zeros_like(one) for one in variables] for _ in range(2))
    for step in range(1, steps + 1):
        gradients = torch.autograd.grad(loss().sum(), list(variables))
        rate = learning_rate / (1 - _MEAN_DECAY**step)
        scale = math.sqrt(1 - _SQUARE_DECAY**step)
        with torch.no_grad():
            for value, gradient, mean, square in zip(
                variables, gradients, means, squares, strict=True
            ):
                mean.lerp_(gradient, 1 - _MEAN_DECAY)
                square.mul_(_SQUARE_DECAY).addcmul_(gradient, gradient, value=1 - _SQUARE_DECAY)
                value.addcdiv_(mean, (square.sqrt() / scale).add_(_LEAST_DIVISOR), value=-rate)


def _leaf(values: Tensor) -> Tensor:
    return values.detach().clone().requires_grad_()


def fit_camera(
    stage: CameraStage, state: BodyState, *, steps: int, learning_rate: float
) -> BodyState:
    """Stage 1: root orientation and camera translation."""
    with torch.enable_grad():
        root, translation = _leaf(matrix_to_axis_angle(state.root)), _leaf(state.camera_translation)

        def loss() -> Tensor:
            moved = CameraState(axis_angle_to_matrix(root), translation)
            return stage.evaluate(moved).cost

        _descend(loss, [root, translation], steps=steps, learning_rate=learning_rate)
    return replace(
        state,
        root=axis_angle_to_matrix(root.detach()),
        camera_translation=translation.detach(),
    )


def fit_body(
    body: KeypointBody,
    objective: Objective,
    state: BodyState,
    *,
    steps: int,
    learning_rate: float,
    pull: EstimatePrior | None = None,
) -> tuple[BodyState, LossParts]:
    """Stage 2: pose, betas and root, the camera frozen; the last iterate, not the best."""

    def parts(at: BodyState) -> LossParts:
        matrices = at.pose_matrices
        keypoints = body.keypoints(matrices, at.betas)
        found = objective.parts(keypoints, at.body_pose, at.betas, at.camera_translation)
        if pull is None:
            return found
        turns = pull.turns(matrices)
        return replace(found, pull=pull.energy(turns, at.betas, at.camera_translation))

    with torch.enable_grad():
        root, pose = _leaf(matrix_to_axis_angle(state.root)), _leaf(state.body_pose)
        betas = _leaf(state.betas)

        def loss() -> Tensor:
            moved = BodyState(axis_angle_to_matrix(root), pose, betas, state.camera_translation)
            return parts(moved).total

        _descend(loss, [pose, betas, root], steps=steps, learning_rate=learning_rate)
    fitted = BodyState(
        axis_angle_to_matrix(root.detach()),
        pose.detach(),
        betas.detach(),
        state.camera_translation,
    )
    with torch.no_grad():
        return fitted, parts(fitted)
