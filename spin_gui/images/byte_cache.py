"""A least-recently-used cache bounded by bytes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from cachetools import LRUCache
from PySide6.QtGui import QPixmap

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def byte_cache(budget_bytes: int, size_of: Callable[[Value], int]) -> LRUCache[Key, Value]:
    """A cache that keeps the values used last, as many as fit into ``budget_bytes``.

    cachetools refuses a value that alone is over the budget. Here it counts as the whole budget,
    and is therefore kept alone: the value put in last is on screen.
    """
    return LRUCache(budget_bytes, getsizeof=lambda value: min(size_of(value), budget_bytes))


def pixmap_bytes(pixmap: QPixmap) -> int:
    """What a pixmap takes, at four bytes a pixel."""
    return 4 * pixmap.width() * pixmap.height()
