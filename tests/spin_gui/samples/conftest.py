"""Sessions and panels on small projects; threads that outlive their test fail it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from spin_gui.session.session import ProjectSession
from tests.spin_gui.session.small_project import make_project


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [one for one in threading.enumerate() if one not in before and one.is_alive()]
    assert not left, f"threads left running: {left}"


@pytest.fixture
def session(tmp_path: Path, qtbot: object) -> Iterator[ProjectSession]:
    opened = ProjectSession(make_project(tmp_path))
    yield opened
    opened.close()
