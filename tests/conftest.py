"""Fixtures that every part of the suite uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
# Before PyTorch: threads that wait leave the core to whatever else runs beside the tests.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import pytest
import torch

from core.body.display_body import DisplayBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.files.user_folder import VARIABLE
from core.system.garbage import GarbageSearch

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session", autouse=True)
def _few_threads() -> None:
    """Two cores are what CI has; more threads than cores make small tensors slower."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    torch.set_num_threads(max(1, min(2, os.cpu_count() or 1) // processes))


@pytest.fixture(scope="session")
def _garbage_search() -> Iterator[GarbageSearch]:
    search = GarbageSearch()
    yield search
    search.end()


@pytest.fixture(autouse=True)
def _garbage_goes_on_the_main_thread(_garbage_search: GarbageSearch) -> Iterator[None]:
    """As in the program: windows in cycles must not die on a thread that draws."""
    yield
    _garbage_search.look()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Real pictures and poses, where the checkout has them beside it."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared folder with real pictures next to this checkout")
    return SHARED


@pytest.fixture(scope="session")
def open_body() -> BodyModel:
    """The shipped body in single precision."""
    return load_body()


@pytest.fixture(scope="session")
def display_body(open_body: BodyModel) -> DisplayBody:
    """The shipped body as the window poses it."""
    return DisplayBody(open_body.arrays, name=open_body.name)


@pytest.fixture
def every_step_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Progress after every item, for tests that act at a certain one however fast the machine."""
    monkeypatch.setattr("core.progress.REPORT_INTERVAL_S", 0.0)


@pytest.fixture(autouse=True)
def _isolated_user_folder(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's official files are none of the tests'."""
    monkeypatch.setenv(VARIABLE, str(tmp_path_factory.getbasetemp() / "no user's data"))


@pytest.fixture(autouse=True)
def _isolated_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Window layouts of tests must not reach the user's settings."""
    from PySide6.QtCore import QSettings

    folder = str(tmp_path_factory.mktemp("settings"))
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
