"""Fixtures of the shell: no thread may outlive its test."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

GRACE_S = 5.0


@pytest.fixture(autouse=True)
def _no_thread_outlives_its_test() -> Iterator[None]:
    before = set(threading.enumerate())
    hooks = sys.excepthook, threading.excepthook
    yield
    deadline = time.monotonic() + GRACE_S
    while _dangling(before) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _dangling(before), f"left running: {_dangling(before)}"
    assert hooks == (sys.excepthook, threading.excepthook), "exception hooks were not given back"


def _dangling(before: set[threading.Thread]) -> list[threading.Thread]:
    # A QThread shows up as a "Dummy" thread once it ran Python and is never taken off the list.
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith("Dummy")
    ]
