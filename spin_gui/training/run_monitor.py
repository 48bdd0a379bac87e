"""What the window knows of the training that runs: its state, its numbers, how long still."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.runs.observers import BatchPreview, IterationMetrics
from core.runs.training_control import TrainingControl, TrainingState
from spin_gui.training.job import TrainingFeedSlot, TrainingNews, TrainingStart
from spin_gui.training.run_curves import RunCurves

NEWS_INTERVAL_MS = 100


class TrainingWatch(QObject):
    """Empties the training's letter box ten times a second and tells the panels.

    Without a training ``start`` is that of the last one, or None.
    """

    started = Signal(object)
    """A ``TrainingStart``: the run has its number."""
    progressed = Signal(object)
    """The new ``IterationMetrics``, at most ten lists a second."""
    previewed = Signal(object)
    """A ``BatchPreview``."""
    state_changed = Signal(object)
    """A ``TrainingState``, or None when nothing trains."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.start: TrainingStart | None = None
        self.curves = RunCurves()
        self.latest: IterationMetrics | None = None
        self.preview: BatchPreview | None = None
        self.state: TrainingState | None = None
        self.control: TrainingControl | None = None
        self.rate_per_s = 0.0
        """Iterations a second of late; 0 while unknown."""
        self._slot = TrainingFeedSlot()
        self._timer = QTimer(self, interval=NEWS_INTERVAL_MS)
        self._timer.timeout.connect(self.deliver)

    @property
    def training(self) -> bool:
        """From ``begin`` to ``end``."""
        return self.control is not None

    @property
    def eta_s(self) -> float | None:
        """Seconds to go; None while unknown."""
        if self.start is None or self.rate_per_s <= 0:
            return None
        left = self.start.configuration.iterations - self.curves.last_iteration
        return max(left, 0) / self.rate_per_s

    def begin(self, control: TrainingControl) -> TrainingFeedSlot:
        """A training is about to start; returns where its letter box is to be put."""
        self.control, self._slot = control, TrainingFeedSlot()
        self.start, self.latest, self.preview = None, None, None
        self.curves, self.rate_per_s = RunCurves(), 0.0
        self._set_state(TrainingState.PREPARING)
        self._timer.start()
        return self._slot

    def continue_from(self, curves: RunCurves) -> None:
        """The numbers of the run before it was resumed."""
        self.curves = curves

    def end(self) -> None:
        """The training is over."""
        self._timer.stop()
        self.deliver()
        self.control = None
        self._set_state(None)

    def pause_or_go_on(self) -> None:
        """Pause, or go on when paused."""
        if self.control is None or self.control.ending:
            return
        if self.control.paused:
            self.control.resume()
            self._set_state(TrainingState.RUNNING)
        else:
            self.control.pause()
            self._set_state(TrainingState.PAUSED)

    def show_ending(self) -> None:
        """The training was told to end: say so at once, it ends after its iteration."""
        if self.control is not None:
            discarding = self.control.cancel_requested
            self._set_state(TrainingState.CANCELLING if discarding else TrainingState.STOPPING)

    @Slot()
    def deliver(self) -> None:
        """Take the news and pass them on."""
        news: TrainingNews = self._slot.take()
        if news.start is not None:
            self.start = news.start
            self.started.emit(news.start)
        if news.metrics:
            self.curves.add(news.metrics)
            self.latest = news.metrics[-1]
            self.rate_per_s = news.rate_per_s
            self.progressed.emit(news.metrics)
        if news.preview is not None:
            self.preview = news.preview
            self.previewed.emit(news.preview)
        if news.state is not None and not self._ending:
            self._set_state(news.state)

    @property
    def _ending(self) -> bool:
        return self.control is not None and self.control.ending

    def _set_state(self, state: TrainingState | None) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
