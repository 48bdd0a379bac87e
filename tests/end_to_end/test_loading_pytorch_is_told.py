"""The first thing that needs PyTorch takes seconds: the window says what it waits for, at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from spin_gui.jobs.torch_loading import LOADING_TEXT
from tests.spin_gui.small_project import make_project

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240

TURN = """
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

import spin_gui.jobs.background_flagger
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow
from spin_gui.window.settings import WindowSettings

spin_gui.jobs.background_flagger.REST_MS = 3_600_000
project = Path(sys.argv[1])
app = make_application()
window = MainWindow(WindowSettings(project / "settings.ini"))
window.show()
assert window.open_project(project)
proposals = window.page.correcting.proposals
window.commands["correct.turn_round"].trigger()
print("says", window.status.saved.text())
loop = QEventLoop()
proposals.changed.connect(loop.quit)
QTimer.singleShot(200_000, loop.quit)
loop.exec()
print("then", window.status.saved.text())
window.leaving.stop_and_close()
"""


def test_turning_a_body_for_the_first_time_says_that_pytorch_loads(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-c", TURN, str(project)],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    first, then = ended.stdout.splitlines()
    assert first == f"says {LOADING_TEXT}"
    assert then.startswith("then Turn the body round")
