"""The arrow at the side of a strip that folds it, or unfolds it again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QToolButton, QWidget

WIDTH = 24


class FoldButton(QToolButton):
    """``fold_asked(bool)``: whether the strip is to be folded.

    what: what the strip holds, in words after "Fold".
    """

    fold_asked = Signal(bool)

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._what = what
        self.folded = False
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedWidth(WIDTH)
        self.clicked.connect(self._ask)
        self.show_folded(folded=False)

    def show_folded(self, *, folded: bool) -> None:
        """Say what a click does now."""
        self.folded = folded
        self.setArrowType(Qt.ArrowType.RightArrow if folded else Qt.ArrowType.DownArrow)
        text = f"Unfold {self._what}" if folded else f"Fold {self._what}"
        self.setAccessibleName(text)
        self.setToolTip(text)

    @Slot()
    def _ask(self) -> None:
        self.fold_asked.emit(not self.folded)
