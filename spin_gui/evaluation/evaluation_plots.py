"""The plots of the evaluation: joints as bars, people as histograms, the dictionary over a run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from core.engine.evaluation.metrics import Metric, MetricSeries
from core.engine.evaluation.shared_bins import bin_of, common_edges, shares
from spin_gui.session.wording import number
from spin_gui.widgets.run_style import LINE_STYLES, RUN_COLORS

LINE_WIDTH = 1.8
BARS_SHARE = 0.8
"""Of a joint's row; the rest sets it apart from the next."""
_JOINT_FONT_PT = 8
_AROUND_PX = 48
"""Title and axis, above and below the joints."""
_FILL_ALPHA = 38
_SIDES = {"R": "Right", "L": "Left"}


@dataclass(frozen=True)
class SeriesStyle:
    """How one kind of bodies, one verdict or one run is drawn wherever it is."""

    color: str
    style: Qt.PenStyle = Qt.PenStyle.SolidLine

    @classmethod
    def at(cls, place: int) -> SeriesStyle:
        """By its place in a list."""
        return cls(RUN_COLORS[place % len(RUN_COLORS)], LINE_STYLES[place % len(LINE_STYLES)])

    def pen(self, width: float = LINE_WIDTH) -> QPen:
        """Keep the width of the bars in pixels at every zoom."""
        pen = QPen(QColor(self.color), width, self.style)
        pen.setCosmetic(True)
        return pen


@dataclass(frozen=True, eq=False)
class DrawnSeries:
    """A series with its look."""

    series: MetricSeries
    style: SeriesStyle


@dataclass(frozen=True, eq=False)
class DrawnCourse:
    """The dictionary in the course of a run, ``(n,)`` iterations and values."""

    name: str
    iterations: NDArray[np.float64]
    values: NDArray[np.float64]
    style: SeriesStyle


class EvaluationPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot in the colours of the theme, without menus; a sentence where it has nothing to draw.

    The mouse neither moves nor zooms it: everything there is is in sight.
    """

    _built = False
    """The palette changes already within the constructor of the base."""

    def __init__(self, name: str, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(help_text)
        self.setMinimumSize(220, 130)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hideButtons()
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        for side in ("left", "bottom"):
            self.getAxis(side).enableAutoSIPrefix(enable=False)
        self._name, self._title, self._reason = name, name, ""
        self._empty = pg.TextItem(anchor=(0.5, 0.5))
        self._empty.setParentItem(self.getViewBox())
        self.getViewBox().sigResized.connect(self._place_empty)
        self._built = True
        self._apply_palette()

    @property
    def reason(self) -> str:
        """Why nothing is drawn; empty where something is."""
        return self._reason

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if self._built and event.type() == QEvent.Type.PaletteChange:
            self._apply_palette()
        super().changeEvent(event)

    def _begin(self, title: str, reason: str = "") -> None:
        """Empty the plot; the reason is why it stays so."""
        self.clear()
        self._title, self._reason = title, reason
        self.setAccessibleDescription(reason or title)
        for side in ("left", "bottom"):
            self.showAxis(side, show=not reason)
        self._show_title()
        self._place_empty()

    def _show_title(self) -> None:
        text = self.palette().color(QPalette.ColorRole.WindowText)
        self.setTitle(self._title, color=text, size="10pt")

    @Slot()
    def _place_empty(self) -> None:
        room = self.getViewBox().rect()
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText).name()
        self._empty.setVisible(bool(self._reason))
        self._empty.setTextWidth(max(room.width() - 40, 80))
        self._empty.setHtml(f'<div align="center" style="color:{quiet}">{self._reason}</div>')
        self._empty.setPos(QPointF(room.width() / 2, room.height() / 2))

    def _apply_palette(self) -> None:
        palette = self.palette()
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        self.setBackground(palette.color(QPalette.ColorRole.Base))
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(quiet))
            axis.setTextPen(pg.mkPen(quiet))
        self._show_title()
        self._place_empty()


class JointBars(EvaluationPlot):
    """A row a joint, a bar a kind of bodies; left and right in one row where there is no room."""

    _metric: Metric | None = None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("By joint", "Mean over people, joint by joint", parent)
        self._drawn: Sequence[DrawnSeries] = ()
        self._merged = False
        self.invertY(b=True)
        self.showGrid(x=True, y=False, alpha=0.15)
        self.getAxis("left").setStyle(tickFont=self._joint_font(), tickLength=0)
        self.setLimits(xMin=0)

    def show_series(self, drawn: Sequence[DrawnSeries], metric: Metric) -> None:
        """Draw the joints of these series."""
        self._drawn, self._metric = drawn, metric
        self._merged = self._lacks_room()
        with_joints = [(series, self._joints(series)) for series in drawn if series.series.joints]
        together = ", left and right together" if self._merged else ""
        reason = "" if with_joints else _no_joints(drawn, metric)
        self._begin(f"By joint <small>({metric.title}, {metric.unit}{together})</small>", reason)
        names = list(dict.fromkeys(name for _one, joints in with_joints for name in joints))
        height = BARS_SHARE / max(len(with_joints), 1)
        for index, (one, joints) in enumerate(with_joints):
            rows = np.arange(len(names)) - BARS_SHARE / 2 + (index + 0.5) * height
            widths = [joints.get(name, 0.0) for name in names]
            self.addItem(
                pg.BarGraphItem(
                    x0=0, y=rows, width=widths, height=height, brush=one.style.color, pen=None
                )
            )
        self.getAxis("left").setTicks([list(enumerate(names))])
        self.getAxis("left").setWidth(self._ticks_width(names))
        largest = max((max(joints.values()) for _one, joints in with_joints), default=1.0)
        span = (0, 1.04 * largest if largest > 0 else 1.0)
        self.setRange(xRange=span, yRange=(-0.5, len(names) - 0.5), padding=0)
        if with_joints:
            self.setAccessibleDescription(_joints_in_words(drawn, metric))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Left and right apart again where there is room."""
        super().resizeEvent(event)
        if self._metric is not None and self._lacks_room() != self._merged:
            self.show_series(self._drawn, self._metric)

    def _joints(self, one: DrawnSeries) -> dict[str, float]:
        joints = {joint_title(name): value for name, value in one.series.joints.items()}
        return sides_together(joints) if self._merged else joints

    def _lacks_room(self) -> bool:
        rows = max((len(series.series.joints) for series in self._drawn), default=0)
        line = QFontMetrics(self._joint_font()).ascent()
        height: int = self.height()
        return rows * line > height - _AROUND_PX

    def _ticks_width(self, names: Sequence[str]) -> int:
        metrics = QFontMetrics(self._joint_font())
        return 12 + max((metrics.horizontalAdvance(name) for name in names), default=20)

    def _joint_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSize(_JOINT_FONT_PT)
        return font


class PeopleHistogram(EvaluationPlot):
    """How many people lie where; a click on a bin asks for its people."""

    _median: pg.InfiniteLine | None = None

    bin_chosen = Signal(object)
    """``(low, high)``; high is infinity for the last bin."""

    def __init__(self, parent: QWidget | None = None) -> None:
        help_text = (
            "Share of people in each bin, those beyond the end in the last one; the upright line "
            "is the median of the chosen bodies. Click a bin to list its people."
        )
        super().__init__("People", help_text, parent)
        self.showGrid(x=False, y=True, alpha=0.15)
        self.getAxis("left").setWidth(36)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        self.edges = np.linspace(0.0, 1.0, 2)

    def show_series(
        self,
        drawn: Sequence[DrawnSeries],
        metric: Metric,
        *,
        chosen: str = "",
        legend: bool = False,
    ) -> None:
        """Draw these series; ``chosen`` has its median marked, ``legend`` names all of them."""
        known = [series for series in drawn if len(series.series.values)]
        title = f"{metric.heading} <small>(% of people)</small>"
        if legend and known:
            title = f"{metric.title}: {' '.join(_mark(item) for item in known)}"
        self._begin(title, "" if known else "No one here has this number.")
        self.edges = common_edges([series.series.values for series in known], limit=metric.largest)
        highest = 0.0
        for series in reversed(known):
            part = 100 * shares(series.series.values, self.edges)
            highest = max(highest, float(part.max()))
            fill = QColor(series.style.color)
            fill.setAlpha(_FILL_ALPHA)
            self.addItem(
                pg.PlotDataItem(
                    self.edges,
                    part,
                    stepMode="center",
                    fillLevel=0,
                    brush=fill,
                    pen=series.style.pen(),
                )
            )
        self.setRange(xRange=(0, self.edges[-1]), yRange=(0, max(1.12 * highest, 1)), padding=0)
        self._mark_median(known, chosen)
        if known:
            self.setAccessibleDescription(_people_in_words(known, metric))

    def range_at(self, value: float) -> tuple[float, float]:
        """The ends of the bin that a value lies in; the last bin has none."""
        place = int(bin_of(np.array([value]), self.edges)[0])
        last = place == len(self.edges) - 2
        return float(self.edges[place]), math.inf if last else float(self.edges[place + 1])

    def _mark_median(self, known: Sequence[DrawnSeries], chosen: str) -> None:
        self._median = None
        for series in known:
            if series.series.name == chosen:
                median = float(np.median(series.series.values))
                self._median = pg.InfiniteLine(
                    pos=median,
                    angle=90,
                    pen=pg.mkPen(series.style.color, width=1),
                    label=f"median {number(median)}",
                    labelOpts={"position": 0.94, "color": self._text_color()},
                )
                self.addItem(self._median)

    def _text_color(self) -> QColor:
        palette: QPalette = self.palette()
        return palette.color(QPalette.ColorRole.WindowText)

    def _apply_palette(self) -> None:
        super()._apply_palette()
        if self._median is not None:
            self._median.label.setColor(self._text_color())

    @Slot(object)
    def _on_clicked(self, event: object) -> None:
        place = getattr(event, "scenePos", QPointF)()
        box = self.getViewBox()
        if not self._reason and box.sceneBoundingRect().contains(place):
            self.bin_chosen.emit(self.range_at(float(box.mapSceneToView(place).x())))


class CoursePlot(EvaluationPlot):
    """A line a run: how good the dictionary was from before its first iteration to its end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        help_text = (
            "The current fits before a run and at moments of it, put together again from their "
            "history and compared with the truth"
        )
        super().__init__("Current fits over training", help_text, parent)
        self.showGrid(x=False, y=True, alpha=0.15)
        self.getAxis("left").setWidth(40)

    def show_courses(self, courses: Sequence[DrawnCourse], metric: Metric, reason: str) -> None:
        """Draw these runs; without any, say why."""
        title = f"Current fits by iteration <small>({metric.title}, {metric.unit})</small>"
        self._begin(title, "" if courses else reason)
        for course in courses:
            self.addItem(
                pg.PlotDataItem(
                    course.iterations,
                    course.values,
                    pen=course.style.pen(2.0),
                    symbol="o",
                    symbolSize=6,
                    symbolBrush=course.style.color,
                    symbolPen=None,
                    antialias=True,
                )
            )
        if not courses:
            return
        self.enableAutoRange()
        self.setAccessibleDescription(
            ". ".join(
                f"{course.name}: {number(float(course.values[0]))} "
                f"to {number(float(course.values[-1]))} "
                f"{metric.unit} at iteration {course.iterations[-1]:.0f}"
                for course in courses
            )
        )


def _no_joints(drawn: Sequence[DrawnSeries], metric: Metric) -> str:
    if not drawn:
        return "Check bodies in the list to draw them."
    return f"{metric.title} is one number a person: it has no joints."


def _joints_in_words(drawn: Sequence[DrawnSeries], metric: Metric) -> str:
    return ". ".join(
        f"{series.series.name}: "
        + ", ".join(
            f"{joint_title(name)} {number(value)}" for name, value in series.series.joints.items()
        )
        + f" {metric.unit}"
        for series in drawn
    )


def _people_in_words(drawn: Sequence[DrawnSeries], metric: Metric) -> str:
    return ". ".join(
        f"{item.series.name}: {len(item.series.values)} people, median "
        f"{number(float(np.median(item.series.values)))} {metric.unit}"
        for item in drawn
    )


def _mark(one: DrawnSeries) -> str:
    return f'<span style="color:{one.style.color}">■</span> <small>{one.series.name}</small>'


def joint_title(name: str) -> str:
    """A joint's name without the data set it comes from: ``Right Wrist`` for ``OP RWrist``."""
    plain = name.split(" (", maxsplit=1)[0]
    for short, long in _SIDES.items():
        if plain.startswith(f"OP {short}") and plain[4:5].isupper():
            return f"{long} {plain[4:]}"
    return plain.removeprefix("OP ")


def sides_together(joints: Mapping[str, float]) -> dict[str, float]:
    """The mean of left and right under one name, in the order of the first of them."""
    found: dict[str, list[float]] = {}
    for name, value in joints.items():
        side = next((item for item in _SIDES.values() if name.startswith(f"{item} ")), None)
        found.setdefault(name if side is None else name[len(side) + 1 :], []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}
