"""Shows what a job did, entry by entry where something could not be read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box, headline, plain_button

SHOWN_PROBLEMS = 5000


class ReportDialog(QDialog):
    """A headline, a sentence, and a list that can be copied.

    offer: what can be done about it, on a button; ``offer_taken`` follows when the dialog closed.
    """

    offer_taken = Signal()

    def __init__(
        self,
        title: str,
        *,
        summary: str,
        problems: Sequence[str],
        offer: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.offer_button = QPushButton(offer)
        self.list = QPlainTextEdit("\n".join(_shortened(problems)))
        self._build(title, summary)

    def _build(self, title: str, summary: str) -> None:
        self.list.setReadOnly(True)
        self.list.setAccessibleName("Entries that could not be read")
        self.list.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.list.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.list.setMinimumHeight(220)
        box = close_box(self)
        copy = plain_button(box, "Copy list", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._copy)
        if self.offer_button.text():
            self.offer_button.setAccessibleName(self.offer_button.text())
            box.addButton(self.offer_button, QDialogButtonBox.ButtonRole.ActionRole)
            self.offer_button.clicked.connect(self._take_offer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline(title))
        layout.addWidget(body_label(summary))
        layout.addWidget(self.list, 1)
        self.list.setVisible(bool(self.list.toPlainText()))
        copy.setVisible(self.list.isVisibleTo(self))
        layout.addWidget(box)
        self.resize(720, 440 if self.list.isVisibleTo(self) else 200)

    @Slot()
    def _take_offer(self) -> None:
        self.accept()
        self.offer_taken.emit()

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.list.toPlainText())


def _shortened(problems: Sequence[str]) -> list[str]:
    shown = list(problems[:SHOWN_PROBLEMS])
    if len(problems) > SHOWN_PROBLEMS:
        shown.append(f"… and {len(problems) - SHOWN_PROBLEMS} more")
    return shown
