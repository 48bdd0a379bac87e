"""Pages whose panels take seconds to load: shown at once, with a note, and loaded on a thread."""

from __future__ import annotations

import threading
from importlib import import_module

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout

from core.engine.torch_loading import torch_is_loaded
from core.types.fits import RejectReason, Verdict
from spin_gui.jobs.torch_loading import load_torch_for_jobs
from spin_gui.widgets.error_reports import ErrorReport, report_of
from spin_gui.widgets.page import Page, PageWidget, Step

SLOW_MODULES = {Page.EVALUATION: "core.engine.evaluation.project_evaluation"}
"""What the panel of a page imports that needs PyTorch."""

LOADING = "Loading what measures fits, once for this session…"
NOT_LOADED = "What measures fits could not be loaded. Open the page again to try once more."
_BAR_WIDTH = 260


class WaitingPanel(PageWidget):
    """Stands in the place of a panel that is being loaded. No key reaches what is not in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Loading")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.note = QLabel()
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setFixedWidth(_BAR_WIDTH)
        self.bar.setAccessibleName("Loading")
        column = QVBoxLayout(self)
        column.addStretch(1)
        column.addWidget(self.note)
        column.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.show_loading(loading=True)

    def show_loading(self, *, loading: bool) -> None:
        """Say that it is under way, or that it failed."""
        self.note.setText(LOADING if loading else NOT_LOADED)
        self.bar.setVisible(loading)

    def walk(self, _step: Step) -> bool:
        """See ``PageWidget``: the samples are not in sight."""
        return True

    def judge(self, _verdict: Verdict, _reason: RejectReason | None = None) -> bool:
        """See ``PageWidget``: a fit that is not in sight is not judged."""
        return True

    def is_drawn(self) -> bool:
        """See ``PageWidget``: what is waited for is not there yet."""
        return self.bar.isHidden()


class LatePanels(QObject):
    """Loads for one open project; ``loaded(Page)`` when the panel can be made without a wait."""

    loaded = Signal(object)
    failed = Signal(object)
    """An ``ErrorReport``."""
    _ended = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.panel = WaitingPanel()
        self._loading: set[Page] = set()
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def is_ready(self, page: Page) -> bool:
        """Whether the panel of a page can be made at once."""
        return page not in SLOW_MODULES or (page not in self._loading and torch_is_loaded())

    def load(self, page: Page) -> None:
        """Begin, unless it is under way; the waiting panel says so."""
        self.panel.show_loading(loading=True)
        if page not in self._loading:
            self._loading.add(page)
            name = f"loading {page}"
            # Not waited for when the project closes: an import cannot be stopped.
            threading.Thread(target=self._work, args=(page,), name=name, daemon=True).start()

    def close(self) -> None:
        """What is still being loaded is told to no one any more."""
        self.loaded.disconnect()
        self.failed.disconnect()

    def _work(self, page: Page) -> None:
        report: ErrorReport | None = None
        try:
            load_torch_for_jobs()
            import_module(SLOW_MODULES[page])
        except Exception as error:  # noqa: BLE001 - the boundary: any fault becomes a dialog
            report = report_of(error, during="Loading the evaluation")
        try:
            self._ended.emit(page, report)
        except RuntimeError:
            return  # the project was closed meanwhile, and this object is gone with it

    @Slot(object, object)
    def _on_ended(self, page: Page, report: ErrorReport | None) -> None:
        self._loading.discard(page)
        if report is None:
            self.loaded.emit(page)
        else:
            self.panel.show_loading(loading=False)
            self.failed.emit(report)
