"""Drawing as a service: any thread asks, one thread draws.

OpenGL contexts belong to one thread, and a process can hold only one of pyrender's renderers at a
time. All services therefore share one drawing thread, which lives from the first ``RenderService``
to the closing of the last::

    any thread ── submit() ──> queue (most urgent first, newest first) ──> drawing thread
        ^                                                                      │
        └───────────────────── Future: picture or RenderingError <─────────────┘

Requests that wait and are equally urgent are drawn together (``renderer``), up to
``MOST_TOGETHER``: the nine views of a sample cost half of what they cost one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError, ShapeError, StudioError
from core.rendering.colors import CURRENT_FIT_COLOR, MeshColor
from core.rendering.drawings import Drawing
from core.rendering.mannequin import Mannequin
from core.rendering.renderer import BodyRenderer
from core.rendering.views import MeshView
from core.system.priority_executor import PriorityExecutor, Together

RenderedFuture = Future[NDArray[np.uint8]]

MOST_TOGETHER = 9
"""Views of a sample: more would keep what is more urgent waiting."""


class RenderService:
    """Draws views of bodies with one set of faces; safe to use from every thread.

    Close it (or use ``with``) when done. ``faces`` is ``(F, 3)``. With ``skinning_weights``,
    ``(V, 24)``, bodies are dressed as mannequins; without them they have one colour.
    """

    def __init__(
        self,
        faces: NDArray[np.integer],
        *,
        skinning_weights: NDArray[np.floating] | None = None,
    ) -> None:
        if faces.ndim != 2 or faces.shape[1] != 3:
            raise ShapeError("faces", actual=faces.shape, expected="(F, 3)")
        self._faces = np.ascontiguousarray(faces, dtype=np.uint32)
        self._mannequin = (
            None if skinning_weights is None else Mannequin(self._faces, skinning_weights)
        )
        self._lock = threading.Lock()
        self._waiting: dict[RenderedFuture, int] = {}
        self._thread: _DrawingThread | None = _DrawingThread.acquire()

    def submit(
        self,
        view: MeshView,
        *,
        color: MeshColor = CURRENT_FIT_COLOR,
        vertex_colors: NDArray[np.floating] | None = None,
        priority: int = 0,
        supersampling: int = 1,
        wireframe: bool = False,
        plain: bool = False,
    ) -> RenderedFuture:
        """Ask for a picture of the view.

        Args:
            view: body and camera; see ``core.rendering.views``.
            color: of the body, red, green, blue in 0..1.
            vertex_colors: ``(V, 3)`` in 0..1, multiplied with ``color``; None for a plain body.
            priority: larger is drawn earlier; among equals the newest request is first.
            supersampling: see ``Drawing``.
            wireframe: see there.
            plain: in one colour, without the mannequin's clothes.

        Returns:
            A future of ``(height, width, 4)`` uint8, colours premultiplied with the coverage. Its
            ``cancel()`` drops the request unless drawing has begun. Its callbacks run on the
            drawing thread.

        Raises:
            RenderingError: when the service is closed; drawing errors come through the future.
        """
        drawing = Drawing(
            (view,),
            self._faces,
            colors=(color,),
            vertex_colors=vertex_colors,
            supersampling=supersampling,
            wireframe=wireframe,
            mannequin=None if plain else self._mannequin,
        )
        return self._put(lambda thread: thread.submit_drawing(drawing, priority), priority)

    def submit_people(
        self,
        views: Sequence[MeshView],
        *,
        colors: Sequence[MeshColor],
        priority: int = 0,
        supersampling: int = 1,
        plain: bool = False,
    ) -> RenderedFuture:
        """Ask for one picture of several bodies; who is nearer hides who is farther.

        Args:
            views: one for each body, all of one size; each body is seen by its own camera.
            colors: one for each body.
            priority: see ``submit``, as for the other two.
            supersampling: see ``submit``.
            plain: see ``submit``.

        Raises:
            RenderingError: when the service is closed; drawing errors come through the future.
        """
        drawing = Drawing(
            tuple(views),
            self._faces,
            colors=tuple(colors),
            supersampling=supersampling,
            mannequin=None if plain else self._mannequin,
        )
        return self._put(lambda thread: thread.submit_drawing(drawing, priority), priority)

    def _put(
        self, begin: Callable[[_DrawingThread], RenderedFuture], priority: int
    ) -> RenderedFuture:
        with self._lock:
            if self._thread is None:
                raise RenderingError("The render service is closed.")
            future = begin(self._thread)
            self._waiting[future] = priority
        future.add_done_callback(self._forget)
        return future

    def render(
        self,
        view: MeshView,
        *,
        color: MeshColor = CURRENT_FIT_COLOR,
        vertex_colors: NDArray[np.floating] | None = None,
        supersampling: int = 1,
    ) -> NDArray[np.uint8]:
        """Draw at once and wait; never call it on the drawing thread (in a future's callback)."""
        future = self.submit(
            view,
            color=color,
            vertex_colors=vertex_colors,
            priority=_MOST_URGENT,
            supersampling=supersampling,
        )
        return future.result()

    def render_labels(self, view: MeshView, face_labels: NDArray[np.integer]) -> NDArray[np.uint8]:
        """Draw a label map at once and wait; see ``BodyRenderer.render_labels``."""
        faces = self._faces
        return self._put(
            lambda thread: thread.submit_labels(view, faces, face_labels), _MOST_URGENT
        ).result()

    def cancel_below(self, priority: int) -> int:
        """Drop this service's requests of lower priority that have not begun; returns how many."""
        with self._lock:
            stale = [future for future, urgency in self._waiting.items() if urgency < priority]
        return sum(future.cancel() for future in stale)

    def close(self) -> None:
        """Drop what has not begun and let the drawing thread go; a second call does nothing."""
        with self._lock:
            thread, self._thread = self._thread, None
            waiting = list(self._waiting)
        if thread is not None:
            for future in waiting:
                future.cancel()
            _DrawingThread.release(thread)

    def _forget(self, future: RenderedFuture) -> None:
        with self._lock:
            self._waiting.pop(future, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


_MOST_URGENT = 1_000_000


class _DrawingThread:
    """The one thread with the one renderer; counted by the services that use it."""

    # The OpenGL context is the process's own, so its keeper is too; guarded by the lock.
    _lock = threading.Lock()
    _living: _DrawingThread | None = None

    def __init__(self) -> None:
        self.users = 0
        self._renderer: BodyRenderer | None = None
        self._together = Together(self._draw, MOST_TOGETHER)
        self._executor = PriorityExecutor(
            "rendering", newest_first=True, at_end=self._close_renderer
        )

    @classmethod
    def acquire(cls) -> _DrawingThread:
        with cls._lock:
            if cls._living is None:
                cls._living = cls()
            cls._living.users += 1
            return cls._living

    @classmethod
    def release(cls, thread: _DrawingThread) -> None:
        """The last service ends the thread and waits, so that the next begins with no context."""
        with cls._lock:
            thread.users -= 1
            if thread.users == 0:
                cls._living = None
                thread._executor.close()

    def submit_drawing(self, drawing: Drawing, priority: int) -> RenderedFuture:
        return self._executor.submit_item(self._together, drawing, priority=priority)

    def submit_labels(
        self, view: MeshView, faces: NDArray[np.integer], face_labels: NDArray[np.integer]
    ) -> RenderedFuture:
        return self._executor.submit(
            lambda: self._made_renderer().render_labels(view, faces, face_labels),
            priority=_MOST_URGENT,
        )

    def _draw(self, drawings: Sequence[Drawing]) -> list[NDArray[np.uint8] | StudioError]:
        return self._made_renderer().render_all(drawings)

    def _made_renderer(self) -> BodyRenderer:
        """On the drawing thread, as all that touches OpenGL."""
        self._renderer = self._renderer or BodyRenderer()
        return self._renderer

    def _close_renderer(self) -> None:
        if self._renderer is not None:
            self._renderer.close()
