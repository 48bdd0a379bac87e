"""The files of SMPL and SPIN that the program may use: which are in place, and putting one there.

A file is checked by ``main.py official`` as a process of its own: reading it may take seconds, and
PyTorch stays out of the window.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QProcess, QSize, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from core.files.user_folder import official_folder
from core.workflows.official_files.catalogue import OfficialKind
from core.workflows.official_files.installed import placed_files
from core.workflows.official_files.recognition import SUFFIXES
from spin_gui.help.check_process import MAIN, check_process, end_unheard
from spin_gui.help.official_file_row import OfficialFileRow
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box, resize_within_screen
from spin_gui.widgets.paths import ask_file, breakable

SIZE = QSize(760, 680)
TITLE = "Official files"
INTRODUCTION = (
    "Files of SMPL and SPIN that the program may use and must not ship. Nothing is downloaded: get "
    "them from the pages named here, and drop them on this window. Each is checked, named and "
    "copied to your folder."
)
CHECKING = "Checking…"
FILTER = f"Official files ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"


class OfficialFilesDialog(QDialog):
    """Lists the catalogue; files that are chosen or dropped are checked and put in place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        self.rows = [OfficialFileRow(each) for each in placed_files(official_folder())]
        self.outcome = body_label("")
        self.outcome.setAccessibleName("What became of the files")
        self.bar = QProgressBar()
        self.folder_button = QPushButton("Show the folder")
        self._process = check_process(self)
        self._process.finished.connect(self._end)
        self._process.errorOccurred.connect(self._give_up)
        self._lay_out()
        self._show_state("")

    def put_in_place(self, paths: Sequence[Path], kind: OfficialKind | None = None) -> None:
        """Check files and copy those that are good; ``kind``: what the user says they are."""
        if not paths or self._process.state() is not QProcess.ProcessState.NotRunning:
            return
        said = [] if kind is None else ["--as", str(kind.value)]
        words = [str(MAIN), "official", "--json", *said, "--", *map(str, paths)]
        self._process.start(sys.executable, words)
        self._show_state(CHECKING)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files of this machine."""
        if _local_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Put dropped files in place."""
        event.acceptProposedAction()
        self.put_in_place(_local_files(event))

    def done(self, result: int) -> None:
        """Closing ends a check; a file is in place whole or not at all."""
        end_unheard(self._process)
        super().done(result)

    @Slot()
    def _end(self) -> None:
        try:
            told = json.loads(bytes(self._process.readAllStandardOutput().data()))
            lines = [f"In place: {each}" for each in told["placed"].values()]
            lines += [f"Refused: {each}" for each in told["refused"].values()]
        except (ValueError, KeyError):
            errors = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            lines = ["The check ended early.", *errors.splitlines()[-1:]]
        self._show_state("\n".join(lines))

    @Slot()
    def _give_up(self) -> None:
        self._show_state(f"The check could not be run: {self._process.errorString()}")

    def _show_state(self, text: str) -> None:
        is_running = text == CHECKING
        self.outcome.setText(breakable(text))
        self.outcome.setVisible(bool(text))
        self.bar.setVisible(is_running)
        for row, placed in zip(self.rows, placed_files(official_folder()), strict=True):
            row.show_path(placed.path)
            row.button.setEnabled(not is_running)
        self.folder_button.setEnabled(official_folder().is_dir())

    @Slot()
    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(official_folder())))

    def _choose(self, row: OfficialFileRow) -> None:
        path = ask_file(self, f"File for {row.entry.kind.value}", FILTER)
        if path is not None:
            self.put_in_place([path], row.entry.kind)

    def _lay_out(self) -> None:
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("The check is running")
        self.folder_button.setAccessibleName(self.folder_button.text())
        self.folder_button.setToolTip(str(official_folder()))
        self.folder_button.setAutoDefault(False)
        self.folder_button.clicked.connect(self._show_folder)
        buttons = QHBoxLayout()
        buttons.addWidget(self.folder_button)
        buttons.addStretch(1)
        buttons.addWidget(close_box(self))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, MARGIN, 0, 12)
        layout.setSpacing(SPACING)
        for widget in (body_label(INTRODUCTION), self._sheet(), self.outcome, self.bar):
            layout.addWidget(widget, 1 if isinstance(widget, QScrollArea) else 0)
            if not isinstance(widget, QScrollArea):
                widget.setContentsMargins(MARGIN, 0, MARGIN, 0)
        buttons.setContentsMargins(MARGIN, 0, MARGIN, 0)
        layout.addLayout(buttons)
        resize_within_screen(self, SIZE)

    def _sheet(self) -> QScrollArea:
        sheet = QWidget()
        column = QVBoxLayout(sheet)
        column.setContentsMargins(MARGIN, 0, MARGIN, 8)
        column.setSpacing(16)
        for row in self.rows:
            row.choose_asked.connect(lambda row=row: self._choose(row))
            column.addWidget(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setAccessibleName(TITLE)
        area.setWidget(sheet)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        return area


def _local_files(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
