"""A few threads that do the most urgent work first and drop work that was cancelled.

It differs from ``concurrent.futures.ThreadPoolExecutor`` in the order of the work, in the priority
of its threads, and in pausing where the main thread has to wait for a core. Results and errors come
through futures, whose callbacks run on the thread that did the work and may therefore do no more
than hand the result on.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from core.system.main_thread_waits import MainThreadWaits
from core.system.thread_priority import give_way

PRESSING = 100
"""The least priority of what a person looks at and waits for."""

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, eq=False)
class Together(Generic[Item, Result]):
    """Work that costs less for several items at once than for each alone.

    work: what comes of each item, in their order; an exception is that item's alone.
    at_most: how many items are done together, and therefore how long a more urgent one waits.
    """

    work: Callable[[Sequence[Item]], Sequence[Result | Exception]]
    at_most: int


class _Entry(NamedTuple):
    """order: the smallest comes first. together: how ``item`` is worked on; None: it is called."""

    order: tuple[int, int]
    item: Any
    future: Future[Any]
    together: Together[Any, Any] | None


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

    Work less urgent than ``PRESSING`` pauses as long as the main thread waited for a core.
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
        self._put(work, future, None, priority)
        return future

    def submit_item(
        self, together: Together[Item, Result], item: Item, *, priority: int = 0
    ) -> Future[Result]:
        """As ``submit``; items of one ``Together`` that are equally urgent are done at once."""
        future: Future[Result] = Future()
        self._put(item, future, together, priority)
        return future

    def _put(
        self,
        item: Any,
        future: Future[Any],
        together: Together[Any, Any] | None,
        priority: int,
    ) -> None:
        with self._changed:
            if not self._closed:
                order = (-priority, next(self._order))
                heapq.heappush(self._queue, _Entry(order, item, future, together))
                self._changed.notify_all()  # one that pauses must not keep it from one that is idle
                return
        future.cancel()

    def close(self) -> None:
        """Cancel what waits, let what runs finish, and end the threads."""
        with self._changed:
            self._closed = True
            waiting, self._queue = self._queue, []
            self._changed.notify_all()
        for entry in waiting:
            entry.future.cancel()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()

    def _serve(self) -> None:
        if not self._awaited:
            give_way()  # before the work starts threads of its own, which inherit the priority
        waits = MainThreadWaits()
        while entries := self._next(waits):
            begun = [entry for entry in entries if entry.future.set_running_or_notify_cancel()]
            if begun:
                _run(begun)
        self._at_end()

    def _next(self, waits: MainThreadWaits) -> list[_Entry]:
        """The most urgent work, which is waited for, and what is done with it; none at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if not self._is_pressing():
                self._changed.wait_for(self._is_pressing, timeout=waits.pause_s())
            self._changed.wait_for(lambda: self._queue or self._closed)  # another took it meanwhile
            if self._closed:
                return []
            entries = [heapq.heappop(self._queue)]
            together = entries[0].together
            while (
                together is not None
                and self._queue
                and len(entries) < together.at_most
                and self._queue[0].together is together
                and self._queue[0].order[0] == entries[0].order[0]
            ):
                entries.append(heapq.heappop(self._queue))
            return entries

    def _is_pressing(self) -> bool:
        """Whether there is what a person waits for; anything else may pause."""
        first = -self._queue[0].order[0] if self._queue else None
        return self._awaited or self._closed or (first is not None and first >= PRESSING)


def _run(entries: list[_Entry]) -> None:
    together = entries[0].together
    if together is None:
        _take(entries[0].future, entries[0].item)
        return
    try:
        results = together.work([entry.item for entry in entries])
    except Exception as error:  # noqa: BLE001 - the error belongs to the callers
        results = [error] * len(entries)
    for entry, result in zip(entries, results, strict=True):
        if isinstance(result, Exception):
            entry.future.set_exception(result)
        else:
            entry.future.set_result(result)


def _take(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - the error belongs to the caller
        future.set_exception(error)
    else:
        future.set_result(result)
