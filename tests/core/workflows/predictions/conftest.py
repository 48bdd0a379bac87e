"""The demo's people as another method's file of bodies, and a project that was made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.workflows.new_projects import NewProject
from core.workflows.predictions.import_bodies import import_bodies
from core.workflows.predictions.import_bodies_report import ImportBodiesReport
from core.workflows.shipped_demo import copy_demo_project
from tests.body_files import camera_hmr_of


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "people"
    copy_demo_project(folder)
    return folder


@pytest.fixture(scope="module")
def file(demo: Path) -> Path:
    """Bodies before the cameras of whole pictures, without boxes."""
    return camera_hmr_of(demo, demo.parent / "theirs.npz")


@pytest.fixture(scope="module")
def imported(demo: Path, file: Path) -> tuple[Path, ImportBodiesReport]:
    folder = demo.parent / "vetted"
    return folder, import_bodies(NewProject(folder), file, demo / "pictures")
