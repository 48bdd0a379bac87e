"""The report of ``doctor`` in a window: what this machine has of what the program needs.

It runs as a process of its own, as on the command line: a broken driver ends that process alone,
and closing the window ends it, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spin_gui.help.check_process import MAIN, check_process, end_unheard
from spin_gui.widgets.layouts import MARGIN, SPACING, close_box, headline

SIZE = (860, 520)
ASKING = "Checking this machine…"
ALL_WELL = "This machine has all that the program needs"
LACKING = "Something is missing: see the lines that begin with FAIL"
NOT_RUN = "The check could not be run"


class DoctorDialog(QDialog):
    """Shows the lines as they come; ``body`` is the project's own body file, to be checked, too."""

    def __init__(self, body: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Check this machine")
        self.title: QLabel = headline(ASKING)
        self.report, self.bar = QPlainTextEdit(), QProgressBar()
        self.copy_button = QPushButton("Copy the report")
        self._lay_out()
        self._process = check_process(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.readyReadStandardOutput.connect(self._take)
        self._process.finished.connect(self._end)
        self._process.errorOccurred.connect(self._give_up)
        more = [] if body is None else ["--body", str(body)]
        self._process.start(sys.executable, [str(MAIN), "doctor", *more])

    def done(self, result: int) -> None:
        """Closing ends the check."""
        end_unheard(self._process)
        super().done(result)

    @Slot()
    def _take(self) -> None:
        text = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        self.report.insertPlainText(text)

    @Slot()
    def _end(self) -> None:
        self._take()
        self.bar.hide()
        self.title.setText(LACKING if self._process.exitCode() else ALL_WELL)

    @Slot()
    def _give_up(self) -> None:
        self.bar.hide()
        self.title.setText(NOT_RUN)
        self.report.appendPlainText(self._process.errorString())

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _lay_out(self) -> None:
        self.report.setReadOnly(True)
        self.report.setAccessibleName("The report")
        self.report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("The check is running")
        self.copy_button.setAccessibleName(self.copy_button.text())
        self.copy_button.setAutoDefault(False)
        self.copy_button.clicked.connect(self._copy)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(close_box(self))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 12)
        layout.setSpacing(SPACING)
        layout.addWidget(self.title)
        layout.addWidget(self.bar)
        layout.addWidget(self.report, 1)
        layout.addLayout(buttons)
        self.resize(*SIZE)
