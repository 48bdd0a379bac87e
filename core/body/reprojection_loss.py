"""The comparison loss of single bodies with NumPy, for edits in a window without PyTorch.

The ``studio`` rule of ``core.engine.smplify.reprojection_loss``, step by step and in double
precision: losses that a person's edit writes are compared with those that a training wrote. A test
holds both together to a ten-thousandth.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import IGNORED_KEYPOINTS
from core.body.display_body import DisplayBody
from core.geometry.camera_solve_limits import (
    COMPARISON_SIGMA_PX,
    DAMPING_RANGE,
    DEFAULT_DEPTH_M,
    FIRST_DAMPING,
    MIN_DEPTH_M,
    REFINEMENT_STEPS,
    SMALLEST_CURVATURE,
    TIE_TO_DEFAULT_PX2,
)
from core.geometry.crop_camera import CROP_CENTER_PX, FOCAL_LENGTH_PX, project_to_crop
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape
from core.types.bodies import BodyParameters

_Array = NDArray[np.float64]


def array_comparison_loss(
    points: NDArray[np.floating], keypoints_crop_px: FloatArray
) -> float | None:
    """How badly a body reprojects, in px² of the crop per fully confident joint.

    Args:
        points: ``(49, 3)`` metres, the body's keypoints; its own camera does not matter.
        keypoints_crop_px: ``(49, 3)`` x, y, confidence; a joint that is not finite is absent.

    Returns:
        The loss; None where no joint counts, which says nothing of any body.
    """
    check_shape("points", points, (NUM_KEYPOINTS, 3))
    check_shape("keypoints_crop_px", keypoints_crop_px, (NUM_KEYPOINTS, 3))
    present = np.isfinite(keypoints_crop_px).all(axis=1) & (keypoints_crop_px[:, 2] > 0)
    present[list(IGNORED_KEYPOINTS)] = False
    if not present.any():
        return None
    seen = keypoints_crop_px[present].astype(np.float64)
    problem = _TranslationProblem(points[present].astype(np.float64), seen[:, :2], seen[:, 2] ** 2)
    return problem.smallest_cost() / float(problem.weights.sum())


class _TranslationProblem:
    """``Σ w (ρ(dx) + ρ(dy))`` over the camera translation of one body; weights are squared."""

    def __init__(self, points: _Array, seen_px: _Array, weights: _Array) -> None:
        self.points, self.seen_px, self.weights = points, seen_px, weights

    def smallest_cost(self) -> float:
        """Levenberg–Marquardt as ``core.engine.smplify.levenberg_marquardt.minimise`` does it."""
        translation = self._linear_start()
        cost, residual = self._evaluated(translation)
        damping, growth = FIRST_DAMPING, 2.0
        for _ in range(REFINEMENT_STEPS):
            step, promised = self._damped_step(translation, residual, damping)
            new_cost, new_residual = self._evaluated(translation + step)
            if new_cost < cost:
                gained = (cost - new_cost) / max(promised, 1e-9)
                damping *= float(np.clip(1 - (2 * gained - 1) ** 3, 1 / 5, 2.0))
                growth = 2.0
                translation, cost, residual = translation + step, new_cost, new_residual
            else:
                damping, growth = damping * growth, min(2 * growth, 1e6)
            damping = float(np.clip(damping, *DAMPING_RANGE))
        return cost

    def _linear_start(self) -> _Array:
        """As ``core.engine.smplify.camera_translation.least_squares_translation``."""
        toward = CROP_CENTER_PX - self.seen_px
        known = -(FOCAL_LENGTH_PX * self.points[:, :2] + toward * self.points[:, 2:])
        weight, total = self.weights, self.weights.sum()
        tie = TIE_TO_DEFAULT_PX2 * total
        system = np.diag([FOCAL_LENGTH_PX**2 * total] * 2 + [0.0])
        system[:2, 2] = system[2, :2] = FOCAL_LENGTH_PX * (weight @ toward)
        system[2, 2] = weight @ (toward**2).sum(axis=1) + tie
        right = np.append(
            FOCAL_LENGTH_PX * (weight @ known),
            weight @ (toward * known).sum(axis=1) + tie * DEFAULT_DEPTH_M,
        )
        translation: _Array = np.linalg.solve(system, right)
        translation[2] = max(translation[2], 2 * MIN_DEPTH_M)
        return translation

    def _evaluated(self, translation: _Array) -> tuple[float, _Array]:
        """Cost, infinite where the camera is too close, and residuals ``(N, 2)``."""
        residual = project_to_crop(self.points, translation) - self.seen_px
        errors = residual**2 / (1 + (residual / COMPARISON_SIGMA_PX) ** 2)
        in_front = translation[2] > MIN_DEPTH_M
        return (float(self.weights @ errors.sum(axis=1)) if in_front else np.inf), residual

    def _damped_step(
        self, translation: _Array, residual: _Array, damping: float
    ) -> tuple[_Array, float]:
        """The step ``(3,)`` and the decrease that the quadratic model promises."""
        x, y, depth = (self.points + translation).T
        per_depth, nought = FOCAL_LENGTH_PX / depth, np.zeros_like(depth)
        rows = np.stack(
            [
                np.stack([per_depth, nought, -per_depth * x / depth], axis=1),
                np.stack([nought, per_depth, -per_depth * y / depth], axis=1),
            ],
            axis=1,
        )
        robust = 1 / (1 + (residual / COMPARISON_SIGMA_PX) ** 2) ** 2
        weighted = rows * (self.weights[:, None] * robust)[..., None]
        gradient = np.einsum("npc,np->c", weighted, residual)
        curvature = np.einsum("npc,npd->cd", weighted, rows)
        scale = np.diag(curvature)
        damped = curvature + np.diag(damping * scale + SMALLEST_CURVATURE)
        try:
            np.linalg.cholesky(damped)  # refuses what is not positive definite; solve does not
            step: _Array = -np.linalg.solve(damped, gradient)
        except np.linalg.LinAlgError:
            return np.zeros(3), 0.0
        return step, float(step @ (damping * scale * step - gradient))


def compared_bodies(
    body: DisplayBody, keypoints_crop_px: FloatArray, bodies: Sequence[BodyParameters]
) -> list[float] | None:
    """Comparison losses of bodies of one model against ``(49, 3)`` keypoints of their crop.

    None where no joint counts, or there are no bodies: nothing is known then.
    """
    losses = [array_comparison_loss(body.keypoints(one), keypoints_crop_px) for one in bodies]
    known = [loss for loss in losses if loss is not None]
    return known or None
