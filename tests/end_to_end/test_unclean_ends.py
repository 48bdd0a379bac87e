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


class FitStore:
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

    def told(self, window: subprocess.Popen[str]) -> str:
        """What the notice of a window says once it is shown."""
        assert window.stdout is not None
        return window.stdout.readline().removeprefix("told ").strip()

    def run(self, what: str) -> tuple[int, str, str]:
        """Exit status, notice and standard error of a window that ends by itself."""
        window = self.start(what)
        said = self.told(window)
        _, errors = window.communicate(timeout=PATIENCE_S)
        return window.returncode, said, errors

    @property
    def logs(self) -> list[Path]:
        return sorted(self.home.rglob("window-*.log"))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[FitStore]:
    desk = FitStore(tmp_path)
    yield desk
    for window in desk.running:
        window.kill()
        window.communicate()


@pytest.mark.parametrize(
    ("what", "number", "trace"),
    [
        ("segfault", signal.SIGSEGV, "Segmentation fault"),
        ("abort", signal.SIGABRT, "Aborted"),
    ],
)
def test_a_crash_is_written_down_and_told_once(desk, what, number, trace):
    status, _, _ = desk.run(what)
    assert status == -number
    (log,) = desk.logs
    written = log.read_text(encoding="utf-8")
    assert trace in written
    assert "in do" in written  # the line of Python that crashed
    _, said, _ = desk.run("close")
    assert "did not end properly" in said
    assert str(log) in said
    assert desk.run("close")[1] == "nothing"


def test_a_killed_window_is_told_of_at_the_next_start(desk):
    killed = desk.start("stay")
    assert desk.told(killed) == "nothing"
    killed.kill()
    killed.wait(PATIENCE_S)
    assert str(desk.logs[0]) in desk.run("close")[1]


def test_a_window_that_still_runs_is_not_taken_for_a_crashed_one(desk):
    open_one, crashed = desk.start("stay"), desk.start("stay")
    assert [desk.told(open_one), desk.told(crashed)] == ["nothing", "nothing"]
    assert desk.run("close")[1] == "nothing"
    crashed.kill()
    crashed.wait(PATIENCE_S)
    said = desk.run("close")[1]
    assert f"-{crashed.pid}.log" in said
    assert f"-{open_one.pid}.log" not in said
    assert open_one.poll() is None


def test_closing_and_being_asked_to_end_are_clean(desk):
    assert desk.run("close")[0] == 0
    asked = desk.start("stay")
    assert desk.told(asked) == "nothing"
    asked.send_signal(signal.SIGTERM)
    assert asked.wait(PATIENCE_S) == 0
    assert desk.run("close")[1] == "nothing"


def test_what_a_dialog_shows_and_what_qt_says_are_in_the_log(desk):
    assert desk.run("raise")[0] == 0
    written = desk.logs[-1].read_text(encoding="utf-8")
    assert "ValueError: a slot that fails" in written
    assert "Traceback" in written
    status, _, errors = desk.run("qt warning")
    assert status == 0
    assert "Qt is not amused" in errors
    assert "Qt is not amused" in desk.logs[-1].read_text(encoding="utf-8")


def test_a_home_that_cannot_be_written_stops_nothing(desk):
    (desk.home / ".local").write_text("no folder")
    status, said, errors = desk.run("close")
    assert (status, said) == (0, "nothing")
    assert "No log is kept" in errors


def test_logs_are_few_and_those_of_running_windows_stay(desk):
    open_one = desk.start("stay")
    assert desk.told(open_one) == "nothing"
    (of_open_one,) = desk.logs
    for day in range(1, 15):
        (of_open_one.parent / f"window-203601{day:02d}-000000-7.log").write_text("old")
    assert desk.run("close")[0] == 0
    assert of_open_one in desk.logs
    assert len(desk.logs) <= 11


def test_a_log_that_is_full_goes_on_in_a_new_file_that_still_takes_the_crash(desk):
    assert desk.run("chatter and segfault")[0] == -signal.SIGSEGV
    (log,) = desk.logs
    parts = sorted(log.parent.glob(f"{log.name}*"))
    assert [part.name for part in parts] == [log.name, f"{log.name}.1"]
    assert all(part.stat().st_size < 600_000 for part in parts)
    written = log.read_text(encoding="utf-8")
    assert "2999 xxx" in written
    assert "Segmentation fault" in written
