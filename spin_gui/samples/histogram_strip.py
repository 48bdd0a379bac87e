"""The numbers of the listed samples as histograms side by side; each of them filters."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.search.histograms import HISTOGRAM_MEASURES, Histogram, Histograms
from core.dictionary.search.query import SortKey, ValueRange
from core.errors import StudioError
from core.types.fits import error_px, loss_of_error
from spin_gui.samples.histogram_plot import HistogramPlot
from spin_gui.session.session import ProjectSession
from spin_gui.session.wording import number
from spin_gui.widgets.folding.folding_strip import FoldingStrip

STRIP_HEIGHT, LOW_STRIP_HEIGHT, FOLDED_HEIGHT = 158, 92, 34
"""The second in a window that is low: the views need the room more than the fields do.

Folded, titles and bars alone are left, and are brushed as before.
"""
CELL_WIDTH = 128

MEASURE_TITLES = {
    SortKey.LOSS: "Error, px",
    SortKey.ERROR_2D: "2D error, px",
    SortKey.ERROR_3D: "3D error, mm",
    SortKey.MAX_ABS_BETA: "Largest |β|",
    SortKey.DEPTH: "Distance, m",
    SortKey.POSE_PRIOR: "Pose prior",
    SortKey.DISAGREEMENT: "Disagreement, °",
    SortKey.SUSPICION: "Suspicion",
    SortKey.INFORMATIVENESS: "Informativeness",
    SortKey.LABEL_DOUBT: "Doubt in the keypoints",
    SortKey.KEYPOINTS: "Visible keypoints",
}


class HistogramCell(QWidget):
    """Title, bars, and the range in two fields for those without a mouse."""

    range_wanted = Signal(object, object, bool)
    """Measure, ``ValueRange``, and whether it is on its way to another one."""

    def __init__(self, measure: SortKey, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measure = measure
        title = MEASURE_TITLES[measure]
        self.setMinimumWidth(CELL_WIDTH)
        self.title = QLabel(title)
        self.plot = HistogramPlot(title)
        self.low = self._field(f"{title}: from", "from")
        self.high = self._field(f"{title}: to", "to")
        fields = QHBoxLayout()
        fields.setSpacing(4)
        fields.addWidget(self.low)
        fields.addWidget(self.high)
        self._layout = QVBoxLayout(self)
        self._layout.addWidget(self.title)
        self._layout.addWidget(self.plot, 1)
        self._layout.addLayout(fields)
        self.set_size(low=False, folded=False)
        self.plot.brushed.connect(self._brushed)

    def set_size(self, *, low: bool, folded: bool) -> None:
        """Leave away the fields, or the axis as well."""
        for field in (self.low, self.high):
            field.setVisible(not (low or folded))
        self.plot.set_bare(bare=folded)
        self._layout.setContentsMargins(4, 0 if folded else 2, 4, 0 if folded else 4)
        self._layout.setSpacing(0 if folded else 3)

    def show_histogram(self, histogram: Histogram | None, wanted: ValueRange) -> None:
        """Show counts and range."""
        wanted = self._as_shown(wanted)
        self.plot.show_histogram(self._histogram_as_shown(histogram), wanted)
        for field, end in ((self.low, wanted.low), (self.high, wanted.high)):
            field.setEnabled(histogram is not None or bool(wanted))
            if not (field.hasFocus() and field.isModified()):
                field.setText(_text(end))

    def _field(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit(placeholderText=hint)
        field.setAccessibleName(name)
        field.setToolTip(f"{name}. Return filters; empty: no limit")
        field.editingFinished.connect(self._typed)
        return field

    @Slot(object, bool)
    def _brushed(self, wanted: ValueRange, passing: bool) -> None:  # noqa: FBT001 - a slot
        self.range_wanted.emit(self.measure, self._as_filtered(wanted), passing)

    @Slot()
    def _typed(self) -> None:
        try:
            shown = self.plot.range
            wanted = ValueRange(_end(self.low, shown.low), _end(self.high, shown.high))
        except (ValueError, StudioError):
            for field, end in ((self.low, shown.low), (self.high, shown.high)):
                field.setModified(False)
                field.setText(_text(end))
            return
        for field in (self.low, self.high):
            field.setModified(False)
        if wanted != self.plot.range:
            filtered = self._as_filtered(wanted)
            self.range_wanted.emit(self.measure, filtered, False)  # noqa: FBT003 - a signal

    # The error is shown, and its square is what the dictionary filters by

    def _as_shown(self, wanted: ValueRange) -> ValueRange:
        if self.measure is not SortKey.LOSS:
            return wanted
        return ValueRange(
            *(None if end is None else error_px(end) for end in (wanted.low, wanted.high))
        )

    def _as_filtered(self, wanted: ValueRange) -> ValueRange:
        if self.measure is not SortKey.LOSS:
            return wanted
        return ValueRange(
            *(None if end is None else loss_of_error(end) for end in (wanted.low, wanted.high))
        )

    def _histogram_as_shown(self, histogram: Histogram | None) -> Histogram | None:
        if histogram is None or self.measure is not SortKey.LOSS:
            return histogram
        return replace(histogram, edges=np.sqrt(np.maximum(histogram.edges, 0.0)))


class HistogramStrip(FoldingStrip):
    """One cell for each measure. Counts are made again when the list changes, while it is shown."""

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__("the histograms", parent)
        self.setAccessibleName("Histograms")
        self._session = session
        self._histograms = Histograms()
        self._low = False
        self.cells = {measure: HistogramCell(measure) for measure in HISTOGRAM_MEASURES}
        self._arrange()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show_counts)
        for cell in self.cells.values():
            cell.range_wanted.connect(self._filter)
        for signal in (session.ids_changed, session.query_changed, session.catalogue.ready):
            signal.connect(self._later)
        session.closing.connect(self._soon.stop)

    def sizeHint(self) -> QSize:
        """As wide as it gets, as high as it needs."""
        high = LOW_STRIP_HEIGHT if self._low else STRIP_HEIGHT
        return QSize(1200, FOLDED_HEIGHT if self.fold.folded else high)

    def minimumSizeHint(self) -> QSize:
        """A scroll area would ask for room for its bars."""
        return QSize(CELL_WIDTH, self.sizeHint().height())

    def set_low(self, *, low: bool) -> None:
        """Leave the fields away, or show them; a drag over the bars and the filter do the same."""
        if low != self._low:
            self._low = low
            self.show_size()

    def show_size(self) -> None:
        """See ``FoldingStrip``."""
        for cell in self.cells.values():
            cell.set_size(low=self._low, folded=self.fold.folded)
        self.updateGeometry()

    def showEvent(self, event: QShowEvent) -> None:
        """It counts only while it is visible."""
        super().showEvent(event)
        self._soon.start()

    def focus_first(self) -> None:
        """Begin at the first range."""
        self.cells[HISTOGRAM_MEASURES[0]].low.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _arrange(self) -> None:
        inner = QWidget()
        row = QHBoxLayout(inner)
        row.setContentsMargins(2, 0, 2, 0)
        row.setSpacing(2)
        for cell in self.cells.values():
            row.addWidget(cell, 1)
        self.setWidget(inner)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @Slot()
    def _later(self) -> None:
        if self.isVisible():
            self._soon.start()

    @Slot()
    def _show_counts(self) -> None:
        if not self.isVisible():
            return
        index, query = self._session.catalogue.index, self._session.query
        histograms = {} if index is None else self._histograms.of(index, query)
        for measure, cell in self.cells.items():
            histogram = histograms.get(measure)
            cell.show_histogram(histogram, query.range_of(measure))
            known = 0 if histogram is None else histogram.known
            cell.title.setToolTip(f"{number(float(known))} samples have this number")

    @Slot(object, object, bool)
    def _filter(self, measure: SortKey, wanted: ValueRange, passing: bool) -> None:  # noqa: FBT001
        query = self._session.query.with_range(measure, wanted)
        self._session.set_query(query, passing=passing)


def _with_ends(wanted: ValueRange, change: Callable[[float], float]) -> ValueRange:
    ends = (wanted.low, wanted.high)
    return ValueRange(*(None if end is None else change(end) for end in ends))


def _text(end: float | None) -> str:
    return "" if end is None else f"{end:.6g}"


def _end(field: QLineEdit, shown: float | None) -> float | None:
    """What was typed; the end of now, with all of its digits, where nothing was."""
    return _value(field.text()) if field.isModified() else shown


def _value(text: str) -> float | None:
    """What was typed; raises ``ValueError`` for anything but a number or nothing."""
    if not text.strip():
        return None
    value = float(text.replace(",", "."))
    if not math.isfinite(value):
        raise ValueError(text)
    return value
