"""The cameras of 224 px crops: focal length, principal point, and where a body's frame looks.

    u = f · (R (X + t))_xy / (R (X + t))_z + c        R z = ray        ray ∝ ((axis − c) / f, 1)

A crop is cut from a picture whose principal point may lie far outside it, so that the crop's person
is seen obliquely. A body is written in the *crop's frame*: x right, y down, z along the ray through
``axis_px``, in metres. So what was learned from crops alone (the root's rotation, the directions of
bones) means the same whatever the camera. R, the shortest rotation from z to that ray, turns the
body into the frame of the picture's camera before it is projected.

SPIN assumes the long lens: f = 5000 px, c and the axis in the crop's middle. R is the identity
then, a person stands some 50 m away, and perspective is nearly absent. Every function takes arrays
of NumPy or tensors, and the long lens where no cameras are given. Sources: Kanazawa et al. 2018,
section 3.1; Kolotouros et al. 2019, section 3.2; docs/method.md, "The crop camera".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from core.errors import ShapeError
from core.geometry.array_namespace import (
    Array,
    ArrayT,
    array_namespace,
    constant_like,
    identity_like,
)
from core.geometry.rotations import shortest_rotation

FOCAL_LENGTH_PX = 5000.0
"""Of the long lens, in crop pixels."""

CROP_SIZE_PX = 224
CROP_CENTER_PX = CROP_SIZE_PX / 2

MIN_DEPTH_M = 0.1
"""A body with a joint closer than this to the camera is no solution."""

OtherArrayT = TypeVar("OtherArrayT", bound=Array)


@dataclass(frozen=True, eq=False)
class CropCameras(Generic[ArrayT]):
    """The cameras of B crops; every leading dimension ``...`` is allowed in the place of B.

    focal_length_px: (B,) crop pixels, above 0.
    principal_point_px: (B, 2) crop pixels; it may lie far outside the crop.
    axis_px: (B, 2) crop pixels, where the z axis of the body's frame meets the crop.

    Raises:
        ShapeError: the shapes do not belong together.
    """

    focal_length_px: ArrayT
    principal_point_px: ArrayT
    axis_px: ArrayT

    def __post_init__(self) -> None:
        expected = (*self.focal_length_px.shape, 2)
        for name in ("principal_point_px", "axis_px"):
            actual = tuple(getattr(self, name).shape)
            if actual != expected:
                raise ShapeError(name, actual=actual, expected=str(expected))

    def __len__(self) -> int:
        return len(self.focal_length_px)

    def converted(self, convert: Callable[[ArrayT], OtherArrayT]) -> CropCameras[OtherArrayT]:
        """The same cameras with every array converted, such as by ``torch.from_numpy``."""
        return CropCameras(
            convert(self.focal_length_px), convert(self.principal_point_px), convert(self.axis_px)
        )

    @cached_property
    def viewing_rotations(self) -> ArrayT:
        """R ``(B, 3, 3)``, from the crop's frame to that of the picture's camera."""
        focal = self.focal_length_px[..., None]
        sideways = (self.axis_px - self.principal_point_px) / focal
        xp = array_namespace(focal)
        ray = xp.concat([sideways, xp.ones_like(focal)], axis=-1)
        rotations: ArrayT = shortest_rotation(identity_like(ray, 3)[2], ray)
        return rotations

    @property
    def long_lens_ratio(self) -> ArrayT:
        """``(B,)``: 5000 px / f, how much farther off the long lens sees a body as large.

        A metre of depth before these cameras changes a pixel as that many metres before the long
        lens do. So a weight in px²/m² that was chosen for the long lens is multiplied by its
        square.
        """
        ratio: ArrayT = FOCAL_LENGTH_PX / self.focal_length_px
        return ratio

    @cached_property
    def projections(self) -> ArrayT:
        """P ``(B, 3, 3)``, with u = (P p)_xy / (P p)_z + c for a point p in the crop's frame.

        Its rows are f R_x and f R_y, in pixels, and R_z.
        """
        xp = array_namespace(self.focal_length_px)
        focal = self.focal_length_px
        factors = xp.stack([focal, focal, xp.ones_like(focal)], axis=-1)
        projections: ArrayT = factors[..., None] * self.viewing_rotations
        return projections


def long_lens_like(array: ArrayT) -> CropCameras[ArrayT]:
    """SPIN's camera without a batch dimension, in the precision and on the device of an array."""
    middle: ArrayT = constant_like(array, [CROP_CENTER_PX, CROP_CENTER_PX])
    return CropCameras(constant_like(array, FOCAL_LENGTH_PX), middle, middle)


def project_to_crop(
    points: ArrayT, camera_translation: ArrayT, cameras: CropCameras[ArrayT] | None = None
) -> ArrayT:
    """Points in metres to crop pixels ``(..., N, 2)``.

    Args:
        points: ``(..., N, 3)`` in the crop's frame, not translated.
        camera_translation: ``(..., 3)`` metres, in the crop's frame.
        cameras: ``(...)`` of them; the long lens where none are given.

    Raises:
        ShapeError: a last dimension is not 3.
    """
    if points.shape[-1] != 3 or camera_translation.shape[-1] != 3:
        raise ShapeError("points", actual=points.shape, expected="(..., N, 3) and (..., 3)")
    cameras = long_lens_like(points) if cameras is None else cameras
    seen = seen_points(points, camera_translation, cameras)
    # (..., 2, N) -> (..., N, 2)
    from_principal = array_namespace(points).moveaxis(seen.from_principal_px, -1, -2)
    pixels: ArrayT = from_principal + cameras.principal_point_px[..., None, :]
    return pixels


@dataclass(frozen=True, eq=False)
class SeenPoints(Generic[ArrayT]):
    """N points as cameras see them, components first: the solvers' products are contiguous so.

    from_principal_px: (..., 2, N) pixels from the principal point, f (R (X + t))_xy / depth.
    depth_m: (..., 1, N), (R (X + t))_z.
    """

    from_principal_px: ArrayT
    depth_m: ArrayT

    @classmethod
    def of(cls, projected: ArrayT) -> SeenPoints[ArrayT]:
        """From P (X + t) ``(..., 3, N)``, whose rows are f (R (X + t))_x, f (…)_y and the depth."""
        depth = projected[..., 2:, :]
        return cls(projected[..., :2, :] / depth, depth)

    def rows(self, cameras: CropCameras[ArrayT]) -> ArrayT:
        """The derivative ``(..., 3, 2, N)`` of pixels by the points, see ``projection_rows``."""
        # Pᵀ (..., 3, 3, 1): the components of the point first, then the rows f R_x, f R_y and R_z.
        transposed = array_namespace(self.depth_m).moveaxis(cameras.projections, -1, -2)[..., None]
        across, along = transposed[..., :2, :], transposed[..., 2:, :]
        from_principal = self.from_principal_px[..., None, :, :]
        rows: ArrayT = (across - along * from_principal) / self.depth_m[..., None, :, :]
        return rows

    def refused_behind_camera(self, cost: ArrayT) -> ArrayT:
        """Costs ``(...)``, infinite where a point is too close, see ``refuse_behind_camera``."""
        xp = array_namespace(cost)
        nearest = xp.min(self.depth_m, axis=(-2, -1))
        refused: ArrayT = xp.where(nearest > MIN_DEPTH_M, cost, xp.inf)
        return refused


def seen_points(
    points: ArrayT, camera_translation: ArrayT, cameras: CropCameras[ArrayT]
) -> SeenPoints[ArrayT]:
    """Points ``(..., N, 3)`` in the crop's frame, translated by ``(..., 3)`` metres, as seen."""
    in_crop = points + camera_translation[..., None, :]
    return SeenPoints.of(cameras.projections @ array_namespace(points).moveaxis(in_crop, -1, -2))


def rays_of(pixels: ArrayT, cameras: CropCameras[ArrayT]) -> ArrayT:
    """The rays ``(..., N, 3)`` in the crop's frame through crop pixels ``(..., N, 2)``.

    Rᵀ ((x − c) / f, 1): every point on a ray is seen at its pixel.
    """
    xp = array_namespace(pixels)
    focal = cameras.focal_length_px[..., None, None]
    sideways = (pixels - cameras.principal_point_px[..., None, :]) / focal
    # Rᵀ p for row vectors: p R.
    rays: ArrayT = (
        xp.concat([sideways, xp.ones_like(sideways[..., :1])], axis=-1) @ cameras.viewing_rotations
    )
    return rays


def weak_perspective_to_translation(
    camera: ArrayT, cameras: CropCameras[ArrayT] | None = None
) -> ArrayT:
    """Weak-perspective (scale, tx, ty) ``(..., 3)`` of the crop to ``camera_translation``.

    The body's origin is seen where the weak perspective sees it, at 112 (1 + s t_xy), and a metre
    there spans s half-crops, which sets its depth before the picture's camera::

        t = Rᵀ z ((112 (1 + s t_xy) − c) / f, 1)        z = 2 f / (224 s)

    For the long lens t_z = z, while t_x and t_y are the same. The published 1e-9 keeps z finite
    where a network predicts a scale of zero.

    Args:
        camera: ``(..., 3)``, (s, t_x, t_y).
        cameras: ``(...)`` of them; the long lens where none are given.
    """
    xp = array_namespace(camera)
    cameras = long_lens_like(camera) if cameras is None else cameras
    focal = cameras.focal_length_px[..., None]
    depth = 2 * focal / (CROP_SIZE_PX * camera[..., :1] + 1e-9)
    # z (112 (1 + s t) − c) / f = t · 112 z s / f + z (112 − c) / f, where 112 z s / f is 1.
    from_principal = (CROP_CENTER_PX - cameras.principal_point_px) / focal
    seen = xp.concat([camera[..., 1:] + depth * from_principal, depth], axis=-1)
    # Rᵀ p for row vectors: p R.
    translation: ArrayT = (seen[..., None, :] @ cameras.viewing_rotations)[..., 0, :]
    return translation


def translation_to_weak_perspective(
    camera_translation: ArrayT, cameras: CropCameras[ArrayT] | None = None
) -> ArrayT:
    """The inverse of ``weak_perspective_to_translation``; both ``(..., 3)``."""
    xp = array_namespace(camera_translation)
    cameras = long_lens_like(camera_translation) if cameras is None else cameras
    rotations = xp.moveaxis(cameras.viewing_rotations, -1, -2)
    seen = (camera_translation[..., None, :] @ rotations)[..., 0, :]
    focal, depth = cameras.focal_length_px[..., None], seen[..., 2:]
    from_principal = (CROP_CENTER_PX - cameras.principal_point_px) / focal
    sideways = seen[..., :2] - depth * from_principal
    camera: ArrayT = xp.concat([2 * focal / (CROP_SIZE_PX * depth), sideways], axis=-1)
    return camera


def projection_rows(
    points: ArrayT, camera_translation: ArrayT, cameras: CropCameras[ArrayT] | None = None
) -> ArrayT:
    """The derivative ``(B, 3, 2, N)`` of crop pixels x, y by points, in px/m.

    With R_x, R_y, R_z the rows of R and z = (R (X + t))_z::

        ∂x/∂X = (f R_x − (x − c_x) R_z) / z        ∂y/∂X = (f R_y − (y − c_y) R_z) / z

    The derivative by the translation is the same. Components come first and points last, the layout
    in which the solvers' products are contiguous.

    Args:
        points: ``(B, N, 3)`` metres in the crop's frame, not translated.
        camera_translation: ``(B, 3)`` metres, in the crop's frame.
        cameras: B of them; the long lens where none are given.
    """
    cameras = long_lens_like(points) if cameras is None else cameras
    return seen_points(points, camera_translation, cameras).rows(cameras)


def refuse_behind_camera(
    cost: ArrayT,
    points: ArrayT,
    camera_translation: ArrayT,
    cameras: CropCameras[ArrayT] | None = None,
) -> ArrayT:
    """Costs ``(B,)``, infinite where a point is nearer than ``MIN_DEPTH_M`` or behind the camera.

    Behind the camera the projection flips its sign and can still fit the pixels. An infinite cost
    is a refused step, so the solvers never leave the space in front.

    Args:
        cost: ``(B,)``.
        points: ``(B, N, 3)`` metres in the crop's frame, not translated.
        camera_translation: ``(B, 3)`` metres, in the crop's frame.
        cameras: B of them; the long lens where none are given.
    """
    cameras = long_lens_like(points) if cameras is None else cameras
    return seen_points(points, camera_translation, cameras).refused_behind_camera(cost)
