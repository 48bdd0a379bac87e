"""The program as a process: it starts, and Ctrl+C ends it cleanly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from spin_gui.window import app

class Interrupting(app.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(100, self.interrupt)
    def interrupt(self):
        os.kill(os.getpid(), signal.SIGINT)

app.MainWindow = Interrupting
hooks = sys.excepthook
status = app.run(None)
assert sys.excepthook is hooks
print("ended with", status)
"""


def test_ctrl_c_closes_the_window_and_ends_the_program_cleanly(tmp_path):
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "ended with 0" in finished.stdout
    assert "Traceback" not in finished.stderr
