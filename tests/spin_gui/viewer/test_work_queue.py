"""Urgent work first, stale work never, threads gone at the end."""

from __future__ import annotations

import threading
from collections.abc import Hashable

import pytest

from core.errors import StudioError
from spin_gui.images.priority_workers import AHEAD, URGENT, WorkQueue


class Log:
    """Gathers what a queue reports and lets a test wait for it."""

    def __init__(self) -> None:
        self.done: list[Hashable] = []
        self.failed: list[tuple[Hashable, str]] = []
        self._changed = threading.Condition()

    def on_done(self, key: Hashable, _result: object) -> None:
        with self._changed:
            self.done.append(key)
            self._changed.notify_all()

    def on_failed(self, key: Hashable, message: str) -> None:
        with self._changed:
            self.failed.append((key, message))
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.done) + len(self.failed) >= count, 5)


@pytest.fixture
def log() -> Log:
    return Log()


def held_queue(log: Log) -> tuple[WorkQueue, threading.Event]:
    """A queue of one thread that is busy until the event is set."""
    queue = WorkQueue("test", threads=1, done=log.on_done, failed=log.on_failed)
    begun, release = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        release.wait(5)

    queue.submit("hold", hold, priority=URGENT)
    assert begun.wait(5)
    return queue, release


def test_urgent_work_overtakes_what_was_asked_for_ahead(log: Log) -> None:
    queue, release = held_queue(log)
    queue.submit("neighbour", lambda: 1, priority=AHEAD)
    queue.submit("current", lambda: 2, priority=URGENT)
    queue.submit("neighbour 2", lambda: 3, priority=AHEAD)
    queue.submit("neighbour 2", lambda: 3, priority=URGENT)
    release.set()
    log.wait_for(4)
    queue.close()
    assert log.done == ["hold", "current", "neighbour 2", "neighbour"]


def test_stale_work_is_never_begun(log: Log) -> None:
    queue, release = held_queue(log)
    begun: list[str] = []
    for key in ("old", "new"):
        queue.submit(key, lambda key=key: begun.append(key), priority=AHEAD)
    assert queue.keep_only({"new"}) == {"old"}
    release.set()
    log.wait_for(2)
    queue.close()
    assert begun == ["new"]


def test_a_failure_is_told_and_the_thread_lives_on(log: Log) -> None:
    queue = WorkQueue("test", threads=1, done=log.on_done, failed=log.on_failed)

    def fail() -> None:
        raise StudioError("No such picture.", remedy="Put it back.")

    queue.submit("bad", fail, priority=URGENT)
    queue.submit("worse", lambda: 1 // 0, priority=URGENT)
    queue.submit("good", lambda: 1, priority=URGENT)
    log.wait_for(3)
    queue.close()
    assert log.failed[0] == ("bad", "No such picture. Put it back.")
    assert "ZeroDivisionError" in log.failed[1][1]
    assert log.done == ["good"]


def test_closing_ends_the_threads(log: Log) -> None:
    before = threading.active_count()
    queue = WorkQueue("test", threads=2, done=log.on_done, failed=log.on_failed)
    assert threading.active_count() == before + 2
    queue.close()
    assert threading.active_count() == before
    queue.submit("late", lambda: 1, priority=URGENT)
    assert log.done == []
