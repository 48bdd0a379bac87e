"""A list of samples that several processes may work through at once, each sample in one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from core.dictionary.store import Dictionary
from core.errors import DictionaryError

IN_OTHER_HANDS = "in the hands of another process"
"""What a report says of samples that it left to others."""


class SharedWork:
    """Hands out a list in batches of what no other process is at.

    What others had claimed is asked for once more at the end: they may have been killed over it.

    left_to_others: how many samples others are still at, once all batches were handed out.
    is_open: whether some were not, the asker having stopped.
    """

    def __init__(
        self, dictionary: Dictionary, name: str, sample_ids: Sequence[int], batch_size: int
    ) -> None:
        self._dictionary, self._name, self._batch_size = dictionary, name, batch_size
        self._ids = list(sample_ids)
        self.left_to_others, self.is_open = 0, True

    def batches(self, *, ahead: int = 0) -> Iterator[list[int]]:
        """Claimed samples, until the next batch is asked for; some that are done may be among them.

        Args:
            ahead: how many batches before the last one stay claimed, for those who ask for batches
                before they have done with the ones before.

        Raises:
            DictionaryError: the dictionary cannot be written.
        """
        passed_over: list[int] = []
        held: deque[list[int]] = deque(maxlen=ahead)
        for batch in self._batches(self._ids):
            mine = self._taken(batch, held)
            passed_over += sorted(set(batch) - set(mine))
            if mine:
                yield mine
        abandoned = self._dictionary.claims.taken_by_others(self._name, passed_over).by_the_gone
        for batch in self._batches(abandoned):
            mine = self._taken(batch, held)
            if mine:
                yield mine
        taken = self._dictionary.claims.taken_by_others(self._name, passed_over)
        self.left_to_others, self.is_open = len(taken.by_the_living), False

    def _taken(self, batch: Sequence[int], held: deque[list[int]]) -> list[int]:
        keep = [sample_id for taken in held for sample_id in taken]
        mine = self._dictionary.claims.take(self._name, batch, keep=keep)
        held.append(mine)
        return mine

    def _batches(self, ids: Sequence[int]) -> list[Sequence[int]]:
        size = self._batch_size
        return [ids[first : first + size] for first in range(0, len(ids), size)]


@contextmanager
def shared_work(
    dictionary: Dictionary, name: str, sample_ids: Sequence[int], *, batch_size: int
) -> Iterator[SharedWork]:
    """Work through a list beside other processes; what is claimed is let go of afterwards.

    Args:
        dictionary: of the project.
        name: of the work, the same in every process that does the same.
        sample_ids: the list.
        batch_size: how many are claimed together.
    """
    try:
        yield SharedWork(dictionary, name, sample_ids, batch_size)
    finally:
        # Closing the dictionary lets go, too; where this fails, an error before it is the one.
        with suppress(DictionaryError):
            dictionary.claims.release(name)
