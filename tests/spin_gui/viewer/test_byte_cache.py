"""The cache behind the views."""

from __future__ import annotations

from spin_gui.images.lru_cache import ByteCache


def test_the_least_recently_used_value_makes_room() -> None:
    cache: ByteCache[str, int] = ByteCache(30)
    for index, key in enumerate("abc"):
        cache.put(key, index, 10)
    assert cache.get("a") == 0
    cache.put("d", 3, 10)
    assert list(cache) == ["c", "a", "d"]
    assert cache.used_bytes == 30


def test_a_value_larger_than_the_budget_is_kept_alone() -> None:
    cache: ByteCache[str, int] = ByteCache(30)
    cache.put("a", 0, 10)
    cache.put("huge", 1, 100)
    assert list(cache) == ["huge"]


def test_replacing_a_value_does_not_count_it_twice() -> None:
    cache: ByteCache[str, int] = ByteCache(30)
    cache.put("a", 0, 10)
    cache.put("a", 1, 20)
    assert (cache.get("a"), cache.used_bytes) == (1, 20)
    cache.clear()
    assert (len(cache), cache.used_bytes) == (0, 0)
