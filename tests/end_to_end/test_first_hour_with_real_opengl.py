"""Drawing and PyTorch in one process, in the order in which a first hour brings them.

Only a process that has drawn before it loads PyTorch meets what the two do to each other, and only
with real OpenGL: the process of these tests has long loaded PyTorch, so each order gets a process
of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.types.fits import Origin
from core.workflows.fit_project import fit_samples
from spin_gui.jobs.torch_loading import LOADING_TEXT
from tests.core.engine.training.conftest import make_samples

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 6
PATIENCE_S = 420

FIRST_HOUR = """
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from spin_gui.window.app import make_application
from spin_gui.jobs.job import FitChoice
from spin_gui.jobs.adapters import fit_job
from spin_gui.window.main_window import MainWindow
from spin_gui.screenshots.screenshot import PaintedWaiter
from spin_gui.window.settings import WindowSettings

import spin_gui.jobs.background_flagger

spin_gui.jobs.background_flagger.REST_MS = 3_600_000
project = Path(sys.argv[1])
app = make_application()
window = MainWindow(WindowSettings(project / "settings.ini"))
window.errors.show_report = lambda report: print("error", report, flush=True)
window.show()
assert window.open_project(project)
page = window.page
waiter = PaintedWaiter(page)


def until(condition):
    loop, ticks = QEventLoop(), QTimer(interval=20)
    ticks.timeout.connect(lambda: condition() and loop.quit())
    ticks.start()
    loop.exec()


def done(step):
    print("did", step, flush=True)


assert "torch" not in sys.modules
waiter.wait()
done("look")

window.job_controller.start(fit_job(project, FitChoice(profile="studio", init="lifter")))
print("says", window.job_panel.text.text(), flush=True)
until(lambda: not window.job_controller.runner.busy)
waiter.wait()
done("fit")

proposals = page.correcting.proposals
window.commands["correct.turn_round"].trigger()
until(lambda: proposals.current is not None)
waiter.wait()
window.commands["correct.keep"].trigger()
waiter.wait()
done("turn")

from core.runs.training_configuration import profile_configuration

window.training_controller.train(
    page.session,
    replace(
        profile_configuration("cpu-demo"),
        backbone="test_resnet",
        input_size_px=48,
        start_from="random",
        batch_size=3,
        iterations=2,
        workers=0,
    ),
)
until(lambda: not window.job_controller.runner.busy)
window.commands["training.page"].setChecked(False)
waiter.wait()
done("train")

window.commands["view.evaluation"].setChecked(True)
until(lambda: page.shown_panel is not None and page.shown_panel.is_drawn())
window.commands["view.evaluation"].setChecked(False)
waiter.wait()
done("evaluate")

import torch._dynamo
import torchvision

waiter.wait()
window.close()
print("triton", sys.modules.get("triton"), flush=True)
"""
"""Whatever a later version of a library loads along the way, the last imports load it all."""


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(make_samples(open_body, tmp_path, PEOPLE))
    fit_samples(tmp_path / "project", profile="paper")
    return tmp_path / "project"


def run_apart(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A Python of its own with Mesa's EGL and, for Qt, no screen."""
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env={
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "PYOPENGL_PLATFORM": "egl",
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_looking_fitting_turning_training_and_evaluating_end_well(project: Path) -> None:
    ended = run_apart(FIRST_HOUR, project)
    said = ended.stdout.splitlines()
    assert ended.returncode == 0, f"{said}\n{ended.stderr[-4000:]}"
    steps = [line.split()[1] for line in said if line.startswith("did ")]
    assert steps == ["look", "fit", "turn", "train", "evaluate"]
    assert not [line for line in said if line.startswith("error")]
    assert f"says {LOADING_TEXT}" in said
    assert said[-1] == "triton None"
    with Dictionary.open(project) as dictionary:
        origins = {
            fit.origin
            for sample_id in dictionary.search.ids()
            for fit in dictionary.fits.history(int(sample_id))
        }
        assert {Origin.LIFTER, Origin.CORRECTED} <= origins
        assert [run.kind for run in dictionary.runs.all()].count("train") == 1
