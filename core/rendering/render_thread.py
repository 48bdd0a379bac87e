"""Drawing as a service: any thread asks, one thread draws.

OpenGL contexts belong to one thread, and a process can hold only one of pyrender's renderers at a
time. All services therefore share one drawing thread, which lives from the first ``RenderService``
to the closing of the last::

    any thread ── submit() ──> queue (most urgent first, newest first) ──> drawing thread
        ^                                                                      │
        └───────────────────── Future: picture or RenderingError <─────────────┘
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError, ShapeError
from core.rendering.colors import CURRENT_FIT_COLOR, MeshColor
from core.rendering.renderer import BodyRenderer
from core.rendering.views import MeshView
from core.system.thread_priority import give_way

RenderedFuture = Future[NDArray[np.uint8]]
_Draw = Callable[[BodyRenderer], NDArray[np.uint8]]


class RenderService:
    """Draws views of bodies with one set of faces; safe to use from every thread.

    Close it (or use ``with``) when done. ``faces`` is ``(F, 3)``.
    """

    def __init__(self, faces: NDArray[np.integer]) -> None:
        if faces.ndim != 2 or faces.shape[1] != 3:
            raise ShapeError("faces", actual=faces.shape, expected="(F, 3)")
        self._faces = np.ascontiguousarray(faces, dtype=np.uint32)
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
    ) -> RenderedFuture:
        """Ask for a picture of the view.

        Args:
            view: body and camera; see ``core.rendering.views``.
            color: of the body, red, green, blue in 0..1.
            vertex_colors: ``(V, 3)`` in 0..1, multiplied with ``color``; None for a plain body.
            priority: larger is drawn earlier; among equals the newest request is first.
            supersampling: see ``BodyRenderer.render``.

        Returns:
            A future of ``(height, width, 4)`` uint8 with straight alpha. Its ``cancel()`` drops the
            request unless drawing has begun. Its callbacks run on the drawing thread.

        Raises:
            RenderingError: when the service is closed; drawing errors come through the future.
        """
        faces = self._faces

        def draw(renderer: BodyRenderer) -> NDArray[np.uint8]:
            return renderer.render(
                view, faces, color=color, vertex_colors=vertex_colors, supersampling=supersampling
            )

        return self._put(draw, priority)

    def _put(self, draw: _Draw, priority: int) -> RenderedFuture:
        future: RenderedFuture = Future()
        with self._lock:
            if self._thread is None:
                raise RenderingError("The render service is closed.")
            self._waiting[future] = priority
            thread = self._thread
        future.add_done_callback(self._forget)
        thread.put(draw, future, priority)
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
            lambda renderer: renderer.render_labels(view, faces, face_labels), _MOST_URGENT
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
        self._wake = threading.Condition()
        self._queue: list[tuple[int, int, _Draw, RenderedFuture]] = []
        self._counter = itertools.count()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="rendering", daemon=True)
        self._thread.start()

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
                thread.end()

    def put(self, draw: _Draw, future: RenderedFuture, priority: int) -> None:
        with self._wake:
            # Counted down: of two equally urgent requests the newer one is smaller.
            heapq.heappush(self._queue, (-priority, -next(self._counter), draw, future))
            self._wake.notify()

    def end(self) -> None:
        with self._wake:
            self._ending = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _next(self) -> tuple[_Draw, RenderedFuture] | None:
        """The next request, or None at the end; requests left at the end are cancelled."""
        with self._wake:
            self._wake.wait_for(lambda: self._queue or self._ending)
            if self._ending:
                return None
            return heapq.heappop(self._queue)[2:]

    def _run(self) -> None:
        give_way()  # before software OpenGL starts its own threads, which inherit it
        renderer: BodyRenderer | None = None
        while (request := self._next()) is not None:
            draw, future = request
            if not future.set_running_or_notify_cancel():
                continue
            try:
                renderer = renderer or BodyRenderer()
                picture = draw(renderer)
            except Exception as error:  # noqa: BLE001 - whatever went wrong belongs to the caller
                future.set_exception(error)
            else:
                future.set_result(picture)
        for _, _, _, future in self._queue:
            future.cancel()
        if renderer is not None:
            renderer.close()
