"""The page of samples: list, views and details side by side, histograms and verdicts below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from spin_gui.samples.list_panel import SampleListPanel
from spin_gui.window.settings import WindowSettings
from spin_gui.window.side_widths import SideWidths
from spin_gui.window.strip_folding import StripFolding

if TYPE_CHECKING:
    from spin_gui.correcting.controller import CorrectionController
    from spin_gui.window.sample_parts import SampleParts

_VIEWS, _NOTHING, _EDITOR = range(3)
"""What the middle shows."""


class SamplesPage(QWidget):
    """Lays the list out at once, and all else when that was made.

    frame: the widget whose size decides whether the window is narrow or low.
    """

    def __init__(self, samples: SampleListPanel, frame: QWidget, settings: WindowSettings) -> None:
        super().__init__()
        self._samples, self._settings = samples, settings
        self._centre, self._details_side = QStackedWidget(), QStackedWidget()
        self.splitter = self._build_splitter()
        self.widths = SideWidths(frame, self.splitter)
        self._frame = frame
        self._parts: SampleParts | None = None
        self.folding: StripFolding | None = None
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
        side = QWidget()
        self._beside = QVBoxLayout(side)
        self._beside.setContentsMargins(0, 0, 0, 0)
        self._beside.setSpacing(0)
        self._beside.addWidget(parts.details, 1)
        self._details_side.addWidget(side)
        self.widths.apply()
        parts.histograms.setVisible(False)
        self._parts = parts
        self.folding = StripFolding(self._frame, self._settings, parts.strips)
        self.adapt()
        self._column.addWidget(parts.histograms)
        self._column.addWidget(parts.verdicts)

    def adapt(self) -> None:
        """In a window made narrow or low the views get the room that all else can spare."""
        self.widths.adapt()
        if self._parts is not None and self.folding is not None:
            low = self.folding.is_low
            self._parts.histograms.set_low(low=low)
            self.folding.adapt()
            self._place_tools(beside=low and not self._details_side.isHidden())

    def _place_tools(self, *, beside: bool) -> None:
        """The body tools above the details, where the views cannot spare the height."""
        if self._parts is None:
            return
        tools, seen = self._parts.correcting.tools, self._parts.seen
        if beside != (tools.parentWidget() is not seen):
            shown = not tools.isHidden()
            if beside:
                self._beside.insertWidget(0, tools)
            else:
                self._parts.place_tools_below()
            tools.set_beside(beside=beside)
            tools.setVisible(shown)

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
        self.adapt()

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
