"""Garbage in cycles is found when asked for, on the thread that asks, as deep as it is due."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from core.system.garbage import GarbageSearch, rare_searches


class Knot:
    def __init__(self) -> None:
        self.itself = self


def tied_on(threads: list[str]) -> None:
    """Garbage that notes the thread on which it is taken apart."""
    knot = Knot()
    weakref.finalize(knot, lambda: threads.append(threading.current_thread().name))


def busy_with_objects() -> None:
    for _ in range(20):
        [[] for _ in range(10_000)]
        kept = [[] for _ in range(10_000)]
        kept.clear()


@pytest.fixture
def search() -> Iterator[GarbageSearch]:
    """As in a process where Python still searches by itself."""
    gc.enable()
    search = GarbageSearch(starting_s=0.0)
    yield search
    search.end()
    assert gc.isenabled()
    gc.disable()  # as in all other tests


def test_a_thread_that_makes_objects_takes_no_garbage_apart(search: GarbageSearch) -> None:
    threads: list[str] = []
    gc.collect()
    tied_on(threads)
    worker = threading.Thread(target=busy_with_objects, name="drawing")
    worker.start()
    worker.join()
    assert threads == []
    objects = [[] for _ in range(10_000)]
    search.look()
    assert threads == ["MainThread"]
    assert len(objects) == 10_000


def test_python_itself_would_have_taken_it_apart_on_the_thread() -> None:
    threads: list[str] = []
    gc.collect()
    tied_on(threads)
    gc.enable()
    worker = threading.Thread(target=busy_with_objects, name="drawing")
    worker.start()
    worker.join()
    gc.disable()
    assert threads == ["drawing"]


def test_too_few_objects_are_not_looked_through(search: GarbageSearch) -> None:
    threads: list[str] = []
    gc.collect()
    tied_on(threads)
    assert search.look() == 0
    assert threads == []
    gc.collect()


def grow(search: GarbageSearch, share: float) -> list[list[object]]:
    """Objects that stay, by a share of what is there."""
    objects: list[list[object]] = [[] for _ in range(int(share * len(gc.get_objects())))]
    search.look()
    return objects


def test_what_grew_old_is_found_once_a_quarter_more_is_there(search: GarbageSearch) -> None:
    threads: list[str] = []
    kept = [grow(search, 0.1)]  # The first look counts what there is.
    tied_on(threads)
    gc.freeze()
    gc.unfreeze()  # Now everything is old, the knot too.
    kept.append(grow(search, 0.1))
    assert threads == []
    kept.append(grow(search, 0.4))
    assert threads == ["MainThread"]


def test_a_program_that_starts_is_not_looked_through(search: GarbageSearch) -> None:
    search.end()
    starting = GarbageSearch(starting_s=3600.0)
    threads: list[str] = []
    tied_on(threads)
    gc.freeze()
    gc.unfreeze()
    kept = [grow(starting, 0.6), grow(starting, 0.6)]
    assert threads == []
    starting.end()
    assert gc.collect()
    assert threads == ["MainThread"]
    assert len(kept) == 2


@rare_searches()
def work_that_is_stopped(before: tuple[int, int, int]) -> None:
    assert gc.isenabled()
    assert gc.get_threshold()[0] > before[0]
    with rare_searches():
        pass
    assert gc.get_threshold()[0] > before[0], "work within work ended it for both"
    raise RuntimeError("stopped")


def test_work_in_bulk_searches_seldom_and_python_as_before_afterwards(
    search_of_python: None,
) -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError, match="stopped"):
        work_that_is_stopped(before)
    assert gc.get_threshold() == before


def test_where_python_does_not_search_work_in_bulk_changes_nothing(search_of_python: None) -> None:
    before = gc.get_threshold()
    gc.disable()
    with rare_searches():
        assert not gc.isenabled()
        assert gc.get_threshold() == before


@pytest.fixture
def search_of_python() -> Iterator[None]:
    was_on, thresholds = gc.isenabled(), gc.get_threshold()
    gc.enable()
    yield
    gc.set_threshold(*thresholds)
    if not was_on:
        gc.disable()
