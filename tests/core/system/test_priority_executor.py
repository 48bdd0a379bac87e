"""Urgent work first, cancelled work never, threads gone at the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError

import pytest

from core.system.priority_executor import PriorityExecutor, Together


class HeldExecutor:
    """An executor of one thread that is busy until it is released."""

    def __init__(self, *, newest_first: bool = False) -> None:
        self.executor = PriorityExecutor("test", newest_first=newest_first)
        self.order: list[str] = []
        self._gate = threading.Event()
        begun = threading.Event()

        def hold() -> None:
            begun.set()
            self._gate.wait(5)

        self.executor.submit(hold, priority=1000)
        assert begun.wait(5)

    def submit(self, name: str, priority: int):
        return self.executor.submit(lambda: self.order.append(name), priority=priority)

    def finish(self, *futures) -> None:
        self._gate.set()
        for future in futures:
            future.result(5)

    def close(self) -> None:
        self._gate.set()
        self.executor.close()


@pytest.fixture
def held() -> Iterator[HeldExecutor]:
    held = HeldExecutor()
    yield held
    held.close()


def test_urgent_work_comes_first_and_among_equals_the_oldest(held: HeldExecutor) -> None:
    futures = [
        held.submit("neighbour", 0),
        held.submit("current", 9),
        held.submit("neighbour 2", 0),
    ]
    held.finish(*futures)
    assert held.order == ["current", "neighbour", "neighbour 2"]


def test_the_newest_comes_first_where_that_is_asked_for() -> None:
    held = HeldExecutor(newest_first=True)
    held.finish(held.submit("old", 5), held.submit("new", 5))
    held.close()
    assert held.order == ["new", "old"]


def test_cancelled_work_is_never_begun(held: HeldExecutor) -> None:
    dropped, kept = held.submit("old", 0), held.submit("new", 0)
    assert dropped.cancel()
    held.finish(kept)
    assert held.order == ["new"]


def test_an_error_arrives_through_the_future_and_the_thread_lives_on() -> None:
    executor = PriorityExecutor("test")
    with pytest.raises(ZeroDivisionError):
        executor.submit(lambda: 1 // 0).result(5)
    assert executor.submit(lambda: 7).result(5) == 7
    executor.close()


def test_closing_ends_the_threads_and_cancels_what_waits() -> None:
    before = threading.active_count()
    ended = []
    executor = PriorityExecutor("test", threads=2, at_end=lambda: ended.append(1))
    assert threading.active_count() == before + 2
    executor.close()
    assert threading.active_count() == before
    assert ended == [1, 1]
    assert executor.submit(lambda: 1).cancelled()


def test_work_that_waits_at_the_close_is_cancelled(held: HeldExecutor) -> None:
    waiting = held.submit("late", 0)
    closing = threading.Thread(target=held.executor.close)
    closing.start()
    with pytest.raises(CancelledError):
        waiting.result(5)
    held.close()
    closing.join(5)
    assert held.order == []


def test_items_that_are_equally_urgent_are_done_together_and_no_more_than_allowed(
    held: HeldExecutor,
) -> None:
    calls: list[list[int]] = []

    def doubled(items: Sequence[int]) -> list[int | Exception]:
        calls.append(list(items))
        return [ValueError("odd") if item % 2 else 2 * item for item in items]

    together = Together(doubled, at_most=3)
    other = Together(doubled, at_most=3)
    items = [held.executor.submit_item(together, item, priority=5) for item in (2, 3, 4, 6)]
    urgent = held.executor.submit_item(together, 8, priority=9)
    apart = held.executor.submit_item(other, 10, priority=5)
    dropped = held.executor.submit_item(together, 12, priority=5)
    assert dropped.cancel()
    held.finish(urgent, apart)
    assert calls == [[8], [2, 3, 4], [6], [10]]
    assert [items[0].result(5), items[2].result(5), items[3].result(5)] == [4, 8, 12]
    with pytest.raises(ValueError, match="odd"):
        items[1].result(5)


def test_an_error_of_the_common_work_reaches_every_item(held: HeldExecutor) -> None:
    def broken(_items: Sequence[int]) -> list[int | Exception]:
        raise RuntimeError("no context")

    together = Together(broken, at_most=9)
    futures = [held.executor.submit_item(together, item) for item in range(2)]
    held.finish(held.submit("after", -1))
    for future in futures:
        with pytest.raises(RuntimeError, match="no context"):
            future.result(5)
