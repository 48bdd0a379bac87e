"""Both stages by Adam, as the paper does it.

    m ← 0.9 m + 0.1 g        q ← 0.999 q + 0.001 g²
    x ← x − learning_rate · (m / (1 − 0.9ⁿ)) / (√(q / (1 − 0.999ⁿ)) + 1e-8)

in step n = 1, 2, …, with m for ``mean`` and q for ``square``. The unknowns are rotation vectors,
betas and, in stage 1, the camera. Sources: Kingma and Ba 2015, algorithm 1; Kolotouros et al. 2019,
section 3.3 and supplement; docs/method.md, "Adam, as in the paper".
"""

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
"""β₁, β₂ and ε as Kingma and Ba propose them; the published code keeps them."""


def _descend(
    loss: Callable[[], Tensor], variables: Sequence[Tensor], *, steps: int, learning_rate: float
) -> None:
    """Move leaf tensors down a loss, in place, step by step as ``torch.optim.Adam`` does.

    That class would load PyTorch's compiler on its first use
    (docs/decisions/0011-no-compiler-in-a-fit.md).

    Args:
        loss: ``(B,)`` at the present values of the variables.
        variables: leaves ``(B, …)`` that require a gradient.
        steps: how many steps are taken; none is refused.
        learning_rate: about the largest change of an entry in one step.
    """
    means = [torch.zeros_like(variable) for variable in variables]
    squares = [torch.zeros_like(variable) for variable in variables]
    for step in range(1, steps + 1):
        # The sum of the losses of all samples has each sample's own gradient in its rows, and Adam
        # works entry by entry: so the samples of a batch do not influence one another.
        gradients = torch.autograd.grad(loss().sum(), list(variables))
        # m and q begin at 0 and would be too small at first: their expectations are those of g and
        # g² times 1 − 0.9ⁿ and 1 − 0.999ⁿ (Kingma and Ba 2015, section 3).
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
    """Stage 1: the root's orientation and the camera's translation; pose and betas stay."""
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
    estimate_prior: EstimatePrior | None = None,
) -> tuple[BodyState, LossParts]:
    """Stage 2: pose, betas and root, with the camera frozen.

    Returns:
        The last iterate, not the best one, and the terms of the objective there.
    """

    def parts(at: BodyState) -> LossParts:
        matrices = at.pose_matrices
        keypoints = body.keypoints(matrices, at.betas)
        found = objective.parts(keypoints, at.body_pose, at.betas, at.camera_translation)
        if estimate_prior is None:
            return found
        turns = estimate_prior.turns(matrices)
        return replace(found, pull=estimate_prior.energy(turns, at.betas, at.camera_translation))

    with torch.enable_grad():
        # The paper descends in rotation vectors. Nothing wraps them on the way, so an angle may end
        # beyond π, where it is still the same rotation.
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
