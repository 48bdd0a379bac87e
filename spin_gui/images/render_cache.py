"""Drawn bodies as images, made ahead of their being looked at.

An image is drawn once its body is posed, which is a request of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage

from core.body.display_body import DisplayBody
from core.errors import RenderingError
from core.geometry.boxes import Box
from core.rendering.colors import MeshColor
from core.rendering.render_thread import RenderService
from core.rendering.views import MeshView, crop_view, picture_view
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters
from spin_gui.images.memory_budgets import RENDERINGS
from spin_gui.images.plane_view import PlaneView
from spin_gui.images.posed_fits import PosedFit, PosedFits
from spin_gui.images.produced_cache import ProducedCache


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
            camera=posed.camera,
            size_px=key.size_px,
            angle=key.view.angle,
            zoom=key.view.zoom,
            pan_px=pan_px,
        )
    return picture_view(
        posed.vertices,
        posed.camera_translation,
        camera=posed.camera,
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
class MeshRequest:
    """Whose body is to be drawn, and how urgently; vertex_colors: (V, 3), None for one colour."""

    parameters: BodyParameters
    priority: int
    vertex_colors: FloatArray | None = None


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

    def request_meshes(self, requests: Mapping[MeshKey, MeshRequest]) -> None:
        """Draw these and no others."""
        self._requests = requests
        bodies: dict[str, tuple[BodyParameters, int]] = {}
        for key, request in requests.items():
            known = bodies.get(key.digest)
            if known is None or known[1] < request.priority:
                bodies[key.digest] = (request.parameters, request.priority)
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
        if posed is None:
            return None
        return self._rendering.submit(
            mesh_view(key, posed),
            color=key.color,
            vertex_colors=self._requests[key].vertex_colors,
            priority=priority,
        )

    def _value_of(self, produced: NDArray[np.uint8]) -> QImage:
        return image_of(produced)

    def _body_ready(self, digest: str) -> None:
        self._begin_all(digest)
        self.posed.emit(digest)

    def _body_failed(self, digest: str, _message: str) -> None:
        self._begin_all(digest)

    def _begin_all(self, digest: str) -> None:
        for key in [key for key in self._requested if key.digest == digest]:
            self._begin(key)
