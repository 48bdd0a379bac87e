"""The number by which the dictionary compares two fits of a sample.

    comparison = min_t Σ_j w_j² (ρ(dx_j) + ρ(dy_j)) / Σ_j w_j²            σ = 100 px

docs/method.md, "The normalised reprojection loss".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.body.body_axis import turned_to_middle
from core.body.display_body import DisplayBody
from core.body.usable_keypoints import body_confidence, without_absent
from core.geometry.array_namespace import ArrayT, array_namespace
from core.geometry.camera_translation import least_squares_translation, refined_translation
from core.geometry.crop_camera import CropCameras
from core.geometry.robust import robust_square
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape
from core.types.bodies import LONG_LENS, BodyParameters, CropCamera, camera_batch

COMPARISON_SIGMA_PX = 100.0
"""σ, the published width whatever the profile, so that losses compare between profiles."""

_LEAST_WEIGHT = 1e-12
"""Keeps the quotient finite where no joint counts; the loss is infinite there anyway."""


def normalised_reprojection_loss(
    points: ArrayT,
    positions_crop_px: ArrayT,
    confidence: ArrayT,
    cameras: CropCameras[ArrayT] | None = None,
) -> ArrayT:
    """How badly bodies reproject, ``(B,)`` in px² of the crop per fully confident joint.

    The camera is solved for in the same way for every body, from all joints that count, so a fit's
    own camera does not matter. The loss is infinite where no joint counts: such a sample says
    nothing in favour of a body.

    Args:
        points: ``(B, 49, 3)`` metres, the bodies' keypoints, not translated.
        positions_crop_px: ``(B, 49, 2)``.
        confidence: ``(B, 49)``, w, 0 for absent joints; ignored keypoints are left out here.
        cameras: of the B samples, whatever cameras the bodies were fitted with; the long lens where
            none are given.
    """
    xp = array_namespace(points)
    weight = body_confidence(confidence)
    squared = weight * weight
    start = least_squares_translation(points, positions_crop_px, squared, cameras)
    _, error = refined_translation(
        points, positions_crop_px, weight, start, sigma_px=COMPARISON_SIGMA_PX, cameras=cameras
    )
    counted = xp.sum(squared, axis=1)
    loss: ArrayT = xp.where(counted > 0, error / xp.clip(counted, _LEAST_WEIGHT, None), xp.inf)
    return loss


def own_reprojection_loss(
    pixels_crop_px: ArrayT, positions_crop_px: ArrayT, confidence: ArrayT
) -> ArrayT:
    """The same measure where bodies are seen as they stand: no camera is solved for, ``(B,)`` px².

    What it has more than ``normalised_reprojection_loss`` is what the place of the body costs: the
    root of the difference is how far the body lies beside its person.

    Args:
        pixels_crop_px: ``(B, 49, 2)``, the bodies' keypoints as their cameras see them.
        positions_crop_px: ``(B, 49, 2)``.
        confidence: ``(B, 49)``; NaN where none counts.
    """
    xp = array_namespace(pixels_crop_px)
    weight = body_confidence(confidence) ** 2
    errors = robust_square(pixels_crop_px - positions_crop_px, COMPARISON_SIGMA_PX)
    seen = xp.where(weight > 0, xp.sum(errors, axis=-1), 0.0)
    loss: ArrayT = xp.sum(weight * seen, axis=1) / xp.sum(weight, axis=1)
    return loss


def compared_bodies(
    body: DisplayBody,
    keypoints_crop_px: FloatArray,
    bodies: Sequence[BodyParameters],
    camera: CropCamera = LONG_LENS,
) -> list[float] | None:
    """The losses of bodies of one model against the same keypoints, in double precision.

    Args:
        body: poses the bodies.
        keypoints_crop_px: ``(49, 3)`` x, y, confidence; a joint that is not finite is absent.
        bodies: poses and shapes; of their cameras only the axis matters.
        camera: of the sample's crop, which all of them are measured under.

    Returns:
        px² for each body; None where no joint counts or there are no bodies, since nothing is known
        then.

    Raises:
        ShapeError: the keypoints have another shape.
    """
    check_shape("keypoints_crop_px", keypoints_crop_px, (NUM_KEYPOINTS, 3))
    if not bodies:
        return None
    posed = [body.keypoints(turned_to_middle(parameters)) for parameters in bodies]
    points = np.stack(posed).astype(np.float64)
    keypoints = without_absent(keypoints_crop_px.astype(np.float64))
    seen = np.broadcast_to(keypoints, (len(bodies), NUM_KEYPOINTS, 3))
    cameras = camera_batch([camera] * len(bodies)).converted(lambda part: part.astype(np.float64))
    losses = normalised_reprojection_loss(points, seen[..., :2], seen[..., 2], cameras)
    return losses.tolist() if np.isfinite(losses).all() else None
