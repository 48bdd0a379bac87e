"""A least-recently-used cache bounded by bytes. Knows nothing of Qt; used by one thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ByteCache(Generic[Key, Value]):
    """Keeps the values used last, as many as fit into ``budget_bytes``.

    The value put in last is always kept, even when it alone is over the budget: it is on screen.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._entries: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self.used_bytes = 0

    def get(self, key: Key) -> Value | None:
        """The value, which thereby becomes the most recently used; None when it is not kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: Key, value: Value, size_bytes: int) -> None:
        """Keep ``value``; the least recently used ones make room."""
        self.drop(key)
        self._entries[key] = (value, size_bytes)
        self.used_bytes += size_bytes
        while self.used_bytes > self._budget and len(self._entries) > 1:
            _, (_, freed) = self._entries.popitem(last=False)
            self.used_bytes -= freed

    def drop(self, key: Key) -> None:
        """Forget one value, if it is kept."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.used_bytes -= entry[1]

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.used_bytes = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Key]:
        return iter(self._entries)
