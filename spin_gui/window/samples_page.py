"""The page of samples: list, views and details side by side, histograms and verdicts below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from spin_gui.samples.list_panel import SampleListPanel
from spin_gui.window.side_widths import SideWidths

if TYPE_CHECKING:
    from spin_gui.correcting.controller import CorrectionController
    from spin_gui.window.sample_parts import SampleParts

LOW_BELOW = 800
"""Of the page's height, in logical pixels."""

_VIEWS, _NOTHING, _EDITOR = range(3)
"""What the middle shows."""


class SamplesPage(QWidget):
    """Lays the list out at once, and all else when that was made.

    frame: the widget whose width decides whether the window is narrow.
    """

    def __init__(self, samples: SampleListPanel, frame: QWidget) -> None:
        super().__init__()
        self._samples = samples
        self._centre, self._details_side = QStackedWidget(), QStackedWidget()
        self.splitter = self._build_splitter()
        self.widths = SideWidths(frame, self.splitter)
        self._frame = frame
        self._parts: SampleParts | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.splitter, 1)

    @property
    def grid_shown(self) -> bool:
        """Whether big thumbnails stand in place of the list and the views."""
        return self._centre.isHidden()

    def lay_out(self, parts: SampleParts) -> None:
        """Put what was made after the list where it belongs; widths stay."""
        self.widths.note()
        for widget in (
            parts.seen,
            parts.nothing,
            parts.correcting.editor,
        ):
            self._centre.addWidget(widget)
        self._details_side.addWidget(parts.details)
        self.widths.apply()
        parts.histograms.setVisible(False)
        self._parts = parts
        self.adapt()
        self._column.addWidget(parts.histograms)
        self._column.addWidget(parts.verdicts)

    def adapt(self) -> None:
        """In a window made narrow or low the views get the room that all else can spare."""
        self.widths.adapt()
        if self._parts is not None:
            self._parts.histograms.set_low(low=self._frame.height() < LOW_BELOW)

    def set_grid(self, *, shown: bool) -> None:
        """Big thumbnails in place of the list and the views, or back."""
        if shown:
            self.widths.leave_list()
        self._centre.setVisible(not shown)
        self.splitter.setStretchFactor(0, int(shown))
        self._samples.set_grid(shown=shown)
        if not shown:
            self.widths.come_back_to_list()

    def set_details(self, *, shown: bool) -> None:
        """The details on the right."""
        self._details_side.setVisible(shown)

    def show_centre(
        self, correcting: CorrectionController, *, has_sample: bool, in_front: bool
    ) -> None:
        """The views or the editor; in_front: no other page hides this one."""
        was_editing = self._centre.currentIndex() == _EDITOR
        editing = correcting.editing
        self._centre.setCurrentIndex(_EDITOR if editing else _VIEWS if has_sample else _NOTHING)
        if editing and not was_editing:
            correcting.editor.show_current()
            correcting.editor.canvas.setFocus()
        elif was_editing and not editing and in_front:
            self._samples.focus_list()

    def _build_splitter(self) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(5)
        for stretch, panel in ((0, self._samples), (1, self._centre), (0, self._details_side)):
            splitter.addWidget(panel)
            splitter.setStretchFactor(splitter.count() - 1, stretch)
        return splitter
