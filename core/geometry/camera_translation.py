"""The camera of a given body, solved for without a start: what makes losses of fits comparable.

    min_t Σ_j w_j² (ρ(dx_j) + ρ(dy_j))

A linear start (``least_squares_translation``) and four steps of Levenberg–Marquardt over t alone
(``refined_translation``); both take arrays of NumPy or tensors. docs/method.md, "The normalised
reprojection loss".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.geometry.array_namespace import ArrayT, array_namespace
from core.geometry.crop_camera import (
    CROP_SIZE_PX,
    MIN_DEPTH_M,
    CropCameras,
    SeenPoints,
    long_lens_like,
)
from core.geometry.levenberg_marquardt import minimise
from core.geometry.robust import robust_square, robust_weight

DEFAULT_SCALE = 0.9
"""SPIN's mean camera, for samples without any limb: the body fills nine tenths of the crop."""

DEFAULT_DEPTH_PER_PX = 2 / (CROP_SIZE_PX * DEFAULT_SCALE)
"""Metres of depth a pixel of focal length, z = 2 f / (224 s): 49.6 m before the long lens."""

TIE_TO_DEFAULT_PX2 = 1e-3
"""What holds the depth at the default, as a share of Σ w. It is the variance of the pixels, in px²,
below which joints tell less of the depth than it does."""

REFINEMENT_STEPS = 4
"""They end within a millionth of the minimum, or a thousandth where a fifth of the joints is far
off."""

_TINY = 1e-38
"""A tie where no joint has any weight, so that the depth is the default and not 0 / 0."""


def least_squares_translation(
    points: ArrayT,
    seen_px: ArrayT,
    weights: ArrayT,
    cameras: CropCameras[ArrayT] | None = None,
) -> ArrayT:
    """The camera translation that is best in the linear least-squares sense.

    In the frame of the picture's camera, with S = R X and t' = R t, it minimises ``Σ w ‖f (S_xy +
    t'_xy) + (c − x)(S_z + t'_z)‖² + tie (t'_z − default)²``, the projection of points onto pixels x
    times its depth, in double precision. With ``d = c − x`` and ``k = −(f S_xy + d S_z)`` the
    normal equations are::

        [ f² Σw       0           f Σw d_x      ] [t'_x]   [ f Σw k_x                 ]
        [ 0           f² Σw       f Σw d_y      ] [t'_y] = [ f Σw k_y                 ]
        [ f Σw d_x    f Σw d_y    Σw |d|² + tie ] [t'_z]   [ Σw d · k + tie · default ]

    Samples whose joints do not determine the depth get that of SPIN's mean camera. No point is
    nearer than twice ``MIN_DEPTH_M``, so that a refinement begins with a finite cost.

    Args:
        points: ``(B, N, 3)`` metres in the crop's frame, not translated.
        seen_px: ``(B, N, 2)`` crop pixels.
        weights: ``(B, N)``.
        cameras: B of them; the long lens where none are given.

    Returns:
        ``(B, 3)`` metres, in the crop's frame.
    """
    xp = array_namespace(points)
    cameras = long_lens_like(points) if cameras is None else cameras
    cameras = cameras.converted(lambda part: xp.astype(part, xp.float64))
    rotations = cameras.viewing_rotations
    turned = xp.astype(points, xp.float64) @ xp.moveaxis(rotations, -1, -2)
    system, right = _normal_equations(
        turned, xp.astype(seen_px, xp.float64), xp.astype(weights, xp.float64)[..., None], cameras
    )
    translation = xp.linalg.solve(system, right[..., None])[..., 0]
    nearest = xp.min(turned[..., 2], axis=1, keepdims=True)
    in_front = xp.maximum(translation[:, 2:], 2 * MIN_DEPTH_M - nearest)
    translation = xp.concat([translation[:, :2], in_front], axis=1)
    # t = Rᵀ t' for row vectors: t' R.
    result: ArrayT = xp.astype((translation[:, None] @ rotations)[:, 0], points.dtype)
    return result


def _normal_equations(
    points: Any, seen_px: Any, weight: Any, cameras: CropCameras[Any]
) -> tuple[Any, Any]:
    """The system ``(B, 3, 3)`` and its right side ``(B, 3)``; weight: ``(B, N, 1)``."""
    xp = array_namespace(points)
    focal = cameras.focal_length_px
    toward = cameras.principal_point_px[..., None, :] - seen_px
    constants = -(focal[..., None, None] * points[..., :2] + toward * points[..., 2:])
    total = xp.sum(weight, axis=(1, 2))
    tie = TIE_TO_DEFAULT_PX2 * total + _TINY
    # Without any weight the system is 0: ones on its diagonal make it solvable, t_xy is 0 then.
    sideways = focal**2 * total + xp.where(total <= 0, 1.0, 0.0)
    mixed = focal[..., None] * xp.sum(weight * toward, axis=1)
    mixed_x, mixed_y, zero = mixed[:, 0], mixed[:, 1], xp.zeros_like(total)
    depth = xp.sum(weight * toward**2, axis=(1, 2)) + tie
    rows = (sideways, zero, mixed_x, zero, sideways, mixed_y, mixed_x, mixed_y, depth)
    system = xp.reshape(xp.stack(rows, axis=1), (-1, 3, 3))
    right = focal[..., None] * xp.sum(weight * constants, axis=1)
    along = xp.sum(weight * toward * constants, axis=(1, 2)) + tie * DEFAULT_DEPTH_PER_PX * focal
    return system, xp.concat([right, along[:, None]], axis=1)


@dataclass(frozen=True, eq=False)
class _Translation:
    """camera_translation: (B, 3) metres."""

    camera_translation: Any


@dataclass(frozen=True, eq=False)
class _TranslationEvaluation:
    """cost: (B,) px², infinite where the camera is too close; residual: (B, 2, N) px."""

    cost: Any
    seen: SeenPoints[Any]
    residual: Any


class _TranslationProblem:
    """``Σ w² (ρ(dx) + ρ(dy))`` over the camera translation alone."""

    def __init__(
        self,
        points: Any,
        seen_px: Any,
        squared_confidence: Any,
        sigma_px: float,
        cameras: CropCameras[Any],
    ) -> None:
        xp = array_namespace(points)
        self._cameras, self._sigma_px = cameras, sigma_px
        self._weight, self._count = squared_confidence[:, None], points.shape[1]
        # The points do not move, so P X (B, 3, N) is there once and for all.
        self._projected = cameras.projections @ xp.moveaxis(points, -1, -2)
        target = seen_px - cameras.principal_point_px[..., None, :]
        self._target_px = xp.moveaxis(target, -1, -2)

    def evaluate(self, state: _Translation) -> _TranslationEvaluation:
        xp = array_namespace(self._projected)
        shift = self._cameras.projections @ state.camera_translation[..., None]
        seen = SeenPoints.of(self._projected + shift)
        residual = seen.from_principal_px - self._target_px
        cost = xp.sum(self._weight * robust_square(residual, self._sigma_px), axis=(1, 2))
        return _TranslationEvaluation(seen.refused_behind_camera(cost), seen, residual)

    def normal_equations(
        self, state: _Translation, evaluation: _TranslationEvaluation
    ) -> tuple[Any, Any]:
        """Halved gradient ``(B, 3)`` and Gauss–Newton curvature ``(B, 3, 3)``.

        The translation moves all points alike, so the Jacobian is the projection's rows, and with
        ω = w² r(e) the two are Σ ω e ∂e and Σ ω ∂e ∂eᵀ over both coordinates of all points.
        """
        xp = array_namespace(self._projected)
        batch, count, residual = len(state.camera_translation), 2 * self._count, evaluation.residual
        rows = evaluation.seen.rows(self._cameras)
        weight = self._weight * robust_weight(residual, self._sigma_px)
        # (B, 3, 2, N) -> (B, 3, 2·N)
        jacobian = xp.reshape(rows, (batch, 3, count))
        weighted = xp.reshape(rows * weight[:, None], (batch, 3, count))
        gradient = weighted @ xp.reshape(residual, (batch, count, 1))
        return gradient[..., 0], weighted @ xp.moveaxis(jacobian, 1, 2)

    def moved(self, state: _Translation, step: Any) -> _Translation:
        return _Translation(state.camera_translation + step)


def refined_translation(
    points: ArrayT,
    seen_px: ArrayT,
    confidence: ArrayT,
    start: ArrayT,
    *,
    sigma_px: float,
    cameras: CropCameras[ArrayT] | None = None,
    steps: int = REFINEMENT_STEPS,
) -> tuple[ArrayT, ArrayT]:
    """Minimise the robust reprojection error over the translation alone.

    Args:
        points: ``(B, N, 3)`` metres in the crop's frame, not translated.
        seen_px: ``(B, N, 2)`` crop pixels.
        confidence: ``(B, N)``, w.
        start: ``(B, 3)`` metres, with every point at least ``MIN_DEPTH_M`` away.
        sigma_px: σ of the robust error, crop pixels.
        cameras: B of them; the long lens where none are given.
        steps: how many steps are tried.

    Returns:
        The translation ``(B, 3)`` in metres and ``Σ w² ρ`` ``(B,)`` in px² there.
    """
    cameras = long_lens_like(points) if cameras is None else cameras
    problem = _TranslationProblem(points, seen_px, confidence**2, sigma_px, cameras)
    state, evaluation = minimise(problem, _Translation(start), iterations=steps)
    return state.camera_translation, evaluation.cost
