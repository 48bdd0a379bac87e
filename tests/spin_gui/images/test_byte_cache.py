"""The cache behind the views."""

from __future__ import annotations

from cachetools import LRUCache

from spin_gui.images.byte_cache import byte_cache


def texts(budget: int) -> LRUCache[str, str]:
    return byte_cache(budget, len)


def test_the_least_recently_used_value_makes_room() -> None:
    cache = texts(30)
    for key in "abc":
        cache[key] = 10 * key
    assert cache.get("a") == 10 * "a"
    cache["d"] = 10 * "d"
    assert set(cache) == {"c", "a", "d"}
    assert cache.currsize == 30


def test_a_value_larger_than_the_budget_is_kept_alone() -> None:
    cache = texts(30)
    cache["a"] = 10 * "a"
    cache["huge"] = 100 * "h"
    assert list(cache) == ["huge"]
    cache["b"] = 10 * "b"
    assert list(cache) == ["b"]


def test_replacing_a_value_does_not_count_it_twice() -> None:
    cache = texts(30)
    cache["a"] = 10 * "a"
    cache["a"] = 20 * "a"
    assert (len(cache["a"]), cache.currsize) == (20, 20)
    cache.clear()
    assert (len(cache), cache.currsize) == (0, 0)
