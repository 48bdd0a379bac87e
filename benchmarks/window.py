"""How soon a key press shows the next sample, all views, in the real window.

A key is pressed for the next sample at the pace of a person who reviews (every 300 ms), so that the
neighbours are being made ready meanwhile, and the time from the press until every view of the
sample is painted is taken. Then samples far away, of which nothing is ready (cold), and the last
sample of a burst of presses as fast as a held key repeats.

Then a body is dragged by its wrist: from each move of the mouse until the view that it moves in is
painted with the body there. At last keypoints that are worth a touch are placed by clicks: from the
click until the editor is painted with the body that followed, which is stored by then.

    python benchmarks/window.py [--quick] [--json] [--project FOLDER]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from argparse import Namespace
from contextlib import ExitStack
from pathlib import Path

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from benchmarks.common.reporting import benchmark_arguments, report
from core.body.conventions import SKELETON_JOINT_NAMES
from core.dictionary.assessment.assessments import Assessment
from core.errors import StudioError
from core.workflows.demo import make_demo_project
from spin_gui.viewer.drag_handles import HANDLE_JOINTS, in_view
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow
from spin_gui.window.project_page import ProjectPage

WINDOW_SIZE = (1600, 1000)
PACE_MS = 300
BURST_PACE_MS = 30
BURST_LENGTH = 8
WAIT_MS = 30_000
NEXT_KEY = Qt.Key.Key_Right


class Watch(QObject):
    """Takes the time until a sample is shown."""

    def __init__(self, page: ProjectPage) -> None:
        super().__init__()
        self._page = page
        self._shown_at: dict[int, float] = {}
        self._loop = QEventLoop()
        page.views.sample_shown.connect(self._on_shown)

    def forget(self) -> None:
        """Before an action whose effect is to be timed."""
        self._shown_at.clear()

    def ms_until_shown(self, since: float) -> float:
        """Milliseconds from ``since`` until the session's current sample was painted.

        Raises ``StudioError`` after half a minute.
        """
        sample_id = self._page.session.current_id
        deadline = time.perf_counter() + WAIT_MS / 1000
        while sample_id not in self._shown_at:
            if time.perf_counter() > deadline:
                raise StudioError(f"Sample {sample_id} was not shown within {WAIT_MS} ms.")
            QTimer.singleShot(50, self._loop.quit)
            self._loop.exec()
        return 1000 * (self._shown_at[sample_id] - since)

    def pass_time(self, ms: float) -> None:
        """Let the window live for a while, as a person looks at it."""
        if ms > 0:
            waiting = QEventLoop()
            QTimer.singleShot(round(ms), waiting.quit)
            waiting.exec()

    def _on_shown(self, sample_id: int) -> None:
        self._shown_at[sample_id] = time.perf_counter()
        self._loop.quit()


def press_next(window: MainWindow) -> None:
    """The key, as if it came from the keyboard."""
    QTest.keyClick(QApplication.focusWidget() or window, NEXT_KEY)


def paced_presses(window: MainWindow, page: ProjectPage, watch: Watch, presses: int) -> list[float]:
    """Milliseconds of each press of a person who looks at each sample for a moment."""
    times = []
    for _ in range(presses):
        if page.session.current_row + 1 >= len(page.session.sample_ids):
            page.session.go_first()
            watch.pass_time(4 * PACE_MS)
        watch.forget()
        pressed = time.perf_counter()
        press_next(window)
        times.append(watch.ms_until_shown(pressed))
        watch.pass_time(PACE_MS - 1000 * (time.perf_counter() - pressed))
    return times


def cold_jumps(page: ProjectPage, watch: Watch, jumps: int) -> list[float]:
    """Milliseconds of jumps to samples of which nothing is ready."""
    rows = np.arange(len(page.session.sample_ids))
    far = [int(row) for row in rows[::-1] if not page.views.is_ready(id_at(page, row))]
    times = []
    for row in far[: 6 * jumps : 6]:
        if page.views.is_ready(id_at(page, row)):
            continue
        watch.forget()
        asked = time.perf_counter()
        page.session.select_row(row)
        times.append(watch.ms_until_shown(asked))
        watch.pass_time(PACE_MS)
    return times


DRAG_PACE_MS = 100
REACHED_PX = 4.0
DRAGGED_JOINT = SKELETON_JOINT_NAMES.index("left_wrist")


class DragWatch(QObject):
    """Takes the time until the body of the large view is painted with a joint under the pointer."""

    def __init__(self, page: ProjectPage) -> None:
        super().__init__()
        cell = page.views.board.arrangement.large
        if cell is None:
            raise StudioError("A body is dragged in a large view, and none is shown.")
        self.canvas = page.views.board.canvases[cell]
        self._pointer: QPointF | None = None
        self._image_before: object = None
        self._reached_at: float | None = None
        self._loop = QEventLoop()
        self.canvas.painted.connect(self._on_painted)

    def joint_at(self) -> QPointF:
        """Where the dragged joint is painted, in the view."""
        frame = self.canvas.painted_frame
        if frame is None or frame.handles is None:
            raise StudioError("The body of the large view has no handles.")
        place = frame.handles.places[HANDLE_JOINTS.index(DRAGGED_JOINT)]
        return in_view(place, frame.window, self.canvas.side)

    def ms_until_there(self, pointer: QPointF) -> float:
        """Move the mouse; milliseconds until the body is painted with its joint there."""
        frame = self.canvas.painted_frame
        self._image_before = None if frame is None or frame.mesh is None else frame.mesh.image
        self._pointer, self._reached_at = pointer, None
        moved = time.perf_counter()
        QTest.mouseMove(self.canvas, pointer.toPoint())
        while self._reached_at is None:
            if time.perf_counter() - moved > WAIT_MS / 1000:
                raise StudioError(f"The body did not follow within {WAIT_MS} ms.")
            QTimer.singleShot(50, self._loop.quit)
            self._loop.exec()
        return 1000 * (self._reached_at - moved)

    def _on_painted(self) -> None:
        frame = self.canvas.painted_frame
        if self._pointer is None or frame is None or frame.mesh is None or frame.handles is None:
            return
        is_new = frame.mesh.image is not self._image_before
        away = self.joint_at() - self._pointer
        is_reached = frame.complete and away.manhattanLength() <= REACHED_PX
        if is_new and is_reached and self._reached_at is None:
            self._reached_at = time.perf_counter()
            self._loop.quit()


def drag_moves(page: ProjectPage, watch: Watch, moves: int) -> list[float]:
    """Milliseconds of each move of a drag in the camera's view, in a small circle."""
    page.views.see(1)
    page.correcting.set_dragging(True)
    deadline = time.perf_counter() + WAIT_MS / 1000
    while not page.correcting.correctors.is_ready and time.perf_counter() < deadline:
        watch.pass_time(PACE_MS)
    watch.pass_time(4 * PACE_MS)
    dragged = DragWatch(page)
    start = dragged.joint_at()
    QTest.mousePress(dragged.canvas, Qt.MouseButton.LeftButton, pos=start.toPoint())
    radius, times = 0.04 * dragged.canvas.side, []
    for angle in np.linspace(0.3, 4 * np.pi, moves):
        away = QPointF(radius * np.sin(angle), radius * (np.cos(angle) - 1))
        begun = time.perf_counter()
        times.append(dragged.ms_until_there((start + away).toPoint().toPointF()))
        watch.pass_time(DRAG_PACE_MS - 1000 * (time.perf_counter() - begun))
    QTest.keyClick(dragged.canvas, Qt.Key.Key_Escape)
    page.correcting.set_dragging(False)
    return times[1:]  # the first one sets the solver up


TOUCHED_KEYPOINT = 29
"""The left knee of the 25 keypoints that are compared."""
TOUCH_OFFSET_PX = 3.0


class TouchWatch(QObject):
    """Takes the time until the editor of keypoints is painted with another body."""

    def __init__(self, page: ProjectPage) -> None:
        super().__init__()
        self.editor, self._touches = page.correcting.editor, page.correcting.touches
        self._before: object = None
        self._painted_at: float | None = None
        self._loop = QEventLoop()
        self.editor.canvas.installEventFilter(self)

    def ms_until_followed(self, where: QPointF) -> float:
        """Click there; milliseconds until the body has followed, on the screen."""
        drawing = self.editor.canvas.drawing
        self._before = None if drawing is None else drawing.seen_px
        self._painted_at = None
        clicked = time.perf_counter()
        QTest.mouseClick(self.editor.canvas, Qt.MouseButton.LeftButton, pos=where.toPoint())
        while self._painted_at is None:
            if time.perf_counter() - clicked > WAIT_MS / 1000:
                raise StudioError(f"The body did not follow within {WAIT_MS} ms.")
            QTimer.singleShot(50, self._loop.quit)
            self._loop.exec()
        return 1000 * (self._painted_at - clicked)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See ``QObject.eventFilter``."""
        drawing, is_busy = self.editor.canvas.drawing, self._touches.busy
        if event.type() is QEvent.Type.Paint and drawing is not None and not is_busy:
            before, now = np.asarray(self._before, float), np.asarray(drawing.seen_px, float)
            if before.shape != now.shape or not np.array_equal(before, now):
                QTimer.singleShot(0, self._take_time)  # after this painting
        return False

    def _take_time(self) -> None:
        if self._painted_at is None:
            self._painted_at = time.perf_counter()
            self._loop.quit()


def touches(window: MainWindow, page: ProjectPage, watch: Watch, count: int) -> list[float]:
    """Milliseconds from a click that places a keypoint until the body that follows is painted."""
    dictionary = page.session.dictionary
    gains = np.full(49, np.nan, np.float32)
    gains[TOUCHED_KEYPOINT] = 5.0
    bases = dictionary.assessments.inputs(page.session.sample_ids.tolist())
    dictionary.assessments.store(
        [
            Assessment(basis=basis, suspicion=0.5, informativeness=0.5, touch_gains_mm=gains)
            for basis in bases.values()
        ]
    )
    watched, times = TouchWatch(page), []
    for _ in range(count):
        window.commands["correct.worth_a_touch"].trigger()
        watch.pass_time(2 * PACE_MS)
        canvas, sample = watched.editor.canvas, watched.editor.commands.sample
        if canvas.view is None or sample is None:
            raise StudioError("The editor of keypoints shows no sample.")
        x_px, y_px = sample.keypoints_px[TOUCHED_KEYPOINT, :2] + TOUCH_OFFSET_PX
        times.append(watched.ms_until_followed(QPointF(*canvas.view.to_view(x_px, y_px))))
        watch.pass_time(PACE_MS)
    return times[1:]  # the first one loads what detects


def placed_keypoints(page: ProjectPage, count: int) -> list[float]:
    """Milliseconds from a placed keypoint to the refitted body, without the window around it."""
    corrector, session = page.correcting.correctors.get(), page.session
    times = []
    for sample_id in session.sample_ids[:count].tolist():
        sample, fit = session.records.sample(sample_id), session.records.current_fit(sample_id)
        if fit is None:
            continue
        begun = time.perf_counter()
        corrector.refitted(sample, fit.parameters, stay_near=True)
        times.append(1000 * (time.perf_counter() - begun))
    return times


def id_at(page: ProjectPage, row: int) -> int:
    """The sample of a row."""
    return int(page.session.sample_ids[row])


def burst(window: MainWindow, page: ProjectPage, watch: Watch) -> float:
    """Milliseconds from the last press of a burst until its sample is shown."""
    page.session.go_first()
    watch.pass_time(PACE_MS)
    watch.forget()
    pressed = time.perf_counter()
    for _ in range(BURST_LENGTH):
        pressed = time.perf_counter()
        press_next(window)
        watch.pass_time(BURST_PACE_MS)
    return watch.ms_until_shown(pressed)


def measure(window: MainWindow, page: ProjectPage, *, quick: bool) -> dict[str, object]:
    """All times of one window."""
    watch = Watch(page)
    watch.ms_until_shown(0.0) if page.views.shown_sample_id is None else None
    # Cold first: afterwards everything is kept.
    cold = cold_jumps(page, watch, 3 if quick else 10)
    page.session.go_first()
    watch.pass_time(4 * PACE_MS)
    paced = paced_presses(window, page, watch, 10 if quick else 60)
    last_of_burst = burst(window, page, watch)
    dragged = drag_moves(page, watch, 20 if quick else 80)
    placed = placed_keypoints(page, 5 if quick else 20)
    touched = touches(window, page, watch, 8 if quick else 20)
    return {
        "next_sample_ms_p95": float(np.percentile(paced, 95)),
        "next_sample_ms_median": float(np.median(paced)),
        "next_sample_ms_max": max(paced),
        "cold_sample_ms_median": float(np.median(cold)) if cold else None,
        "cold_sample_ms_p95": float(np.percentile(cold, 95)) if cold else None,
        "burst_last_sample_ms": last_of_burst,
        "drag_ms_median": float(np.median(dragged)),
        "drag_ms_p95": float(np.percentile(dragged, 95)),
        "refit_ms_median": float(np.median(placed)),
        "refit_ms_p95": float(np.percentile(placed, 95)),
        "touch_ms_median": float(np.median(touched)),
        "touch_ms_p95": float(np.percentile(touched, 95)),
        "presses": len(paced),
        "samples": len(page.session.sample_ids),
        "window_px": "×".join(str(side) for side in WINDOW_SIZE),
        "cell_px": page.views.board.cell_size_px,
        "platform": QApplication.platformName(),
    }


def arguments() -> Namespace:
    """The options of the command line."""
    parser = benchmark_arguments("Time from a key press until the next sample is shown.")
    parser.add_argument("--project", type=Path, help="use this project in place of a demo")
    return parser.parse_args()


def main() -> None:
    """Make a demo project if none is given, open the window, measure, report."""
    options = arguments()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings")
        )
        project = options.project
        if project is None:
            project = folder / "demo"
            make_demo_project(project, people=16 if options.quick else 60)
        make_application()
        window = MainWindow()
        window.resize(*WINDOW_SIZE)
        window.show()
        QTest.qWaitForWindowExposed(window)
        # Without a window manager, as under xvfb, nothing else gives it the keyboard.
        window.activateWindow()
        QTest.qWaitForWindowActive(window)
        if not window.open_project(project) or window.page is None:
            raise StudioError(f"The project {project} could not be opened.")
        results = measure(window, window.page, quick=options.quick)
        window.close()
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
