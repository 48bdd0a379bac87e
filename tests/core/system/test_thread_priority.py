"""Threads in the background yield to the window's."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from core.system.thread_priority import BACKGROUND_NICENESS, give_way

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux knows priorities of threads"
)


def _niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_only_the_thread_that_asks_gives_way() -> None:
    """The main thread keeps its priority; a second request lowers nothing further."""
    before, seen = _niceness(), []

    def work() -> None:
        give_way()
        give_way()
        seen.append(_niceness())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [max(before, BACKGROUND_NICENESS)]
    assert _niceness() == before
