"""A first camera for a posed body, from the lengths of its limbs in the picture.

    pixels_per_metre = 80 % quantile over LIMB_SEGMENTS of (seen length / real length)
    t_z              = f / pixels_per_metre
    t_xy             = t_z (Rᵀ ray)_xy / (Rᵀ ray)_z − Σ share_j X_j
    ray              = ((Σ share_j x_j − c) / f, 1)

with share_j = w_j / Σ w, x_j the seen keypoints in crop pixels, X_j the body's in metres, f and c
focal length and principal point of the camera, and R its viewing rotation. Where no limb is seen,
FACE_SEGMENTS take their place. Lengths are seen by a
camera that looks along the axis, (Rᵀ ray_j)_xy / (Rᵀ ray_j)_z times f: one that sees the person
obliquely stretches them. This is the camera solved for one depth of all joints, as in similar
triangles. Bogo et al. 2016, section 3.3, take the
length of the torso instead; docs/method.md, "The camera start".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.smplify.inputs import Keypoints2D
from core.geometry.camera_translation import DEFAULT_SCALE
from core.geometry.crop_camera import CROP_SIZE_PX, CropCameras, rays_of

LIMB_SEGMENTS: tuple[tuple[int, int], ...] = (
    (2, 3), (3, 4), (5, 6), (6, 7), (9, 10), (10, 11), (12, 13), (13, 14), (2, 9), (5, 12), (2, 5),
    (9, 12), (31, 32), (32, 33), (34, 35), (35, 36), (25, 26), (26, 27), (28, 29), (29, 30),
    (33, 34), (33, 27), (34, 28),
)  # fmt: skip
"""Pairs of the 49 whose distance on the body hardly changes with the pose."""

FACE_SEGMENTS: tuple[tuple[int, int], ...] = ((17, 18), (15, 16), (47, 48), (45, 46))
"""Ears and eyes, which tell the scale where no limb is seen: a face in a crowd."""

LEAST_FORESHORTENED = 0.8
"""The quantile. Seen limbs are at most as long as real ones, so the upper end of the ratios tells
the scale; not the very top, which is where misplaced joints are."""

RELIABLE_SHARE = 0.3
"""A limb is measured where both ends have at least this share of the sample's best confidence."""

_LEAST_ALONG = 0.2
"""Of a ray (x, y, 1) before the picture's camera, along the axis: 78° from it at least."""


def camera_start(keypoints_3d: Tensor, keypoints: Keypoints2D) -> Tensor:
    """Camera translations ``(B, 3)`` in metres that bring posed bodies to their keypoints.

    A sample without keypoints gets SPIN's mean camera.

    Args:
        keypoints_3d: ``(B, 49, 3)`` metres, posed with the root, not translated.
        keypoints: of the same B samples.
    """
    cameras = keypoints.cameras
    depth = (cameras.focal_length_px / _pixels_per_metre(keypoints_3d, keypoints))[:, None]
    # Both centres weigh joints by the same shares, so that missing joints shift neither against the
    # other. 1e-6 keeps 0/0 away where a sample has no joint; its body stands on the axis.
    share = keypoints.confidence / keypoints.confidence.sum(1, keepdim=True).clamp_min(1e-6)
    seen_center = (share[..., None] * keypoints.positions_crop_px).sum(1)
    anything = (keypoints.confidence > 0).any(1)[:, None]
    seen_center = torch.where(anything, seen_center, cameras.axis_px)
    body_center = (share[..., None] * keypoints_3d).sum(1)[:, :2]
    sideways = depth * _slopes(seen_center[:, None], cameras)[:, 0] - body_center
    return torch.cat([sideways, depth], dim=1)


def _slopes(pixels: Tensor, cameras: CropCameras[Tensor]) -> Tensor:
    """(Rᵀ ray)_xy / (Rᵀ ray)_z ``(B, N, 2)`` of the rays through crop pixels ``(B, N, 2)``."""
    rays = rays_of(pixels, cameras)
    # Misplaced joints before a short lens may lie across the axis, where the slope is infinite.
    return rays[..., :2] / rays[..., 2:].clamp_min(_LEAST_ALONG)


def _pixels_per_metre(keypoints_3d: Tensor, keypoints: Keypoints2D) -> Tensor:
    """``(B,)`` px/m: a high quantile of seen over real limb lengths, or of those of the face."""
    by_limbs = _seen_over_real(LIMB_SEGMENTS, keypoints_3d, keypoints)
    by_face = _seen_over_real(FACE_SEGMENTS, keypoints_3d, keypoints)
    # Without any of them, SPIN's mean camera: s half-crops a metre before the picture's camera, at
    # the share R_zz of the distance. The limits of 10 and 2000 px/m are people of some 20 and
    # 3000 px, for joints that lie on one another and detectors that failed.
    default = DEFAULT_SCALE * CROP_SIZE_PX / 2 * keypoints.cameras.viewing_rotations[:, 2, 2]
    scale = torch.where(torch.isfinite(by_face), by_face, default)
    return torch.where(torch.isfinite(by_limbs), by_limbs, scale).clamp(10.0, 2000.0)


def _seen_over_real(
    segments: tuple[tuple[int, int], ...], keypoints_3d: Tensor, keypoints: Keypoints2D
) -> Tensor:
    """``(B,)`` px/m: the quantile over segments; NaN where none is measured."""
    first, second = torch.tensor(segments, device=keypoints_3d.device).unbind(1)
    real = torch.linalg.vector_norm(keypoints_3d[:, first] - keypoints_3d[:, second], dim=-1)
    cameras = keypoints.cameras
    along_axis = cameras.focal_length_px[:, None, None] * _slopes(
        keypoints.positions_crop_px, cameras
    )
    seen = torch.linalg.vector_norm(along_axis[:, first] - along_axis[:, second], dim=-1)
    # A limb is as reliable as its weaker end.
    weaker_end = torch.minimum(keypoints.confidence[:, first], keypoints.confidence[:, second])
    reliable = RELIABLE_SHARE * keypoints.confidence.amax(1, keepdim=True)
    measured = (weaker_end > 0) & (weaker_end >= reliable)
    # Limbs that were not measured are NaN, which ``nanquantile`` passes over. Real lengths count as
    # at least 1 mm: a body whose limb has no length must not give an infinite ratio.
    ratio = torch.where(measured, seen / real.clamp_min(1e-3), torch.nan)
    # A quantile of an empty batch is an error of PyTorch's, not an empty result.
    if len(ratio) == 0:
        return ratio[:, 0]
    return torch.nanquantile(ratio, LEAST_FORESHORTENED, dim=1)
