"""Where a body is looked at from: pure maths, no drawing.

Frames: the crop's frame is x right, y down, z forward along the viewing ray, metres; the body's own
camera sees it as the picture does. An orbit turns the body about its own centre and keeps the scale
of the camera's view (``core.rendering.turning_camera``). Nothing is ever mirrored: all turns are
proper rotations.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError, ShapeError
from core.geometry.boxes import Box
from core.geometry.crop_camera import CROP_CENTER_PX, CROP_SIZE_PX
from core.rendering.bounding_box import bounding_box
from core.rendering.lens_warp import LensWarp
from core.rendering.turning_camera import TurningCamera, turning_camera
from core.types.bodies import LONG_LENS, CropCamera
from core.types.cameras import PictureCamera

FloatArray = NDArray[np.float32]

_SAME_CAMERA = 1e-3
"""Of the focal length: cameras that differ by less are one."""

CENTERED_FROM_RAD = math.radians(20)
"""Over this turn away from the camera's view the body glides to the middle of the view.

At angle 0 the mesh must lie on its person, wherever that is; turned, it belongs in the middle.
Gliding keeps a drag that starts an orbit from making the body jump.
"""


@dataclass(frozen=True)
class ViewAngle:
    """Where the viewer stands, seen from the body's centre; radians.

    azimuth_rad: turns the viewer about the vertical, positive towards the right of the picture.
    elevation_rad: lifts the viewer, positive upwards; pi/2 looks straight down.
    """

    azimuth_rad: float = 0.0
    elevation_rad: float = 0.0

    def orbited(self, azimuth_rad: float, elevation_rad: float) -> ViewAngle:
        """The angle after a further turn; the azimuth wraps, the elevation stops at the poles."""
        azimuth = math.remainder(self.azimuth_rad + azimuth_rad, math.tau)
        elevation = self.elevation_rad + elevation_rad
        return ViewAngle(azimuth, min(max(elevation, -math.pi / 2), math.pi / 2))

    @property
    def rotation(self) -> NDArray[np.float64]:
        """``(3, 3)``: crop's frame to view frame, both y down and z forward."""
        cos_a, sin_a = math.cos(self.azimuth_rad), math.sin(self.azimuth_rad)
        cos_e, sin_e = math.cos(self.elevation_rad), math.sin(self.elevation_rad)
        about_vertical = np.array([[cos_a, 0, sin_a], [0, 1, 0], [-sin_a, 0, cos_a]])
        about_horizontal = np.array([[1, 0, 0], [0, cos_e, -sin_e], [0, sin_e, cos_e]])
        rotation: NDArray[np.float64] = about_horizontal @ about_vertical
        return rotation

    @property
    def centering(self) -> float:
        """0 in the camera's view, 1 once turned by ``CENTERED_FROM_RAD`` or more."""
        turn = math.hypot(self.azimuth_rad, self.elevation_rad)
        share = min(turn / CENTERED_FROM_RAD, 1.0)
        return share * share * (3 - 2 * share)


CAMERA = ViewAngle()
TOP = ViewAngle(elevation_rad=math.pi / 2)
"""From above: picture left stays left, the camera's side is at the bottom."""
SIDE = ViewAngle(azimuth_rad=math.pi / 2)
"""From the right of the picture: up stays up, the camera's side is at the left."""


@dataclass(frozen=True, eq=False)
class MeshView:
    """A body and the pinhole camera that looks at it, in pixels of the view.

    vertices_camera: (V, 3) metres in the crop's frame, the camera translation added.
    angle: from where; ``CAMERA`` repeats the projection of the picture.
    focal_length_px, principal_point_px: in pixels of the view, zoom and pan folded in. Whole
    numbers are the centres of pixels: pixel (0, 0) covers −0.5..0.5 in both directions.
    viewing_rotation: (3, 3), from the crop's frame to the axes of the camera that sees off its
    middle; None: they are the same.
    distance_factor: how many times farther than in the crop's frame the body's centre is held.
    lens_warp: how the lens bends the view; None: not at all.
    turned_about: (3,) metres in the crop's frame, what the viewer goes round and looks at; None:
    the body's own middle, which a body that changes while it is looked at takes along.
    """

    vertices_camera: FloatArray
    angle: ViewAngle
    width: int
    height: int
    focal_length_px: float
    principal_point_px: tuple[float, float]
    viewing_rotation: NDArray[np.float64] | None = None
    distance_factor: float = 1.0
    lens_warp: LensWarp | None = None
    turned_about: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if self.vertices_camera.ndim != 2 or self.vertices_camera.shape[1] != 3:
            raise ShapeError(
                "vertices_camera", actual=self.vertices_camera.shape, expected="(V, 3)"
            )
        if self.width < 1 or self.height < 1:
            raise RenderingError(f"A view must have pixels, got {self.width} × {self.height}.")
        if not np.isfinite(self.vertices_camera).all():
            raise RenderingError("The body has vertices that are not finite; it cannot be drawn.")

    @cached_property
    def body_center(self) -> NDArray[np.float64]:
        """``(3,)``: middle of the body's bounding box in the crop's frame, metres.

        Or what the view is turned about in its place.
        """
        if self.turned_about is not None:
            return np.array(self.turned_about)
        low, high = self.bounds
        center: NDArray[np.float64] = (low.astype(np.float64) + high) / 2
        return center

    @cached_property
    def bounds(self) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
        """The lowest and the highest corner of the body's bounding box, ``(3,)`` each, metres."""
        return bounding_box(self.vertices_camera)

    @cached_property
    def rotation(self) -> NDArray[np.float64]:
        """``(3, 3)``: crop's frame to view frame, both y down and z forward."""
        turn = self.angle.rotation
        return turn if self.viewing_rotation is None else self.viewing_rotation @ turn

    @cached_property
    def center_in_view(self) -> NDArray[np.float64]:
        """``(3,)``: where the body's centre lies in the view frame, metres."""
        aside = 1.0 - self.angle.centering
        x, y, depth = self.body_center
        center = np.array([x * aside, y * aside, depth * self.distance_factor])
        return center if self.viewing_rotation is None else self.viewing_rotation @ center

    @cached_property
    def radius(self) -> float:
        """How far from ``body_center`` the body reaches at most, metres."""
        low, high = self.bounds
        reach = np.maximum(np.abs(low - self.body_center), np.abs(high - self.body_center))
        return float(np.linalg.norm(reach))

    @cached_property
    def mesh_digest(self) -> bytes:
        """Equal for views of the same mesh, so that it goes to the graphics card only once."""
        digest = hashlib.sha256(np.ascontiguousarray(self.vertices_camera).data)
        digest.update(repr(self.turned_about).encode())
        return digest.digest()

    def to_view_frame(self, points_camera: NDArray[np.floating]) -> NDArray[np.float64]:
        """Points ``(..., 3)`` of the crop's frame in the view frame (y down, z forward)."""
        return (points_camera - self.body_center) @ self.rotation.T + self.center_in_view

    def project(self, points_camera: NDArray[np.floating]) -> FloatArray:
        """Points ``(..., 3)`` of the crop's frame in metres to pixels of the view ``(..., 2)``."""
        in_view = self.to_view_frame(points_camera)
        depth = np.maximum(in_view[..., 2:], 1e-6)
        pixels = self.focal_length_px * in_view[..., :2] / depth + self.principal_point_px
        if self.lens_warp is not None:
            return self.lens_warp.bent(pixels)
        return pixels.astype(np.float32)

    def place_at(
        self, pixel: NDArray[np.floating], depth_m: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The point of the crop's frame that is seen at a pixel, and the line of sight to it.

        The inverse of ``project``.

        Args:
            pixel: ``(2,)`` pixels of the view.
            depth_m: of the point in the view frame.

        Returns:
            The point ``(3,)`` in metres and the unit vector ``(3,)`` along which it is seen.
        """
        straight = pixel if self.lens_warp is None else self.lens_warp.straight(pixel)
        across = (np.asarray(straight, np.float64) - self.principal_point_px) / self.focal_length_px
        ray = np.array([*across, 1.0])
        point = (ray * depth_m - self.center_in_view) @ self.rotation + self.body_center
        return point, (ray / np.linalg.norm(ray)) @ self.rotation

    def before_bending(self, margin_px: int) -> MeshView:
        """The view without the bend, wider by a margin on each side."""
        x_px, y_px = self.principal_point_px
        return replace(
            self,
            width=self.width + 2 * margin_px,
            height=self.height + 2 * margin_px,
            principal_point_px=(x_px + margin_px, y_px + margin_px),
            lens_warp=None,
        )


@dataclass(frozen=True)
class BendingLens:
    """A picture's camera that bends lines, and the box that the body's crop was cut by."""

    camera: PictureCamera
    box: Box

    def warp(
        self, *, size_px: tuple[int, int], middle_px: tuple[float, float], view_px_per_px: float
    ) -> LensWarp:
        """Of a view in which a pixel of the picture at the box's centre lies at ``middle_px``."""
        scale = 1 / view_px_per_px
        return LensWarp(
            self.camera,
            *size_px,
            picture_px_per_view_px=scale,
            picture_origin_px=(
                self.box.center_x_px - middle_px[0] * scale,
                self.box.center_y_px - middle_px[1] * scale,
            ),
        )


def bending_lens(body_camera: CropCamera, camera: PictureCamera, box: Box) -> BendingLens | None:
    """The lens that shows a body bent, where the picture's has distortion.

    None for a body of another camera than the picture's as it is known now: it was fitted to
    keypoints as the lens shows them, and lies on its person unbent.
    """
    if not camera.bends_lines:
        return None
    own, now = (
        np.array(
            [each_camera.focal_length_px, each_camera.principal_x_px, each_camera.principal_y_px]
        )
        for each_camera in (body_camera, camera.crop_camera(box))
    )
    is_same = np.abs(own - now).max() <= _SAME_CAMERA * now[0]
    return BendingLens(camera, box) if is_same else None


def crop_view(
    vertices: NDArray[np.floating],
    camera_translation: NDArray[np.floating],
    *,
    camera: CropCamera = LONG_LENS,
    size_px: int,
    angle: ViewAngle = CAMERA,
    zoom: float = 1.0,
    pan_px: tuple[float, float] = (0.0, 0.0),
    lens: BendingLens | None = None,
    turned_about: tuple[float, float, float] | None = None,
) -> MeshView:
    """The square view of a sample's crop.

    Args:
        vertices: ``(V, 3)`` metres, posed, not translated.
        camera_translation: ``(3,)`` metres, in the crop's frame.
        camera: the body's own, to which the translation belongs.
        size_px: side of the view; at zoom 1 the whole crop fills it.
        angle: from where.
        zoom: about the middle of the view.
        pan_px: added after the zoom, view pixels.
        lens: that bends the camera's view; turned views are never bent.
        turned_about: see ``MeshView``.
    """
    center = size_px / 2
    turning = turning_camera(camera, angle.centering)
    off_x, off_y = (
        (position_px - CROP_CENTER_PX) * size_px / CROP_SIZE_PX * zoom
        for position_px in turning.principal_point_px
    )
    return MeshView(
        vertices_camera=_translated(vertices, camera_translation),
        angle=angle,
        width=size_px,
        height=size_px,
        focal_length_px=turning.focal_length_px * size_px / CROP_SIZE_PX * zoom,
        principal_point_px=(center + off_x + pan_px[0], center + off_y + pan_px[1]),
        viewing_rotation=turning.rotation,
        distance_factor=turning.distance_factor,
        lens_warp=None
        if lens is None or angle != CAMERA
        else lens.warp(
            size_px=(size_px, size_px),
            middle_px=(center + pan_px[0], center + pan_px[1]),
            view_px_per_px=size_px / lens.box.side_px * zoom,
        ),
        turned_about=turned_about,
    )


def picture_view(
    vertices: NDArray[np.floating],
    camera_translation: NDArray[np.floating],
    *,
    camera: CropCamera = LONG_LENS,
    box: Box,
    picture_size_px: tuple[int, int],
    size_px: tuple[int, int] | None = None,
    angle: ViewAngle = CAMERA,
    zoom: float = 1.0,
    pan_px: tuple[float, float] = (0.0, 0.0),
    lens: BendingLens | None = None,
) -> MeshView:
    """The view over a whole picture: the crop's camera, moved to the box it was cropped from.

    Args:
        vertices: ``(V, 3)`` metres, posed, not translated.
        camera_translation: ``(3,)`` metres, in the crop's frame.
        camera: the body's own, in pixels of the crop of ``box``.
        box: the sample's box in the picture.
        picture_size_px: width, height of the picture.
        size_px: width, height of the view; None means one view pixel per picture pixel. At zoom 1
            the whole picture just fits, centred.
        angle: from where; turned views put the body in the middle.
        zoom: about the middle of the view.
        pan_px: added after the zoom, view pixels.
        lens: that bends the camera's view; turned views are never bent.
    """
    width, height = size_px or picture_size_px
    scale = zoom * min(width / picture_size_px[0], height / picture_size_px[1])
    turning = turning_camera(camera, angle.centering)
    off_x, off_y = _off_middle_px(turning, box, picture_size_px, aside=1.0 - angle.centering)
    return MeshView(
        vertices_camera=_translated(vertices, camera_translation),
        angle=angle,
        width=width,
        height=height,
        focal_length_px=turning.focal_length_px / box.crop_px_per_picture_px * scale,
        principal_point_px=(
            width / 2 + off_x * scale + pan_px[0],
            height / 2 + off_y * scale + pan_px[1],
        ),
        viewing_rotation=turning.rotation,
        distance_factor=turning.distance_factor,
        lens_warp=None
        if lens is None or angle != CAMERA
        else lens.warp(
            size_px=(width, height),
            middle_px=(
                width / 2 + (box.center_x_px - picture_size_px[0] / 2) * scale + pan_px[0],
                height / 2 + (box.center_y_px - picture_size_px[1] / 2) * scale + pan_px[1],
            ),
            view_px_per_px=scale,
        ),
    )


def _off_middle_px(
    turning: TurningCamera, box: Box, picture_size_px: tuple[int, int], *, aside: float
) -> tuple[float, float]:
    """From the picture's middle to the principal point; ``aside`` of the box's own way there."""
    x_px, y_px = (
        (position_px - CROP_CENTER_PX) / box.crop_px_per_picture_px
        for position_px in turning.principal_point_px
    )
    return (
        (box.center_x_px - picture_size_px[0] / 2) * aside + x_px,
        (box.center_y_px - picture_size_px[1] / 2) * aside + y_px,
    )


def _translated(
    vertices: NDArray[np.floating], camera_translation: NDArray[np.floating]
) -> FloatArray:
    if camera_translation.shape != (3,):
        raise ShapeError("camera_translation", actual=camera_translation.shape, expected="(3,)")
    return np.asarray(vertices + camera_translation, dtype=np.float32)
