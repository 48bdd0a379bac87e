"""One readable dialog for every error, from any thread, and never a flood of them."""

from __future__ import annotations

import logging
import time

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from spin_gui.widgets.error_reports import ErrorReport
from spin_gui.widgets.layouts import (
    body_label,
    close_box,
    fit_height,
    headline,
    icon_and_text,
    plain_button,
)
from spin_gui.widgets.question import open_dialog

WIDTH = 560
KEPT_REPORTS = 20
_LOGGER = logging.getLogger(__name__)
QUIET_S = 5.0
"""The same fault so soon after its dialog was closed (a paint event, a timer) is not shown."""


class ErrorDialog(QDialog):
    """Cause and remedy in words; the traceback under "Details"; all of it can be copied."""

    def __init__(self, report: ErrorReport, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong" if report.is_fault else "That did not work")
        self.reports = [report]
        self._more = body_label("")
        self._more.hide()
        self._details = self._build_details()
        self._build()
        self._show_details()

    def add(self, report: ErrorReport) -> None:
        """A further error while this dialog is open: counted, and kept for the details."""
        if len(self.reports) < KEPT_REPORTS:
            self.reports.append(report)
        further = len(self.reports) - 1
        count = f"{further} or more" if len(self.reports) == KEPT_REPORTS else str(further)
        self._more.setText(f"Further errors since: {count}. See the details.")
        self._more.show()
        self._show_details()

    @property
    def as_text(self) -> str:
        """All reports, for the clipboard."""
        return "\n\n――――\n\n".join(report.as_text for report in self.reports)

    def _build(self) -> None:
        report = self.reports[0]
        text = QVBoxLayout()
        text.setSpacing(8)
        text.addWidget(headline(report.during or self.windowTitle()))
        text.addWidget(body_label(report.message))
        if report.remedy:
            text.addWidget(body_label(report.remedy))
        text.addWidget(self._more)
        kind = QStyle.StandardPixmap
        icon = kind.SP_MessageBoxCritical if report.is_fault else kind.SP_MessageBoxWarning
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 16)
        layout.setSpacing(14)
        layout.addLayout(icon_and_text(self.style().standardIcon(icon), text))
        layout.addWidget(self._details, 1)
        layout.addWidget(self._build_buttons())
        fit_height(self, WIDTH)

    def _build_details(self) -> QPlainTextEdit:
        details = QPlainTextEdit()
        details.setReadOnly(True)
        details.setAccessibleName("Details of the error")
        details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        details.setMinimumHeight(200)
        details.hide()
        return details

    def _build_buttons(self) -> QDialogButtonBox:
        box = close_box(self)
        copy = plain_button(box, "Copy details", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        details = plain_button(box, "Details", QDialogButtonBox.ButtonRole.ActionRole)
        details.setCheckable(True)
        details.toggled.connect(self._show_or_hide_details)
        return box

    @Slot(bool)
    def _show_or_hide_details(self, shown: bool) -> None:  # noqa: FBT001 - a slot of a switch
        self._details.setVisible(shown)
        fit_height(self, WIDTH)

    def _show_details(self) -> None:
        self._details.setPlainText(self.as_text)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.as_text)


class ErrorPresenter(QObject):
    """Shows reports, one dialog at a time; what comes while it is open joins it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: ErrorDialog | None = None
        self._closed: dict[str, float] = {}

    @Slot(object)
    def show_report(self, report: ErrorReport) -> None:
        """Show a report, or add it to the dialog that is open."""
        if self.dialog is not None:
            if len(self.dialog.reports) < KEPT_REPORTS:
                _LOGGER.error(report.as_text)
            self.dialog.add(report)
            return
        if time.monotonic() - self._closed.get(report.message, -QUIET_S) < QUIET_S:
            return
        _LOGGER.error(report.as_text)
        self.dialog = ErrorDialog(report, self._window)
        self.dialog.finished.connect(self._on_closed)
        open_dialog(self.dialog, self._window)

    @Slot()
    def _on_closed(self) -> None:
        if self.dialog is None:
            return
        now = time.monotonic()
        # Only faults repeat by themselves; what the user tries again must answer again.
        self._closed = {report.message: now for report in self.dialog.reports if report.is_fault}
        self.dialog = None
