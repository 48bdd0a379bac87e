"""A few threads that do the most urgent work first and forget work nobody waits for any more.

Knows nothing of Qt. What the work returns goes to a callback in the worker thread, which therefore
may do no more than hand it on (emit a signal).
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from core.errors import StudioError
from core.system.thread_priority import give_way

URGENT, AHEAD = 100, 0
"""What the current sample needs; the least of what neighbours will need."""


@dataclass(order=True)
class _QueuedJob:
    rank: tuple[int, int]
    key: Hashable = field(compare=False)
    work: Callable[[], object] = field(compare=False)


Done = Callable[[Hashable, object], None]
Failed = Callable[[Hashable, str], None]


class WorkQueue:
    """Runs ``work`` for keys, the highest priority first, then the one asked for first.

    Args:
        name: of the threads, for debuggers.
        threads: how many.
        done: called in a worker thread with the key and what the work returned.
        failed: called in a worker thread with the key and a message for the user.
    """

    def __init__(self, name: str, *, threads: int, done: Done, failed: Failed) -> None:
        self._done, self._failed = done, failed
        self._order = itertools.count()
        self._jobs: list[_QueuedJob] = []
        self._wakened = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"{name}-{index}", daemon=True)
            for index in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, key: Hashable, work: Callable[[], object], *, priority: int) -> None:
        """Have ``work`` done; a key that is waiting already only gets the new priority."""
        job = _QueuedJob((-priority, next(self._order)), key, work)
        with self._wakened:
            if self._closed:
                return
            self._remove({key})
            heapq.heappush(self._jobs, job)
            self._wakened.notify()

    def keep_only(self, keys: Iterable[Hashable]) -> set[Hashable]:
        """Forget the waiting work for other keys; returns the keys that were forgotten."""
        wanted = set(keys)
        with self._wakened:
            stale = {job.key for job in self._jobs} - wanted
            self._remove(stale)
        return stale

    def close(self) -> None:
        """Forget what waits, let what runs finish, end the threads."""
        with self._wakened:
            self._closed = True
            self._jobs.clear()
            self._wakened.notify_all()
        for thread in self._threads:
            thread.join()

    def _remove(self, keys: set[Hashable]) -> None:
        kept = [job for job in self._jobs if job.key not in keys]
        if len(kept) != len(self._jobs):
            heapq.heapify(kept)
            self._jobs = kept

    def _serve(self) -> None:
        give_way()
        while (job := self._next_job()) is not None:
            try:
                result = job.work()
            except StudioError as error:
                self._failed(job.key, str(error))
            except Exception as error:  # noqa: BLE001 - a thread that dies would leave views loading for ever
                self._failed(job.key, f"{type(error).__name__}: {error}")
            else:
                self._done(job.key, result)

    def _next_job(self) -> _QueuedJob | None:
        with self._wakened:
            self._wakened.wait_for(lambda: self._jobs or self._closed)
            return None if self._closed else heapq.heappop(self._jobs)
