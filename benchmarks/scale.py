"""The real window on a dictionary of 300 000 people: opening, filtering, scrolling, memory.

The dictionary is made once, in bulk SQL, and kept in ``--folder`` (some 650 MB). Times are taken as
a user has them: opening and every filter or order until the list has painted its rows; scrolling as
the longest time in which the window answered nothing. Beside the wall clock stands the time that
the main thread itself worked, which a busy machine does not lengthen.

    python benchmarks/scale.py [--quick] [--json] [--people N] [--folder FOLDER]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication

from benchmarks.big_dictionary import big_dictionary
from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text
from core.errors import StudioError
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow
from spin_gui.window.project_page import ProjectPage
from spin_gui.window.settings import WindowSettings

PEOPLE = 300_000
QUICK_PEOPLE = 20_000
WINDOW_SIZE = (1600, 1000)
WAIT_MS = 120_000
FRAME_MS = 16
SCROLL_S = 10.0
HEARTBEAT_MS = 2

FILTERS = (
    "",
    "verdict:none",
    "verdict:accepted,rejected",
    "flag:any",
    "flag:none verdict:none",
    "flag:betas,depth",
    "origin:mean,lifter",
    "run:2",
    "loss:10..50",
    "loss:..20 suspicion:0.3.. beta:1..3",
    "error2d:2..6 error3d:..80 depth:30..50",
    "prior:40..90 disagreement:10.. informativeness:0.2..0.9",
    "keypoints:12..30 verdict:unsure",
    "fitted:2026-10-10..2026-10-20",
    "fitted:2026-11-01.. run:1,3 flag:any",
    "777",
    "jpg",
    "lsp verdict:none loss:5..",
    "with:corrections",
    "without:fit",
)


class Painted(QObject):
    """Waits until a list has painted itself."""

    def __init__(self, view: QAbstractScrollArea) -> None:
        super().__init__(view)
        self._view, self._loop, self._seen = view, QEventLoop(), False
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """See ``QObject.eventFilter``."""
        if event.type() == QEvent.Type.Paint:
            self._seen = True
            QTimer.singleShot(0, self._loop.quit)  # after the painting itself
        return super().eventFilter(watched, event)

    def after(self, act: Callable[[], object]) -> tuple[float, float]:
        """Milliseconds by the wall and of this thread until ``act`` is done and painted."""
        self._seen = False
        wall, worked = time.perf_counter(), time.thread_time()
        act()
        self._view.viewport().update()  # a list that stayed as it was is painted, too
        while not self._seen:
            self._loop.exec()
        return 1000 * (time.perf_counter() - wall), 1000 * (time.thread_time() - worked)


def pass_time(ms: float) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(ms), loop.quit)
    loop.exec()


def wait_for(holds: Callable[[], bool], what: str) -> None:
    """Let the window live until something holds; raises ``StudioError`` after two minutes."""
    deadline = time.perf_counter() + WAIT_MS / 1000
    while not holds():
        if time.perf_counter() > deadline:
            raise StudioError(f"{what} did not happen within {WAIT_MS} ms.")
        pass_time(5)


def measure_opening(window: MainWindow, project: Path) -> dict[str, float]:
    """Until the first rows are painted, and until all is in memory."""
    wall, worked = time.perf_counter(), time.thread_time()
    if not window.open_project(project) or window.page is None:
        raise StudioError(f"The project {project} could not be opened.")
    page = window.page
    Painted(page.samples.view).after(lambda: None)
    opened, opened_worked = time.perf_counter() - wall, time.thread_time() - worked
    wait_for(lambda: page.session.catalogue.index is not None, "Reading the project")
    return {
        "open_s": opened,
        "open_main_thread_s": opened_worked,
        "in_memory_s": time.perf_counter() - wall,
    }


def queries() -> Iterator[SampleQuery]:
    """Every filter under changing orders: each order is met, both ways."""
    keys = list(SortKey)
    for number, text in enumerate(FILTERS):
        for step in range(6):
            sort = keys[(5 * number + 7 * step) % len(keys)]
            order = SampleQuery(sort=sort, descending=bool((number + step) % 2))
            yield query_from_text(text).in_order_of(order)


def measure_filters(page: ProjectPage, *, prefix: str) -> dict[str, float]:
    """Every query once, from the request until the list is painted."""
    painted = Painted(page.samples.view)
    times = np.array([painted.after(partial(page.session.set_query, query)) for query in queries()])
    page.session.set_query(SampleQuery())
    return {
        f"{prefix}_ms_p95": float(np.percentile(times[:, 0], 95)),
        f"{prefix}_ms_median": float(np.median(times[:, 0])),
        f"{prefix}_main_thread_ms_p95": float(np.percentile(times[:, 1], 95)),
        f"{prefix}_main_thread_ms_max": float(times[:, 1].max()),
    }


def measure_scrolling(view: QAbstractScrollArea, seconds: float) -> dict[str, float]:
    """Scrolls at 60 frames a second, slowly and fast; the longest gap between two heartbeats."""
    bar, beats = view.verticalScrollBar(), []
    bar.setValue(0)
    pass_time(500)
    heartbeat, scrolling = QTimer(interval=HEARTBEAT_MS), QTimer(interval=FRAME_MS)
    heartbeat.timeout.connect(lambda: beats.append((time.perf_counter(), time.thread_time())))
    speeds = (12, 60, 240, 3000)
    began = time.perf_counter()

    def scroll() -> None:
        part = int(len(speeds) * (time.perf_counter() - began) / seconds)
        bar.setValue(bar.value() + speeds[min(part, len(speeds) - 1)])

    scrolling.timeout.connect(scroll)
    heartbeat.start()
    scrolling.start()
    pass_time(1000 * seconds)
    heartbeat.stop()
    scrolling.stop()
    gaps = 1000 * np.diff(np.array(beats), axis=0)
    return {"worst": float(gaps[:, 0].max()), "worst_worked": float(gaps[:, 1].max())}


def resident_mb() -> float:
    """Memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(window: MainWindow, project: Path, *, quick: bool) -> dict[str, object]:
    """All numbers of one window."""
    seconds = 2.0 if quick else SCROLL_S
    results: dict[str, object] = {"window_mb": resident_mb()}
    results |= measure_opening(window, project)
    page = window.page
    if page is None:
        raise StudioError("The project was closed.")
    pass_time(3000)
    results |= measure_filters(page, prefix="filter_sort")
    window.commands["view.histograms"].setChecked(True)
    results |= measure_filters(page, prefix="with_histograms")
    window.commands["view.histograms"].setChecked(False)
    for name, grid in (("list", False), ("grid", True)):
        window.commands["view.grid"].setChecked(grid)
        pass_time(1000)
        stalls = measure_scrolling(page.samples.shown_view, seconds)
        results[f"worst_stall_{name}_ms"] = stalls["worst"]
        results[f"worst_work_{name}_ms"] = stalls["worst_worked"]
    window.commands["view.grid"].setChecked(False)
    results["worst_stall_ms"] = max(
        float(str(results[f"worst_stall_{name}_ms"])) for name in ("list", "grid")
    )
    results["memory_mb"] = resident_mb()
    results["samples"] = len(page.session.sample_ids)
    results["platform"] = QApplication.platformName()
    return results


def arguments() -> Namespace:
    """The options of the command line."""
    parser = benchmark_arguments("The window on a dictionary of 300 000 people.")
    parser.add_argument("--people", type=int, help=f"how many (default {PEOPLE})")
    parser.add_argument(
        "--folder",
        type=Path,
        default=Path(tempfile.gettempdir()) / "spin-studio-scale",
        help="where the made dictionaries are kept",
    )
    return parser.parse_args()


def main() -> None:
    """Make the dictionary if it is not there, open the window, measure, report."""
    options = arguments()
    people = options.people or (QUICK_PEOPLE if options.quick else PEOPLE)
    started = time.perf_counter()
    options.folder.mkdir(parents=True, exist_ok=True)
    project = big_dictionary(options.folder / str(people), people=people)
    made_s = time.perf_counter() - started
    make_application()
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(WindowSettings(Path(folder) / "settings.ini"))
        window.resize(*WINDOW_SIZE)
        window.show()
        QTest.qWaitForWindowExposed(window)
        results = {"make_s": made_s, **measure(window, project, quick=options.quick)}
        window.close()
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
