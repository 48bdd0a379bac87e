"""Modules are imported in the window's process without their sources being read."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spin_gui.window.plain_imports import collecting_later

ROOT = Path(__file__).resolve().parents[2]

READ = """
import linecache
import sys

{keep}
import PySide6.QtCore
from json.tool import main
from core.progress import Progress
from spin_gui.session.navigation_history import NavigationHistory
known = ("json/tool.py", "core/progress.py", "session/navigation_history.py")
print(len([name for name in linecache.cache if name.endswith(known)]))
"""
KEEP = "from spin_gui.window.plain_imports import keep_imports_plain; keep_imports_plain()"


def sources_read(keep: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", READ.format(keep=keep)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return int(done.stdout)


def test_no_source_is_read() -> None:
    assert sources_read(KEEP) == 0


def test_pyside_would_read_them() -> None:
    """Where this fails, a newer PySide6 fixed it, and ``plain_imports`` may go."""
    assert sources_read("") == 3


def _failing_import() -> None:
    with collecting_later():
        assert not gc.isenabled()
        raise ImportError


@pytest.fixture
def python_collects() -> Iterator[None]:
    gc.enable()
    yield
    gc.disable()  # as in all other tests


def test_garbage_is_looked_for_again_after_imports_even_failed_ones(python_collects: None) -> None:
    with pytest.raises(ImportError):
        _failing_import()
    assert gc.isenabled()
