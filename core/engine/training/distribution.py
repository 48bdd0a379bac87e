"""Several processes that train one regressor; only the first of them touches the dictionary.

Started by ``torchrun``, which tells each process its place through the environment. SQLite's WAL
does not reach across machines, so every question and every offer goes through the first process.
Values travel over gloo, whatever carries the gradients.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor
from torch import distributed as dist

from core.engine.training.launching import launched_with_torchrun
from core.errors import StudioError

T = TypeVar("T")
AnswerT = TypeVar("AnswerT")


@dataclass(frozen=True)
class World:
    """This process among all; a lonely one needs no network."""

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    group: Any = None

    @property
    def is_first(self) -> bool:
        """Whether this process writes dictionary, checkpoints and metrics."""
        return self.rank == 0

    @property
    def is_alone(self) -> bool:
        """Whether this process trains alone."""
        return self.size == 1

    def from_first(self, value: T | None) -> T:
        """What the first process holds, on every process."""
        if self.is_alone:
            return value  # type: ignore[return-value]
        box: list[T | None] = [value]
        dist.broadcast_object_list(box, src=0, group=self.group)
        return box[0]  # type: ignore[return-value]

    def asked_of_first(
        self,
        question: Sequence[T],
        answer: Callable[[Sequence[T]], Sequence[AnswerT]] | None,
    ) -> Sequence[AnswerT]:
        """Everybody's questions, answered in one go by the first process, in order of rank.

        Args:
            question: this process's part; any number of items.
            answer: on the first process, from all items to as many answers; None elsewhere.

        Raises:
            StudioError: the first process could not answer; the same on every process.
        """
        if self.is_alone and answer is not None:
            return answer(question)
        gathered: list[Sequence[T]] | None = [[]] * self.size if self.is_first else None
        dist.gather_object(question, gathered, dst=0, group=self.group)
        parts: list[Any] | None = None
        if gathered is not None and answer is not None:
            parts = _answered(gathered, answer)
        mine: list[Any] = [None]
        dist.scatter_object_list(mine, parts, src=0, group=self.group)
        if isinstance(mine[0], StudioError):
            raise mine[0]
        answers: Sequence[AnswerT] = mine[0]
        return answers

    def summed(self, values: Tensor) -> Tensor:
        """The sum over all processes of a CPU tensor."""
        if self.is_alone:
            return values
        total = values.clone()
        dist.all_reduce(total, group=self.group)
        return total


def _answered(
    gathered: Sequence[Sequence[T]], answer: Callable[[Sequence[T]], Sequence[AnswerT]]
) -> list[Any]:
    """Each process's share of the answers, or the error for each of them."""
    try:
        answers = answer([item for part in gathered for item in part])
    except StudioError as error:
        return [error] * len(gathered)
    shares, begin = [], 0
    for part in gathered:
        shares.append(answers[begin : begin + len(part)])
        begin += len(part)
    return shares


@contextmanager
def joined_world(device_type: str) -> Iterator[World]:
    """The world this process was started in; left again afterwards.

    Args:
        device_type: ``cuda`` sends gradients over NCCL, everything else over gloo.
    """
    if not launched_with_torchrun():
        yield World()
        return
    owned = not dist.is_initialized()
    if owned:
        dist.init_process_group("nccl" if device_type == "cuda" else "gloo")
    group = dist.new_group(backend="gloo") if device_type == "cuda" else dist.group.WORLD
    try:
        yield World(
            dist.get_rank(), dist.get_world_size(), int(os.environ.get("LOCAL_RANK", "0")), group
        )
    finally:
        if owned:
            dist.destroy_process_group()


def parallel(
    module: torch.nn.Module, world: World, device: torch.device, *, uses_all: bool = True
) -> torch.nn.Module:
    """The module with gradients averaged over the world; itself where there is no other process.

    uses_all: whether a loss depends on all of its parameters; DistributedDataParallel waits for the
    gradients of every one of them unless it is told to look which those are.
    """
    if world.is_alone:
        return module
    devices = [device.index] if device.type == "cuda" else None
    return torch.nn.parallel.DistributedDataParallel(
        module, device_ids=devices, find_unused_parameters=not uses_all
    )
