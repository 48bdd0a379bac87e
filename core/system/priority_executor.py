"""A few threads that do the most urgent work first and drop work that was cancelled.

It differs from ``concurrent.futures.ThreadPoolExecutor`` in the order of the work and in the
priority of its threads. Results and errors come through futures, whose callbacks run on the thread
that did the work and may therefore do no more than hand the result on.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from core.system.thread_priority import give_way

Result = TypeVar("Result")

_Entry = tuple[tuple[int, int], Callable[[], Any], Future[Any]]


def _nothing() -> None:
    """What a thread does at its end where nothing is to be cleaned up."""


class PriorityExecutor:
    """Runs work on its threads, the highest priority first.

    Args:
        name: of the threads, for debuggers.
        threads: how many.
        newest_first: among equal priorities, begin with the newest work; otherwise the oldest.
        at_end: called on each thread before it ends.
        awaited: whether a person waits for each piece of work, so that it does not give way.
    """

    def __init__(
        self,
        name: str,
        *,
        threads: int = 1,
        newest_first: bool = False,
        at_end: Callable[[], None] = _nothing,
        awaited: bool = False,
    ) -> None:
        self._order = itertools.count(step=-1 if newest_first else 1)
        self._at_end, self._awaited = at_end, awaited
        self._queue: list[_Entry] = []
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{index}", daemon=True)
            for index in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[], Result], *, priority: int = 0) -> Future[Result]:
        """Have ``work`` done; ``cancel()`` of the future drops it unless it has begun.

        After ``close`` the future that comes back is cancelled already.
        """
        future: Future[Result] = Future()
        with self._changed:
            if not self._closed:
                heapq.heappush(self._queue, ((-priority, next(self._order)), work, future))
                self._changed.notify()
                return future
        future.cancel()
        return future

    def close(self) -> None:
        """Cancel what waits, let what runs finish, and end the threads."""
        with self._changed:
            self._closed = True
            waiting, self._queue = self._queue, []
            self._changed.notify_all()
        for _, _, future in waiting:
            future.cancel()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _serve(self) -> None:
        if not self._awaited:
            give_way()  # before the work starts threads of its own, which inherit the priority
        while (entry := self._next()) is not None:
            _, work, future = entry
            if future.set_running_or_notify_cancel():
                _run(work, future)
        self._at_end()

    def _next(self) -> _Entry | None:
        """The most urgent work, which is waited for; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            return None if self._closed else heapq.heappop(self._queue)


def _run(work: Callable[[], Any], future: Future[Any]) -> None:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - the error belongs to the caller
        future.set_exception(error)
    else:
        future.set_result(result)
