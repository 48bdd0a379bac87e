"""Mixing random fits into a queue: where each stands, and that it stays there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dictionary.assessment.audits import Draw
from core.dictionary.storage.ids import SampleIds
from core.types.audits import Audit

WINDOW_ROWS = 1000
"""Random ones are mixed into the first rows of a queue; as it goes on, so does the window."""


@dataclass(frozen=True, eq=False)
class MixedQueue:
    """Sample ids in the queue's order, and the draws that stand among them, by sample."""

    ids: SampleIds
    draws: Mapping[int, Draw]


def wanted_draws(audit: Audit) -> int:
    """How many fits that wait are enough for a window, whatever samples are marked."""
    return int(2 * _share_of_slots(audit) * WINDOW_ROWS) + 8


def mixed_in(
    ids: SampleIds, audit: Audit, *, drawn: Iterable[Draw], waiting: Mapping[int, int]
) -> MixedQueue:
    """The queue with random fits before some of its samples.

    Before which ones follows from the audit's seed and their ids alone: a share s of the queue is
    random where s / (1 - s) of its samples have a random one before them. So the next one does not
    move away while the queue goes on, and what was shown stays before the same sample.

    Args:
        ids: ``(N,)`` the queue without them.
        audit: the random checks.
        drawn: what was shown already.
        waiting: sample ids by position in the audit's order, of fits without verdict, the next
            ones first.
    """
    drawn = list(drawn)
    shown = [draw for draw in drawn if waiting.get(draw.position) == draw.sample_id]
    taken = {draw.position for draw in drawn}
    fresh = [(place, sample) for place, sample in waiting.items() if place not in taken]
    used = {draw.before_sample_id for draw in drawn}
    plain = _without(ids, [draw.sample_id for draw in shown])
    # A sample that is drawn itself has none before it: as many are placed as then have a place.
    count = min(len(fresh), len(_slots(plain, used, audit)))
    slots = _slots(_without(plain, [sample for _, sample in fresh[:count]]), used, audit)
    placed = [
        Draw(place, sample, slot)
        for (place, sample), slot in zip(fresh[:count], slots, strict=False)
    ]
    draws = [*shown, *placed]
    base = _without(plain, [draw.sample_id for draw in placed])
    before = [draw.before_sample_id or 0 for draw in draws]
    rows = _rows_of(base, np.array(before, np.int64))
    order = np.argsort(rows, kind="stable")
    members = np.array([draw.sample_id for draw in draws], np.int64)
    mixed = np.insert(base, rows[order], members[order])
    return MixedQueue(mixed, {draw.sample_id: draw for draw in draws})


def _slots(ids: SampleIds, used: Collection[int | None], audit: Audit) -> list[int]:
    """The samples of the window before which a random one may stand."""
    head = ids[:WINDOW_ROWS]
    return [sample for sample in head[_marked(head, audit)].tolist() if sample not in used]


def _share_of_slots(audit: Audit) -> float:
    return audit.share / (1 - audit.share)


def _without(ids: SampleIds, gone: list[int]) -> SampleIds:
    return ids[~np.isin(ids, np.array(gone, np.int64))]


def _rows_of(ids: SampleIds, wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """The rows of samples; 0, the first one, for those that are not listed."""
    order = np.argsort(ids, kind="stable")
    found = np.minimum(np.searchsorted(ids, wanted, sorter=order), max(len(ids) - 1, 0))
    if not len(ids):
        return np.zeros(len(wanted), np.intp)
    rows = order[found]
    return np.where(ids[rows] == wanted, rows, 0)


def _marked(ids: SampleIds, audit: Audit) -> NDArray[np.bool_]:
    """Which samples have a random one before them, by a hash of seed and id.

    The finaliser of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014) on ``id + seed · golden ratio``.
    """
    with np.errstate(over="ignore"):
        mixed = ids.astype(np.uint64) + np.uint64(audit.seed + 1) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed / 2.0**64 < _share_of_slots(audit)
