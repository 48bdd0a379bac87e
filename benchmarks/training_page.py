"""How smooth the window stays while a training runs in it, on the CPU.

A small patch of the window is painted every 16 ms; what counts is the time between two of its
paints, which grows whenever the main thread is held up. Measured at rest, while bodies are turned
among the samples, on the training page with the live curves of a training, and while bodies are
turned and it trains. The first seconds of the training, in which libraries are loaded and worker
processes start, are reported apart.

    python benchmarks/training_page.py [--quick] [--json] [--project FOLDER] [--seconds S]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from argparse import Namespace
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PySide6.QtCore import QEventLoop, QSettings, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from benchmarks.common.reporting import benchmark_arguments, report
from core.errors import StudioError
from core.runs.training_configuration import profile_configuration
from core.workflows.demo import make_demo_project
from spin_gui.viewer.view_state import ViewKind
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow

WINDOW_SIZE = (1600, 1000)
PAINT_EVERY_MS = 16
FRAME_OF_30_FPS_MS = 1000 / 30
WARM_ITERATIONS = 5
START_LIMIT_S = 180.0
TURN_RAD = 0.05


class PaintedPatch(QWidget):
    """Repaints itself at a steady pace and notes when each paint came."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setGeometry(0, 0, 4, 4)
        self.painted_at: list[float] = []
        self._timer = QTimer(self, interval=PAINT_EVERY_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.update)
        self._timer.start()
        self.show()
        self.raise_()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - a name of Qt
        """A dot, and the time."""
        self.painted_at.append(time.perf_counter())
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.GlobalColor.gray)
        painter.end()

    def gaps_ms(self) -> np.ndarray:
        """Times between paints since the last call."""
        gaps = 1000 * np.diff(self.painted_at)
        self.painted_at = self.painted_at[-1:]
        return gaps


def pass_time(seconds: float) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def numbers_of(name: str, gaps_ms: np.ndarray) -> dict[str, object]:
    """What is said of one phase."""
    return {
        f"paint_gap_ms_p95_{name}": float(np.percentile(gaps_ms, 95)),
        f"paint_gap_ms_worst_{name}": float(gaps_ms.max()),
        f"late_frames_share_{name}": float(np.mean(gaps_ms > FRAME_OF_30_FPS_MS)),
    }


def wait_for_iterations(window: MainWindow, count: int) -> None:
    """Until the training got so far; raises ``StudioError`` where it does not."""
    deadline = time.monotonic() + START_LIMIT_S
    while window.training_controller.watch.curves.last_iteration < count:
        if time.monotonic() > deadline or not window.job_controller.runner.busy:
            raise StudioError(f"The training did not reach iteration {count}.")
        pass_time(0.05)


def turn_bodies(window: MainWindow, seconds: float) -> None:
    """A person drags the views round, twenty moves a second."""
    window.commands["training.page"].setChecked(False)
    until = time.monotonic() + seconds
    while time.monotonic() < until and window.page is not None:
        window.page.views.view_state.orbit(ViewKind.CAMERA, TURN_RAD, 0.0)
        pass_time(0.05)


def measure(window: MainWindow, *, seconds: float) -> dict[str, object]:
    """All phases, one after the other."""
    if window.page is None:
        raise StudioError("No project is open.")
    patch = PaintedPatch(window)
    pass_time(2)
    patch.gaps_ms()
    pass_time(seconds / 4)
    results = numbers_of("idle", patch.gaps_ms())
    turn_bodies(window, seconds / 2)
    results |= numbers_of("turning_idle", patch.gaps_ms())
    configuration = replace(profile_configuration("cpu-demo"), iterations=1_000_000)
    job_controller = window.training_controller
    job_controller.train(window.page.session, configuration)
    wait_for_iterations(window, WARM_ITERATIONS)
    results |= numbers_of("starting", patch.gaps_ms())
    first, began = job_controller.watch.curves.last_iteration, time.monotonic()
    pass_time(seconds)
    results |= numbers_of("training_page", patch.gaps_ms())
    turn_bodies(window, seconds / 2)
    results |= numbers_of("turning", patch.gaps_ms())
    done = job_controller.watch.curves.last_iteration - first
    results["iterations_per_s"] = done / (time.monotonic() - began)
    asked = time.monotonic()
    job_controller.stop()
    while window.job_controller.runner.busy:
        pass_time(0.05)
    results["stop_s"] = time.monotonic() - asked
    return results


def arguments() -> Namespace:
    """The options of the command line."""
    parser = benchmark_arguments("Time between two paints of the window while it trains.")
    parser.add_argument("--project", type=Path, help="train a copy of this project, not a demo")
    parser.add_argument("--seconds", type=float, help="on the training page (10 if quick, else 60)")
    return parser.parse_args()


def main() -> None:
    """Make or copy a project, open the window, train, measure, report."""
    options = arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings")
        )
        project = folder / "demo"
        if options.project is None:
            make_demo_project(project, people=16 if options.quick else 60)
        else:
            shutil.copytree(options.project, project)
        make_application()
        window = MainWindow()
        window.resize(*WINDOW_SIZE)
        window.show()
        QTest.qWaitForWindowExposed(window)
        if not window.open_project(project):
            raise StudioError(f"The project {project} could not be opened.")
        results = measure(window, seconds=options.seconds or (10.0 if options.quick else 60.0))
        window.close()
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
