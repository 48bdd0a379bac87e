"""What can be done with the selected rows of the gallery."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from core.types.fits import Verdict
from spin_gui.widgets.verdict_marks import verdict_icon

_VERDICTS = (
    ("Accept", Verdict.ACCEPTED, "A"),
    ("Reject", Verdict.REJECTED, "X"),
    ("Unsure", Verdict.UNSURE, "U"),
    ("Clear", Verdict.NONE, "C"),
)


class SelectionBar(QWidget):
    """Its buttons only ask."""

    verdict_asked = Signal(object)
    open_asked = Signal()
    export_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel()
        self.label.setAccessibleName("Selected rows")
        self.verdict_buttons = {
            verdict: _button(title, f"{title} the selected fits ({key}). Can be undone")
            for title, verdict, key in _VERDICTS
        }
        for verdict, button in self.verdict_buttons.items():
            button.setIcon(verdict_icon(verdict))
            button.clicked.connect(self._ask_verdict)
        self.open_button = _button("Open sample", "Show the sample among its views (Return)")
        self.export_button = _button(
            "Export what is shown…", "A contact sheet of these rows (Ctrl+Shift+E)"
        )
        self.open_button.clicked.connect(self.open_asked)
        self.export_button.clicked.connect(self.export_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 10, 6)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addStretch(1)
        for button in (*self.verdict_buttons.values(), self.open_button, self.export_button):
            row.addWidget(button)

    def show_selection(self, count: int, total: int) -> None:
        """How many of all rows are selected."""
        self.label.setText(f"{count} of {total} selected" if total else "")
        for button in self.verdict_buttons.values():
            button.setEnabled(count > 0)
        self.open_button.setEnabled(count == 1)

    @Slot()
    def _ask_verdict(self) -> None:
        button = self.sender()
        verdict = next(v for v, known in self.verdict_buttons.items() if known is button)
        self.verdict_asked.emit(verdict)


def _button(title: str, tip: str) -> QPushButton:
    button = QPushButton(title)
    button.setAccessibleName(title)
    button.setToolTip(tip)
    return button
