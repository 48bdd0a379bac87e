"""A line above everything else in the window, for what has to be said once and hinders nothing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from spin_gui.widgets.notice_line import NoticeLine


class NoticeBar(NoticeLine):
    """Hidden until there is something to say, and again once it was read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        text = QLabel()
        text.setAccessibleName("What the notice says")
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = QPushButton("Show the log"), QPushButton("Close")
        for button in buttons:
            button.setAccessibleName(button.text())
        super().__init__("Notice", text, buttons, parent)
        self._file: Path | None = None
        self.show_button, self.close_button = buttons
        self.show_button.clicked.connect(self._show_file)
        self.close_button.clicked.connect(self.hide)

    def show_unclean_end(self, logs: tuple[Path, ...]) -> None:
        """Say that the program ended badly before, and where that is written down.

        logs: of the windows that did, newest first; nothing is said where there is none.
        """
        if logs:
            self._file = logs[0]
            self.text.setText(unclean_end_text(logs))
            self.show()

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
