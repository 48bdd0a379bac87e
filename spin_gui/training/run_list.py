"""The trainings of a project: which of them are drawn, which can go on."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from core.runs.run_folder import RunFolder, read_metrics
from core.system.priority_executor import PriorityExecutor
from core.types.runs import Run, RunStatus
from spin_gui.training.run_curves import RunCurves
from spin_gui.training.run_style import LINE_STYLES, RUN_COLORS
from spin_gui.widgets.wording import local_time

_RUN_ROLE = Qt.ItemDataRole.UserRole
_SWATCH = QSize(26, 12)


@dataclass(frozen=True)
class ListedRun:
    """A training of the project. place: of the list, counted from the oldest, for its colour."""

    run: Run
    place: int
    iterations: int
    resumable: bool

    @property
    def id(self) -> int:
        """The run's number."""
        return self.run.id

    def text(self, done: int, *, running: bool) -> str:
        """Two lines: what, and how far."""
        profile = self.run.configuration.get("profile", "")
        state = "running" if running else state_words(self.run, done, self.iterations)
        return (
            f"Run {self.id} · {profile}\n{local_time(self.run.started_at)} · "
            f"{done} of {self.iterations} · {state}"
        )


def length_text(run: ListedRun) -> str:
    """How long a run was; of one that did not finish, what was planned, and called so."""
    planned = "" if run.run.status is RunStatus.FINISHED else " planned"
    return f"{run.iterations} iterations{planned}"


def state_words(run: Run, done: int, iterations: int) -> str:
    """How a run that does not run here stands."""
    if run.status is RunStatus.FAILED:
        return "failed"
    if iterations and done >= iterations and run.status is not RunStatus.RUNNING:
        return "finished"
    words = {RunStatus.INTERRUPTED: "interrupted", RunStatus.RUNNING: "runs in another process"}
    return words.get(run.status, "stopped")


def trainings(project: Path, runs: list[Run]) -> list[ListedRun]:
    """The trainings among a project's runs, newest first."""
    mine = [run for run in runs if run.is_training]
    listed = []
    for place, run in enumerate(reversed(mine)):
        folder = RunFolder.of(project, run.id)
        iterations = run.configuration.get("iterations", 0)
        listed.append(
            ListedRun(
                run,
                place,
                int(iterations) if isinstance(iterations, int) else 0,
                resumable=folder.resumable and run.status is not RunStatus.RUNNING,
            )
        )
    return listed[::-1]


class CurveStore(QObject):
    """Reads the metrics of past runs on a thread of its own and keeps them."""

    ready = Signal(int)
    _done = Signal(object, object)

    def __init__(self, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._curves: dict[int, RunCurves] = {}
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._executor = PriorityExecutor("run curves")

    def get(self, run_id: int) -> RunCurves | None:
        """The curves, where they are read already."""
        return self._curves.get(run_id)

    def request(self, run_id: int) -> None:
        """Read a run's metrics (again)."""
        reading = self._executor.submit(partial(_read_curves, self._project, run_id))
        reading.add_done_callback(partial(self._hand_on, run_id))

    def put(self, run_id: int, curves: RunCurves) -> None:
        """Keep the curves of the run that goes on now."""
        self._curves[run_id] = curves

    def close(self) -> None:
        """End the thread."""
        self._executor.close()

    @Slot(object, object)
    def _take(self, run_id: int, curves: RunCurves) -> None:
        self._curves[run_id] = curves
        self.ready.emit(run_id)

    def _hand_on(self, run_id: int, reading: Future[RunCurves]) -> None:
        """Called on the reading thread: nothing but a signal."""
        if not reading.cancelled():
            # Metrics that cannot be read leave a run without curves; it can still be continued.
            self._done.emit(run_id, RunCurves() if reading.exception() else reading.result())


def _read_curves(project: Path, run_id: int) -> RunCurves:
    return RunCurves(read_metrics(RunFolder.of(project, run_id).metrics))


class RunListPanel(QWidget):
    """Checked runs are drawn; the chosen one can be continued."""

    shown_changed = Signal()
    continue_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName("Trainings of this project")
        self.list.setIconSize(_SWATCH)
        self.list.setWordWrap(True)
        self.continue_button = QPushButton("Continue")
        self.continue_button.setAccessibleName("Continue the chosen training")
        self.continue_button.setToolTip("Go on with the chosen run from its last checkpoint")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.continue_button)
        self._runs: list[ListedRun] = []
        self._idle = True
        self.list.itemChanged.connect(self.shown_changed)
        self.list.currentItemChanged.connect(self._update_button)
        self.list.itemActivated.connect(self._ask)
        self.continue_button.clicked.connect(self._ask)
        self._update_button()

    @property
    def runs(self) -> list[ListedRun]:
        """What is listed, newest first."""
        return self._runs

    def show_runs(self, runs: list[ListedRun], done: dict[int, int], running: int | None) -> None:
        """List runs; which are checked and chosen stays, a run not seen before comes checked."""
        known = {self._run_of(item).id: item.checkState() for item in self._items()}
        chosen = self.chosen()
        blocked = self.list.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        self.list.clear()
        for run in runs:
            item = QListWidgetItem(swatch(run.place), "")
            item.setText(run.text(done.get(run.id, 0), running=run.id == running))
            item.setData(_RUN_ROLE, run)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            newest = not known and run is runs[0]
            fresh = known and run.id not in known
            state = Qt.CheckState.Checked if newest or fresh else Qt.CheckState.Unchecked
            item.setCheckState(known.get(run.id, state))
            self.list.addItem(item)
            if (chosen is not None and run.id == chosen.id) or (chosen is None and newest):
                self.list.setCurrentItem(item)
        self.list.blockSignals(blocked)
        self._runs = runs
        self._update_button()

    def set_progress(self, run_id: int, done: int) -> None:
        """How far the running one is."""
        for item in self._items():
            run = self._run_of(item)
            if run.id == run_id:
                blocked = self.list.blockSignals(True)  # noqa: FBT003
                item.setText(run.text(done, running=True))
                self.list.blockSignals(blocked)

    def set_idle(self, idle: bool) -> None:  # noqa: FBT001 - a state, not a choice
        """Whether a run could be continued now."""
        self._idle = idle
        self._update_button()

    def shown(self) -> list[ListedRun]:
        """The checked runs, newest first."""
        return [
            self._run_of(item)
            for item in self._items()
            if item.checkState() == Qt.CheckState.Checked
        ]

    def chosen(self) -> ListedRun | None:
        """The current row."""
        item = self.list.currentItem()
        return None if item is None else self._run_of(item)

    def choose(self, run_id: int) -> None:
        """Make a run the current row."""
        for item in self._items():
            if self._run_of(item).id == run_id:
                self.list.setCurrentItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _run_of(self, item: QListWidgetItem) -> ListedRun:
        run: ListedRun = item.data(_RUN_ROLE)
        return run

    @Slot()
    def _update_button(self) -> None:
        chosen = self.chosen()
        self.continue_button.setEnabled(self._idle and chosen is not None and chosen.resumable)

    @Slot()
    def _ask(self) -> None:
        chosen = self.chosen()
        if chosen is not None and self.continue_button.isEnabled():
            self.continue_asked.emit(chosen.id)


def swatch(place: int) -> QIcon:
    """A piece of a run's line."""
    return swatch_of(RUN_COLORS[place % len(RUN_COLORS)], LINE_STYLES[place % len(LINE_STYLES)])


def swatch_of(color: str, style: Qt.PenStyle) -> QIcon:
    """A piece of a line."""
    pixmap = QPixmap(_SWATCH)
    # On a ground of its own: a chosen row is as blue as the first run.
    pixmap.fill(QColor("#f4f5f7"))
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(color), 3, style))
    painter.drawLine(2, _SWATCH.height() // 2, _SWATCH.width() - 2, _SWATCH.height() // 2)
    painter.end()
    return QIcon(pixmap)
