"""The trainings of a project: which of them are drawn, which can go on."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from core.runs.run_folder import RunFolder, read_metrics
from core.system.priority_executor import PriorityExecutor
from spin_gui.session.trainings import ListedRun
from spin_gui.training.run_curves import RunCurves
from spin_gui.widgets.run_style import SWATCH_SIZE, swatch

_RUN_ROLE = Qt.ItemDataRole.UserRole


class CurveStore(QObject):
    """Reads the metrics of past runs on a thread of its own and keeps them."""

    ready = Signal(int)
    _done = Signal(object, object)

    def __init__(self, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._curves: dict[int, RunCurves] = {}
        self._readings: dict[int, Future[RunCurves]] = {}
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._executor = PriorityExecutor("run curves")

    def get(self, run_id: int) -> RunCurves | None:
        """The curves, where they are read already."""
        return self._curves.get(run_id)

    def request(self, run_id: int) -> None:
        """Read a run's metrics (again); a reading that waits already is replaced."""
        if run_id in self._readings:
            self._readings[run_id].cancel()
        reading = self._executor.submit(partial(_read_curves, self._project, run_id))
        self._readings[run_id] = reading
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
        self.list.setIconSize(SWATCH_SIZE)
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
