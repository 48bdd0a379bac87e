"""A strip across the window that scrolls sideways and folds."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from spin_gui.widgets.folding.fold_button import WIDTH, FoldButton


class FoldingStrip(QScrollArea):
    """Its arrow stands at the left, whatever is scrolled; what folding leaves is the strip's own.

    Args:
        what: what it holds, in words after "Fold".
        parent: the strip's parent.
    """

    def __init__(self, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportMargins(WIDTH, 0, 0, 0)
        self.fold = FoldButton(what, self)

    def set_folded(self, *, folded: bool) -> None:
        """Fold the strip, or unfold it."""
        if folded != self.fold.folded:
            self.fold.show_folded(folded=folded)
            self.show_size()

    def show_size(self) -> None:
        """Become low where ``fold.folded``, or as high as before."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The arrow is as high as the strip."""
        super().resizeEvent(event)
        self.fold.setGeometry(0, 0, WIDTH, self.height())
