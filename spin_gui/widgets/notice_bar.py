"""A line above everything else in the window, for what has to be said once and hinders nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget


class NoticeBar(QWidget):
    """Hidden until there is something to say, and again once it was read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Notice")
        self._file: Path | None = None
        self.text = QLabel()
        self.text.setAccessibleName("What the notice says")
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_button = QPushButton("Show the log")
        self.show_button.clicked.connect(self._show_file)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.hide)
        self._build()
        self.hide()

    def show_unclean_end(self, logs: tuple[Path, ...]) -> None:
        """Say that the program ended badly before, and where that is written down.

        logs: of the windows that did, newest first; nothing is said where there is none.
        """
        if logs:
            self._file = logs[0]
            self.text.setText(unclean_end_text(logs))
            self.show()

    def _build(self) -> None:
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Midlight)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(self.text, 1)
        for button in (self.show_button, self.close_button):
            button.setAccessibleName(button.text())
            row.addWidget(button)

    @Slot()
    def _show_file(self) -> None:
        if self._file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file)))


def unclean_end_text(logs: tuple[Path, ...]) -> str:
    """One sentence for one window that ended badly, and one more where it was several."""
    others = len(logs) - 1
    more = f" It happened {others + 1} times since it was last told." if others else ""
    return (
        "SPIN Studio did not end properly the last time. What was shown as saved is in the "
        f"project; what is known of the cause is in {logs[0]}.{more}"
    )
