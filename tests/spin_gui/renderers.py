"""Renderers that stand in for OpenGL in tests of the window."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
from numpy.typing import NDArray

from core.rendering.views import MeshView


def grey_square(view: MeshView, *, level: int) -> NDArray[np.uint8]:
    """What a held renderer draws: opaque, of one grey level."""
    rgba = np.full((view.height, view.width, 4), 255, dtype=np.uint8)
    rgba[..., :3] = level
    return rgba


class HeldRendering:
    """A renderer that draws nothing until it is told to, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[MeshView, Future[NDArray[np.uint8]], int]] = []

    def submit(
        self,
        view: MeshView,
        *,
        color: object,
        vertex_colors: object = None,
        priority: int = 0,
        wireframe: bool = False,
        plain: bool = False,
    ) -> Future[NDArray[np.uint8]]:
        future: Future[NDArray[np.uint8]] = Future()
        self.asked.append((view, future, priority))
        return future

    def draw(self, position: int = 0, *, level: int = 255) -> None:
        """Finish one request: an opaque square of one grey level."""
        view, future, _priority = self.asked.pop(position)
        if future.set_running_or_notify_cancel():
            future.set_result(grey_square(view, level=level))

    def draw_all(self) -> None:
        while self.asked:
            self.draw()


class ClearRenderer:
    """Answers at once with nothing drawn: a real context takes a second to make, test by test."""

    def __init__(self, faces: object) -> None:
        self.closed = False

    def submit(self, view: MeshView, **_options: object) -> Future[NDArray[np.uint8]]:
        future: Future[NDArray[np.uint8]] = Future()
        future.set_result(np.zeros((view.height, view.width, 4), np.uint8))
        return future

    def close(self) -> None:
        self.closed = True
