"""Reviewing needs no PyTorch: its import alone would take the window's process 500 MB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.spin_gui.small_project import make_project

ROOT = Path(__file__).resolve().parents[2]

REVIEW = """
import sys
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest

import spin_gui.jobs.background_flagger
from core.dictionary.search.query_parser import query_from_text
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow
from spin_gui.session.joint_states import JointState
from spin_gui.screenshots.screenshot import PaintedWaiter
from spin_gui.window.settings import WindowSettings

spin_gui.jobs.background_flagger.REST_MS = 1
project = Path(sys.argv[1])
app = make_application()
window = MainWindow(WindowSettings(project / "settings.ini"))
window.resize(1280, 800)
window.show()
assert window.open_project(project)
page = window.page
waiter = PaintedWaiter(page)
waiter.wait()
print("shown", page.views.shown_sample_id)

page.samples.focus_list()
QTest.keyClick(app.focusWidget(), Qt.Key.Key_Space)
waiter.wait()
page.session.set_query(query_from_text("loss:..100"))
window.commands["review.accept"].trigger()
waiter.wait()
window.commands["view.grid"].setChecked(True)
waiter.wait()
window.commands["view.grid"].setChecked(False)
window.commands["view.compare"].setChecked(True)
waiter.wait()
window.commands["view.gallery"].setChecked(True)
QTest.qWait(1000)
window.commands["view.gallery"].setChecked(False)

window.commands["correct.edit"].trigger()
editor = page.correcting.editor
editor.choose(4)
editor.commands.set_state(JointState.HIDDEN)
sample = page.session.records.sample(page.session.current_id)
moved = sample.keypoints_px + np.float32([3, 0, 0]) * (sample.keypoints_px[:, 2:] > 0)
page.correcting.edits.set_keypoints(sample.id, moved.astype(np.float32), "Move")
print("corrections", page.session.records.sample(sample.id).corrections)
window.commands["correct.edit"].trigger()

loop = QEventLoop()
page.parts.flags.rested.connect(loop.quit)
QTimer.singleShot(60000, loop.quit)
if page.session.dictionary.assessments.due(limit=1):
    loop.exec()
print("left to assess", len(page.session.dictionary.assessments.due(limit=9)))
window.close()
heavy = [name for name in ("torch", "roma", "smplx", "timm", "torchvision") if name in sys.modules]
print("heavy", heavy)
"""


def test_opening_filtering_judging_comparing_and_correcting_load_no_pytorch(
    tmp_path: Path,
) -> None:
    project = make_project(tmp_path)
    try:
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", REVIEW, str(project)],
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"The window hung: {late.stdout} {late.stderr}")
    assert done.returncode == 0, done.stderr
    said = dict(line.rsplit(" ", 1) for line in done.stdout.splitlines() if "heavy" not in line)
    assert said["shown"] == "1"
    assert int(said["corrections"]) >= 1
    assert said["left to assess"] == "0"
    assert "heavy []" in done.stdout
