"""Which share of a job this process does, of how many; given, or told by torchrun or Slurm."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.errors import StudioError

T = TypeVar("T")

_REMEDY = "Give it as --shard i/n, with i from 0 to n-1; for example 0/4 to 3/4."
_TORCHRUN = ("RANK", "WORLD_SIZE")
_ARRAY = ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT")


@dataclass(frozen=True)
class Share:
    """Share ``index`` of ``count``, from 0.

    Raises:
        StudioError: there is no such share.
    """

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.index < self.count:
            raise StudioError(
                f"There is no shard {self.index} of {self.count}; they are counted from 0.",
                remedy=_REMEDY,
            )

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @property
    def is_whole(self) -> bool:
        """Whether there is only this one."""
        return self.count == 1

    def of(self, items: Sequence[T], *, together: int = 1) -> list[T]:
        """What falls to this share: every ``count``-th batch of the list, whole.

        So the batches of all shares are those of one process, and what is computed in them comes
        out the same; and whatever the order of the list, easy and hard stretches are spread.

        Args:
            items: the same list for every share.
            together: how many make a batch.
        """
        if self.is_whole:
            return list(items)
        return [items[row] for row in self.rows(len(items), together=together).tolist()]

    def rows(self, length: int, *, together: int = 1) -> NDArray[np.int64]:
        """The places in a list of ``length`` that ``of`` picks."""
        places = np.arange(length, dtype=np.int64)
        chosen: NDArray[np.int64] = places[places // together % self.count == self.index]
        return chosen


WHOLE = Share()


def share_from_text(text: str) -> Share:
    """The share that ``i/n`` names; raises ``StudioError`` for anything else."""
    index, _, count = text.partition("/")
    try:
        numbers = int(index), int(count)
    except ValueError as error:
        raise StudioError(f"{text!r} names no shard.", remedy=_REMEDY) from error
    return Share(*numbers)


def share_from_environment(environment: Mapping[str, str] = os.environ) -> Share | None:
    """The share that torchrun, a Slurm array or both tell; None where neither does.

    Where each task of an array starts several processes with torchrun, the shares of a task follow
    one another.

    Raises:
        StudioError: a variable that should be a whole number is none.
    """
    array = _numbers(environment, _ARRAY)
    ranks = _numbers(environment, _TORCHRUN)
    if array is None and ranks is None:
        return None
    task, tasks = (0, 1) if array is None else (array[0] - array[1], array[2])
    rank, processes = ranks or (0, 1)
    return Share(task * processes + rank, tasks * processes)


def _numbers(environment: Mapping[str, str], names: Sequence[str]) -> list[int] | None:
    found = [environment.get(name) for name in names]
    if None in found:
        return None
    try:
        return [int(str(text)) for text in found]
    except ValueError as error:
        told = ", ".join(f"{name}={text}" for name, text in zip(names, found, strict=True))
        raise StudioError(f"{told} name no shard.", remedy=_REMEDY) from error
