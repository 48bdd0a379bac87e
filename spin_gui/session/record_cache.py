"""What was read of the samples looked at last, so that panels may ask as often as they like."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")


class SampleCache:
    """A bounded memory of records by sample and kind; the sample used longest ago goes first."""

    def __init__(self, *, max_samples: int) -> None:
        self._by_sample: LRUCache[int, dict[str, object]] = LRUCache(max_samples)

    def get(self, kind: str, sample_id: int, load: Callable[[int], Value]) -> Value:
        """The record of this kind, loaded at most once while it is remembered."""
        records = self._by_sample.get(sample_id, {})
        if kind not in records:
            records[kind] = load(sample_id)
            self._by_sample[sample_id] = records
        return records[kind]  # type: ignore[return-value]  # put there by the same kind's load

    def peek(self, kind: str) -> dict[int, object]:
        """All remembered records of one kind by sample id."""
        return {
            sample_id: records[kind]
            for sample_id, records in self._by_sample.items()
            if kind in records
        }

    def forget(self, sample_ids: Iterable[int], *, kinds: Collection[str]) -> None:
        """Drop these kinds of these samples; they are read again when asked for."""
        for sample_id in sample_ids:
            records = self._by_sample.get(sample_id, {})
            for kind in kinds:
                records.pop(kind, None)

    def sample_ids(self) -> list[int]:
        """Every sample anything is remembered of."""
        return list(self._by_sample)
