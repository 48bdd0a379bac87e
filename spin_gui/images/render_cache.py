"""Drawn bodies as images, made ahead of their being looked at.

An image is drawn once its body is posed, which is a request of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage

from core.body.display_body import DisplayBody
from core.errors import RenderingError
from core.geometry.boxes import Box
from core.rendering.colors import OTHER_PERSON_COLOR, MeshColor
from core.rendering.render_thread import RenderService
from core.rendering.views import BendingLens, MeshView, crop_view, picture_view
from core.rendering.whole_body import whole_body_view
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from spin_gui.images.memory_budgets import RENDERINGS
from spin_gui.images.plane_view import HeldView, PlaneView
from spin_gui.images.posed_fits import PosedFit, PosedFits
from spin_gui.images.produced_cache import ProducedCache


@dataclass(frozen=True)
class PersonBeside:
    """Another body of the same picture, drawn with the one that is looked at."""

    digest: str
    box: Box


@dataclass(frozen=True)
class OverPicture:
    """Where a body lies in its whole picture: its box and the picture's width and height.

    beside: the other people to draw with it.
    cropped: the view shows the box, and not the square that just holds the picture.
    """

    box: Box
    picture_size_px: tuple[int, int]
    beside: tuple[PersonBeside, ...] = ()
    cropped: bool = False


@dataclass(frozen=True)
class MeshKey:
    """One drawn body: which one, in which colour, from where, how large.

    over_picture: None for a view of the crop of one person alone.
    lens: that bends what is seen over the picture.
    whole_body: the body is looked at alone, all of it, whatever the crop shows.
    wireframe: only the edges of its faces are drawn; people beside it are drawn as ever.
    plain: in one colour, without a mannequin's clothes.
    held: what views are laid about in place of the body's own middle.
    """

    digest: str
    color: MeshColor
    view: PlaneView
    size_px: int
    over_picture: OverPicture | None = None
    lens: BendingLens | None = None
    whole_body: bool = False
    wireframe: bool = False
    plain: bool = False
    held: HeldView | None = None

    def __hash__(self) -> int:
        """Once for each key: it is asked for hundreds of times a second while one scrolls."""
        return self._hash

    @property
    def beside(self) -> tuple[PersonBeside, ...]:
        """The other people of the picture."""
        return () if self.over_picture is None else self.over_picture.beside

    @cached_property
    def _hash(self) -> int:
        looked_at = (self.view, self.size_px, self.over_picture, self.lens, self.whole_body)
        return hash((self.digest, self.color, *looked_at, self.wireframe, self.plain, self.held))


def mesh_view(key: MeshKey, posed: PosedFit) -> MeshView:
    """The view that ``key`` asks for, zoom and pan in pixels of the image."""
    pan_px = _pan_px(key)
    held = key.held
    if key.whole_body:
        return whole_body_view(
            posed.vertices if held is None else posed.vertices + posed.camera_translation,
            size_px=key.size_px,
            angle=key.view.angle,
            zoom=key.view.zoom,
            pan_px=pan_px,
            bounds=None if held is None else held.bounds,
        )
    if key.over_picture is None or key.over_picture.cropped:
        return crop_view(
            posed.vertices,
            posed.camera_translation,
            camera=posed.camera,
            size_px=key.size_px,
            angle=key.view.angle,
            zoom=key.view.zoom,
            pan_px=pan_px,
            lens=key.lens,
            turned_about=None if held is None else held.middle,
        )
    return view_over_picture(key, key.over_picture, key.over_picture.box, posed)


@dataclass(frozen=True, eq=False)
class PlaneOfBody:
    """The plane of one view of a body, and the way from it to places in the crop's frame.

    view: of the side 1, without zoom and pan. shift: (3,) metres from the body's own coordinates to
    those of the view. translation: (3,) metres, of the body in the crop's frame.
    """

    view: MeshView
    shift: NDArray[np.float64]
    translation: NDArray[np.float64]

    def seen(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where points ``(N, 3)`` of the body, metres and not translated, lie: ``(N, 2)``."""
        return self.view.project(points + self.shift).astype(np.float64)

    def depth_m(self, place_m: NDArray[np.floating]) -> float:
        """How deep in the view a place ``(3,)`` of the crop's frame lies, in metres."""
        return float(self.view.to_view_frame(place_m - self.translation + self.shift)[2])

    def seen_place(self, place_m: NDArray[np.floating]) -> NDArray[np.float64]:
        """Where a place ``(3,)`` of the crop's frame, in metres, lies: ``(2,)``."""
        (place,) = self.seen(np.asarray(place_m, np.float64)[None] - self.translation)
        return np.asarray(place, np.float64)

    def place_at(
        self, x: float, y: float, depth_m: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The place ``(3,)`` in the crop's frame, in metres, and the line of sight to it."""
        place, sight = self.view.place_at(np.array([x, y]), depth_m)
        return place - self.shift + self.translation, sight

    def metres(self, depth_m: float) -> float:
        """What the plane's side spans at a depth."""
        return depth_m / self.view.focal_length_px


def plane_of_body(key: MeshKey, posed: PosedFit) -> PlaneOfBody:
    """The plane of the view of ``key``."""
    plane = replace(key, view=PlaneView(key.view.angle), size_px=1)
    view = mesh_view(plane, posed)
    # Whatever brought the mesh before the camera is one shift for all of its points.
    shift = view.vertices_camera[0].astype(np.float64) - posed.vertices[0]
    return PlaneOfBody(view, shift, posed.camera_translation.astype(np.float64))


def seen_in_plane(
    key: MeshKey, posed: PosedFit, points: NDArray[np.floating]
) -> NDArray[np.float64]:
    """Where points of a body lie in the plane of its view, ``(N, 2)``.

    points: ``(N, 3)`` metres, not translated, such as the body's joints.
    """
    return plane_of_body(key, posed).seen(points)


def view_over_picture(key: MeshKey, picture: OverPicture, box: Box, posed: PosedFit) -> MeshView:
    """The view of ``key`` of a person of its picture whose box is this one."""
    magnified, shift_px = _cropped_to(picture, key) if picture.cropped else (1.0, (0.0, 0.0))
    pan_px = _pan_px(key)
    return picture_view(
        posed.vertices,
        posed.camera_translation,
        camera=posed.camera,
        box=box,
        picture_size_px=picture.picture_size_px,
        size_px=(key.size_px, key.size_px),
        angle=key.view.angle,
        zoom=magnified * key.view.zoom,
        pan_px=(pan_px[0] + shift_px[0], pan_px[1] + shift_px[1]),
        lens=key.lens if box == picture.box else None,
    )


def _cropped_to(picture: OverPicture, key: MeshKey) -> tuple[float, tuple[float, float]]:
    """Zoom and shift, in pixels of the view, from the whole picture to its box.

    With the largest side S of the picture, whose middle is m, and the box's side b about c: a point
    is S / b times as far from the middle of the view, which shows c in place of m.
    """
    width, height = picture.picture_size_px
    reach = key.view.zoom * key.size_px / picture.box.side_px
    away = (width / 2 - picture.box.center_x_px, height / 2 - picture.box.center_y_px)
    return max(width, height) / picture.box.side_px, (away[0] * reach, away[1] * reach)


def _pan_px(key: MeshKey) -> tuple[float, float]:
    reach = key.view.zoom * key.size_px
    return ((0.5 - key.view.center_x) * reach, (0.5 - key.view.center_y) * reach)


def image_of(layer: NDArray[np.uint8]) -> QImage:
    """A premultiplied layer ``(H, W, 4)`` as an image that paints fast; it owns its pixels."""
    height, width = layer.shape[:2]
    pixels = np.ascontiguousarray(layer)
    image = QImage(
        pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888_Premultiplied
    )
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


@dataclass(frozen=True, eq=False)
class MeshRequest:
    """Whose body is to be drawn, and how urgently; vertex_colors: (V, 3), None for one colour.

    beside: the bodies of the people that are drawn with it, by digest.
    """

    parameters: BodyParameters
    priority: int
    vertex_colors: FloatArray | None = None
    beside: Mapping[str, BodyParameters] = field(default_factory=dict)


class MeshImages(ProducedCache[MeshKey, QImage]):
    """Poses and draws the bodies that are requested; the render service is the caller's."""

    posed = Signal(str)
    """The digest of a body whose keypoints are known now."""

    def __init__(
        self, body: DisplayBody, rendering: RenderService, *, cache_bytes: int = RENDERINGS
    ) -> None:
        super().__init__(budget=cache_bytes, size_of=QImage.sizeInBytes)
        self._rendering = rendering
        self._requests: Mapping[MeshKey, MeshRequest] = {}
        self._bodies = PosedFits(body)
        self._bodies.ready.connect(self._body_ready)
        self._bodies.failed.connect(self._body_failed)

    def posed_fit(self, digest: str) -> PosedFit | None:
        """The posed body, if it is there."""
        return self._bodies.get(digest)

    def put_posed(self, digest: str, posed: PosedFit) -> None:
        """Take a body that was posed elsewhere; its images can be drawn at once."""
        self._bodies.put(digest, posed)

    def request_meshes(self, requests: Mapping[MeshKey, MeshRequest]) -> None:
        """Draw these and no others."""
        self._requests = requests
        bodies: dict[str, tuple[BodyParameters, int]] = {}
        for key, request in requests.items():
            for digest, parameters in {key.digest: request.parameters, **request.beside}.items():
                known = bodies.get(digest)
                if known is None or known[1] < request.priority:
                    bodies[digest] = (parameters, request.priority)
        self._bodies.request_bodies(bodies)
        self.request({key: request.priority for key, request in requests.items()})

    def forget(self) -> None:
        """Let all images and bodies go."""
        super().forget()
        self._bodies.forget()

    def close(self) -> None:
        """Cancel what waits and end the posing thread."""
        super().close()
        self._bodies.close()

    def _produce(self, key: MeshKey, priority: int) -> Future[NDArray[np.uint8]] | None:
        broken = self._bodies.failure(key.digest)
        if broken is not None:
            raise RenderingError(broken)
        posed = self._bodies.get(key.digest)
        waiting = [person for person in key.beside if not self._bodies.is_done(person.digest)]
        if posed is None or waiting:
            return None
        view = mesh_view(key, posed)
        beside = self._views_beside(key)
        if beside:
            colors = [key.color, *[OTHER_PERSON_COLOR] * len(beside)]
            return self._rendering.submit_people(
                [view, *beside], colors=colors, priority=priority, plain=key.plain
            )
        return self._rendering.submit(
            view,
            color=key.color,
            vertex_colors=self._requests[key].vertex_colors,
            priority=priority,
            wireframe=key.wireframe,
            plain=key.plain,
        )

    def _views_beside(self, key: MeshKey) -> list[MeshView]:
        """Of the other people; a body that cannot be posed is left out."""
        picture = key.over_picture
        if picture is None:
            return []
        posed = [(person.box, self._bodies.get(person.digest)) for person in picture.beside]
        return [view_over_picture(key, picture, box, one) for box, one in posed if one is not None]

    def _value_of(self, produced: NDArray[np.uint8]) -> QImage:
        return image_of(produced)

    def _body_ready(self, digest: str) -> None:
        self._begin_all(digest)
        self.posed.emit(digest)

    def _body_failed(self, digest: str, _message: str) -> None:
        self._begin_all(digest)

    def _begin_all(self, digest: str) -> None:
        for key in [key for key in self._requested if _shows(key, digest)]:
            self._begin(key)


def _shows(key: MeshKey, digest: str) -> bool:
    return key.digest == digest or any(person.digest == digest for person in key.beside)
