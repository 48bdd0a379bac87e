"""Batches worked on in several threads, while the calling one reads the next and stores the last.

PyTorch splits the small products of one batch badly between threads, and most of the time they wait
for one another. Whole batches side by side have nothing to wait for, and give what they give alone.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

import torch

_PATIENCE_S = 0.0005
"""How long a thread may keep the interpreter from another that has a kernel's result; Python's own
5 ms are fifty times as long as such a kernel takes."""

_BatchT = TypeVar("_BatchT")
_ResultT = TypeVar("_ResultT")


def batches_ahead() -> int:
    """How many batches are read before the one that is stored next: none with a single thread."""
    threads = torch.get_num_threads()
    return 0 if threads == 1 else threads


def worked_ahead(
    batches: Iterable[_BatchT], work: Callable[[_BatchT], _ResultT]
) -> Iterator[tuple[_BatchT, _ResultT]]:
    """Each batch with what ``work`` makes of it, in the order of the batches.

    As many threads as PyTorch may use, each with one batch at a time; PyTorch itself uses one
    meanwhile. With a single thread everything happens in turn, on the calling one.

    Args:
        batches: read on the calling thread, ``batches_ahead`` of them before they are needed.
        work: called on other threads, several at once; what it raises is raised here, in its turn.
    """
    ahead = batches_ahead()
    if not ahead:
        for batch in batches:
            yield batch, work(batch)
        return
    waiting: deque[tuple[_BatchT, Future[_ResultT]]] = deque()
    with _threads(ahead) as pool:
        try:
            for batch in batches:
                waiting.append((batch, pool.submit(work, batch)))
                if len(waiting) > ahead:
                    first, done = waiting.popleft()
                    yield first, done.result()
            while waiting:
                first, done = waiting.popleft()
                yield first, done.result()
        finally:
            for _, left in waiting:
                left.cancel()


@contextmanager
def _threads(count: int) -> Iterator[ThreadPoolExecutor]:
    """Threads with a PyTorch of one thread each; as it was afterwards."""
    patience_s = sys.getswitchinterval()
    torch.set_num_threads(1)
    sys.setswitchinterval(_PATIENCE_S)
    try:
        with ThreadPoolExecutor(
            count, "batch", initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            yield pool
    finally:
        sys.setswitchinterval(patience_s)
        torch.set_num_threads(count)
