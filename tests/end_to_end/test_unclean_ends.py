"""A window that crashed or was killed is told of at the next start, with the place of its log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60

WINDOW = """
import sys
from PySide6.QtCore import QTimer
from spin_gui.window import app

what = sys.argv[1]


class Told(app.MainWindow):
    def showEvent(self, event):
        super().showEvent(event)
        QTimer.singleShot(0, self.do)

    def do(self):
        print("told", self.notice.text.text() if self.notice.isVisible() else "nothing", flush=True)
        if what == "segfault":
            import faulthandler
            faulthandler._sigsegv()
        elif what == "abort":
            import os
            os.abort()
        elif what == "raise":
            QTimer.singleShot(200, self.close)
            raise ValueError("a slot that fails")
        elif what == "qt warning":
            from PySide6.QtCore import qWarning
            qWarning("Qt is not amused")
            self.close()
        elif what == "chatter and segfault":
            import faulthandler, logging
            for number in range(3000):
                logging.getLogger("spin_gui").info("%d %s", number, "x" * 500)
            faulthandler._sigsegv()
        elif what == "close":
            self.close()


app.MainWindow = Told
sys.exit(app.run(None))
"""


class Windows:
    """Starts windows as one user with one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.running: list[subprocess.Popen[str]] = []

    def start(self, what: str) -> subprocess.Popen[str]:
        window = subprocess.Popen(
            [sys.executable, "-c", WINDOW, what],
            env={
                **{name: value for name, value in os.environ.items() if "XDG" not in name},
                "HOME": str(self.home),
                "QT_QPA_PLATFORM": "offscreen",
                "PYTHONPATH": str(ROOT),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(window)
        return window

    def notice_of(self, window: subprocess.Popen[str]) -> str:
        """What the notice of a window says once it is shown."""
        assert window.stdout is not None
        return window.stdout.readline().removeprefix("told ").strip()

    def run(self, what: str) -> tuple[int, str, str]:
        """Exit status, notice and standard error of a window that ends by itself."""
        window = self.start(what)
        notice = self.notice_of(window)
        _, errors = window.communicate(timeout=PATIENCE_S)
        return window.returncode, notice, errors

    @property
    def logs(self) -> list[Path]:
        return sorted(self.home.rglob("window-*.log"))


@pytest.fixture
def windows(tmp_path: Path) -> Iterator[Windows]:
    windows = Windows(tmp_path)
    yield windows
    for window in windows.running:
        window.kill()
        window.communicate()


@pytest.mark.parametrize(
    ("what", "number", "trace"),
    [
        ("segfault", signal.SIGSEGV, "Segmentation fault"),
        ("abort", signal.SIGABRT, "Aborted"),
    ],
)
def test_a_crash_is_written_down_and_told_once(windows, what, number, trace):
    status, _, _ = windows.run(what)
    assert status == -number
    (log,) = windows.logs
    written = log.read_text(encoding="utf-8")
    assert trace in written
    assert "in do" in written  # the line of Python that crashed
    _, notice, _ = windows.run("close")
    assert "did not end properly" in notice
    assert str(log) in notice
    assert windows.run("close")[1] == "nothing"


def test_a_killed_window_is_told_of_at_the_next_start(windows):
    killed = windows.start("stay")
    assert windows.notice_of(killed) == "nothing"
    killed.kill()
    killed.wait(PATIENCE_S)
    assert str(windows.logs[0]) in windows.run("close")[1]


def test_a_window_that_still_runs_is_not_taken_for_a_crashed_one(windows):
    open_one, crashed = windows.start("stay"), windows.start("stay")
    assert [windows.notice_of(open_one), windows.notice_of(crashed)] == ["nothing", "nothing"]
    assert windows.run("close")[1] == "nothing"
    crashed.kill()
    crashed.wait(PATIENCE_S)
    notice = windows.run("close")[1]
    assert f"-{crashed.pid}.log" in notice
    assert f"-{open_one.pid}.log" not in notice
    assert open_one.poll() is None


def test_closing_and_being_asked_to_end_are_clean(windows):
    assert windows.run("close")[0] == 0
    asked = windows.start("stay")
    assert windows.notice_of(asked) == "nothing"
    asked.send_signal(signal.SIGTERM)
    assert asked.wait(PATIENCE_S) == 0
    assert windows.run("close")[1] == "nothing"


def test_what_a_dialog_shows_and_what_qt_says_are_in_the_log(windows):
    assert windows.run("raise")[0] == 0
    written = windows.logs[-1].read_text(encoding="utf-8")
    assert "ValueError: a slot that fails" in written
    assert "Traceback" in written
    status, _, errors = windows.run("qt warning")
    assert status == 0
    assert "Qt is not amused" in errors
    assert "Qt is not amused" in windows.logs[-1].read_text(encoding="utf-8")


def test_a_home_that_cannot_be_written_stops_nothing(windows):
    (windows.home / ".local").write_text("no folder")
    status, notice, errors = windows.run("close")
    assert (status, notice) == (0, "nothing")
    assert "No log is kept" in errors


def test_logs_are_few_and_those_of_running_windows_stay(windows):
    open_one = windows.start("stay")
    assert windows.notice_of(open_one) == "nothing"
    (of_open_one,) = windows.logs
    for day in range(1, 15):
        (of_open_one.parent / f"window-203601{day:02d}-000000-7.log").write_text("old")
    assert windows.run("close")[0] == 0
    assert of_open_one in windows.logs
    assert len(windows.logs) <= 11


def test_a_log_that_is_full_goes_on_in_a_new_file_that_still_takes_the_crash(windows):
    assert windows.run("chatter and segfault")[0] == -signal.SIGSEGV
    (log,) = windows.logs
    parts = sorted(log.parent.glob(f"{log.name}*"))
    assert [part.name for part in parts] == [log.name, f"{log.name}.1"]
    assert all(part.stat().st_size < 600_000 for part in parts)
    written = log.read_text(encoding="utf-8")
    assert "2999 xxx" in written
    assert "Segmentation fault" in written
