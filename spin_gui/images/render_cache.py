"""Drawn bodies as images, made ahead of their being looked at.

The views say, as one whole, which images they want and how urgently; what was wanted before and is
not any more is cancelled. All methods and signals belong to the main thread: the drawing thread's
callbacks only emit a signal that is queued to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from core.body.display_body import DisplayBody
from core.errors import StudioError
from core.geometry.boxes import Box
from core.rendering.colors import MeshColor
from core.rendering.render_thread import RenderService
from core.rendering.views import MeshView, crop_view, picture_view
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from spin_gui.images.lru_cache import ByteCache
from spin_gui.images.memory_budgets import RENDERINGS
from spin_gui.images.posed_fits import PosedFit, PosedFits
from spin_gui.viewer.view_state import PlaneView


@dataclass(frozen=True)
class OverPicture:
    """Where a body lies in its whole picture: its box and the picture's width and height."""

    box: Box
    picture_size_px: tuple[int, int]


@dataclass(frozen=True)
class MeshKey:
    """One drawn body: which one, in which colour, from where, how large.

    over_picture: None for a view of the crop.
    """

    digest: str
    color: MeshColor
    view: PlaneView
    size_px: int
    over_picture: OverPicture | None = None

    def __hash__(self) -> int:
        """Once for each key: it is asked for hundreds of times a second while one scrolls."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.digest, self.color, self.view, self.size_px, self.over_picture))


def mesh_view(key: MeshKey, posed: PosedFit) -> MeshView:
    """The view that ``key`` asks for, zoom and pan in pixels of the image."""
    reach = key.view.zoom * key.size_px
    pan_px = ((0.5 - key.view.center_x) * reach, (0.5 - key.view.center_y) * reach)
    if key.over_picture is None:
        return crop_view(
            posed.vertices,
            posed.camera_translation,
            size_px=key.size_px,
            angle=key.view.angle,
            zoom=key.view.zoom,
            pan_px=pan_px,
        )
    return picture_view(
        posed.vertices,
        posed.camera_translation,
        box=key.over_picture.box,
        picture_size_px=key.over_picture.picture_size_px,
        size_px=(key.size_px, key.size_px),
        angle=key.view.angle,
        zoom=key.view.zoom,
        pan_px=pan_px,
    )


def image_of(rgba: NDArray[np.uint8]) -> QImage:
    """Straight-alpha pixels ``(H, W, 4)`` as an image that paints fast; it owns its pixels."""
    height, width = rgba.shape[:2]
    pixels = np.ascontiguousarray(rgba)
    straight = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return straight.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


@dataclass(frozen=True, eq=False)
class MeshWish:
    """Whose body is to be drawn, and how urgently; vertex_colors: (V, 3), None for one colour."""

    parameters: BodyParameters
    priority: int
    vertex_colors: FloatArray | None = None


class MeshImages(QObject):
    """Poses and draws the bodies that are wanted and keeps the images used last."""

    ready = Signal(object)
    """The ``MeshKey`` of an image that is there now."""
    failed = Signal(object)
    """The ``MeshKey`` of an image that cannot be made; ``failure`` says why."""
    posed = Signal(str)
    """The digest of a body whose keypoints are known now."""
    _drawn = Signal(object, object)
    _broke = Signal(object, str)

    def __init__(
        self, body: DisplayBody, rendering: RenderService, *, cache_bytes: int = RENDERINGS
    ) -> None:
        super().__init__()
        self._rendering = rendering
        self._closed = False
        self._cache: ByteCache[MeshKey, QImage] = ByteCache(cache_bytes)
        self._wishes: dict[MeshKey, MeshWish] = {}
        self._drawing: dict[MeshKey, tuple[Future[NDArray[np.uint8]], int]] = {}
        self._failures: dict[MeshKey, str] = {}
        self._bodies = PosedFits(body)
        self._bodies.ready.connect(self._body_ready)
        self._bodies.failed.connect(self._body_failed)
        self._drawn.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self._take_failure, Qt.ConnectionType.QueuedConnection)

    def get(self, key: MeshKey) -> QImage | None:
        """The image, if it is there."""
        return self._cache.get(key)

    def posed_fit(self, digest: str) -> PosedFit | None:
        """The posed body, if it is there."""
        return self._bodies.get(digest)

    def failure(self, key: MeshKey) -> str | None:
        """Why the image cannot be made; None where nothing is known against it."""
        return self._failures.get(key)

    def want(self, wishes: Mapping[MeshKey, MeshWish]) -> None:
        """Make these images; cancel every other that has not been begun."""
        self._wishes = {key: wish for key, wish in wishes.items() if key not in self._cache}
        self._failures = {key: why for key, why in self._failures.items() if key in wishes}
        for key in [key for key in self._drawing if key not in self._wishes]:
            if self._drawing[key][0].cancel():
                del self._drawing[key]
        bodies: dict[str, tuple[BodyParameters, int]] = {}
        for key, wish in wishes.items():
            known = bodies.get(key.digest)
            if known is None or known[1] < wish.priority:
                bodies[key.digest] = (wish.parameters, wish.priority)
        self._bodies.want(bodies)
        for key in self._wishes:
            self._draw_if_posed(key)

    def forget(self) -> None:
        """Let all images and bodies go."""
        self._cache.clear()
        self._bodies.forget()

    def close(self) -> None:
        """Cancel what waits and end the posing thread; the render service is the caller's."""
        self._closed = True
        self.want({})
        self._bodies.close()

    def _draw_if_posed(self, key: MeshKey) -> None:
        posed, priority = self._bodies.get(key.digest), self._wishes[key].priority
        if posed is None or key in self._failures or not self._is_more_urgent(key, priority):
            return
        try:
            view = mesh_view(key, posed)
            colors = self._wishes[key].vertex_colors
            tinted = {} if colors is None else {"vertex_colors": colors}
            future = self._rendering.submit(view, color=key.color, priority=priority, **tinted)
        except StudioError as error:
            self._take_failure(key, str(error))
            return
        self._drawing[key] = (future, priority)
        future.add_done_callback(partial(self._hand_on, key))

    def _is_more_urgent(self, key: MeshKey, priority: int) -> bool:
        """Whether to ask the service (again) for an image: not when it is being drawn already."""
        if key not in self._drawing:
            return True
        future, known = self._drawing[key]
        return known < priority and future.cancel()

    def _hand_on(self, key: MeshKey, future: Future[NDArray[np.uint8]]) -> None:
        """Called on the drawing thread: nothing but signals."""
        if future.cancelled() or self._closed:
            return
        error = future.exception()
        if error is None:
            self._drawn.emit(key, future.result())
        else:
            self._broke.emit(key, str(error))

    def _take(self, key: MeshKey, rgba: NDArray[np.uint8]) -> None:
        self._drawing.pop(key, None)
        self._wishes.pop(key, None)
        image = image_of(rgba)
        self._cache.put(key, image, image.sizeInBytes())
        self.ready.emit(key)

    def _take_failure(self, key: MeshKey, message: str) -> None:
        self._drawing.pop(key, None)
        self._failures[key] = message
        self.failed.emit(key)

    def _body_ready(self, digest: str) -> None:
        for key in [key for key in self._wishes if key.digest == digest]:
            self._draw_if_posed(key)
        self.posed.emit(digest)

    def _body_failed(self, digest: str, message: str) -> None:
        for key in [key for key in self._wishes if key.digest == digest]:
            self._take_failure(key, message)
