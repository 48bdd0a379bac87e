"""Threads of PyTorch that wait sleep, in every process that the program starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from core.workflows.engine_process import LiftRequest, request_line
from tests.spin_gui.small_project import make_project

ROOT = Path(__file__).resolve().parents[3]

COMMAND_THEN_PYTORCH = "import main; main.main(['info', 'nowhere']); import torch"


def environment(**more: str) -> dict[str, str]:
    """A user's, in which OpenMP tells its settings when its library loads."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    return {**plain, "OMP_DISPLAY_ENV": "verbose", **more}


def told(*arguments: str, **more: str) -> str:
    """What OpenMP tells in a process of its own."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stderr


def test_openmp_itself_says_that_its_threads_sleep() -> None:
    settings = told("-c", COMMAND_THEN_PYTORCH)
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in settings
    assert "GOMP_SPINCOUNT = '0'" in settings


def test_what_the_user_has_set_stays() -> None:
    assert "OMP_WAIT_POLICY = 'ACTIVE'" in told(
        "-c", COMMAND_THEN_PYTORCH, OMP_WAIT_POLICY="ACTIVE"
    )


def test_the_engines_process_sets_it_too(tmp_path: Path) -> None:
    service = subprocess.Popen(
        [sys.executable, "-m", "core.workflows.engine_process", str(make_project(tmp_path))],
        cwd=ROOT,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    service.stdin.write(request_line(LiftRequest((1,))))
    service.stdin.flush()
    assert "lifted" in service.stdout.readline()
    _, settings = service.communicate(timeout=60)
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in settings
