"""The curves of trainings: four plots on one axis of iterations, several runs over one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPalette, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from spin_gui.training.run_curves import FloatColumn, RunCurves, smoothed
from spin_gui.widgets.run_style import LINE_STYLES, RUN_COLORS

LINE_WIDTH = 1.6

PART_COLORS = {
    "total": "#8a8f98",
    "keypoints_2d": "#2f7ed8",
    "keypoints_3d": "#2a9d4a",
    "pose": "#e07b00",
    "betas": "#c2417c",
    "camera": "#7a5bd0",
}
_OTHER_PART = "#8c6d31"

PART_TITLES = {
    "total": "total",
    "keypoints_2d": "2D keypoints",
    "keypoints_3d": "3D keypoints",
    "pose": "pose",
    "betas": "betas",
    "camera": "camera",
}


@dataclass(frozen=True)
class _PlotWords:
    title: str
    unit: str
    help: str
    share: bool = False
    """Shown from 0 to 100 %."""


LOSSES = "losses"
PLOTS: Mapping[str, _PlotWords] = {
    LOSSES: _PlotWords("Losses by part", "weighted", "What the regressor is taught, part by part"),
    "error_2d_px": _PlotWords(
        "2D error", "px of the crop", "How far predicted joints lie from visible keypoints, mean"
    ),
    "share_improved": _PlotWords(
        "Fits improved",
        "% of the batch",
        "How many fits of a batch were better than the current ones and replaced them",
        share=True,
    ),
    "share_valid": _PlotWords(
        "Fits good enough to learn from",
        "% of the batch",
        "How many people of a batch have a fit (or ground truth) that may teach the pose",
        share=True,
    ),
}


@dataclass(frozen=True, eq=False)
class ShownRun:
    """A run to draw; ``place`` in the list decides on colour and pattern."""

    run_id: int
    place: int
    curves: RunCurves

    @property
    def color(self) -> str:
        """Of its lines, where the parts have no colours of their own."""
        return RUN_COLORS[self.place % len(RUN_COLORS)]

    @property
    def style(self) -> Qt.PenStyle:
        """Of all its lines."""
        return LINE_STYLES[self.place % len(LINE_STYLES)]


class CurvePlots(QWidget):
    """Two by two plots; draws only what it is given and only while it is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.log_scale, self.smooth = True, True
        self._runs: list[ShownRun] = []
        self._parts: list[str] = []
        self._lines: dict[tuple[str, int, str], pg.PlotDataItem] = {}
        self.plots = {name: self._build_plot(name) for name in PLOTS}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for place, plot in enumerate(self.plots.values()):
            layout.addWidget(plot, place // 2, place % 2)
            if place:
                plot.setXLink(self.plots[LOSSES])
        self._apply_palette()
        self._apply_scale()

    def show_runs(self, runs: list[ShownRun]) -> None:
        """Draw these runs, the first of them on top; the same call refreshes them."""
        self._runs = runs
        self.redraw()

    def set_log_scale(self, on: bool) -> None:  # noqa: FBT001 - a slot of a switch
        """A logarithmic axis for the losses, whose parts lie far apart."""
        self.log_scale = on
        self._apply_scale()
        self.redraw()

    def set_smooth(self, on: bool) -> None:  # noqa: FBT001 - a slot of a switch
        """Means over some twenty iterations in place of single batches."""
        self.smooth = on
        self.redraw()

    def redraw(self) -> None:
        """Bring every line up to date; lines of runs no longer shown go."""
        wanted: set[tuple[str, int, str]] = set()
        for run in self._runs:
            if not len(run.curves):
                continue
            for part in run.curves.loss_parts:
                wanted.add(self._draw(LOSSES, run, part, run.curves.loss(part)))
            for name in list(PLOTS)[1:]:
                factor = 100.0 if PLOTS[name].share else 1.0
                wanted.add(self._draw(name, run, "", factor * run.curves.number(name)))
        for key in set(self._lines) - wanted:
            self.plots[key[0]].removeItem(self._lines.pop(key))
        self._show_legend()

    def line(self, plot: str, run_id: int, part: str = "") -> pg.PlotDataItem | None:
        """The line of a run in a plot, if it is drawn."""
        return self._lines.get((plot, run_id, part))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._apply_palette()
        super().changeEvent(event)

    def _draw(
        self, name: str, run: ShownRun, part: str, values: FloatColumn
    ) -> tuple[str, int, str]:
        key = (name, run.run_id, part)
        if key not in self._lines:
            line = pg.PlotDataItem(connect="finite", antialias=True)
            self.plots[name].addItem(line)
            # After it is in the plot: both ask the view for its range.
            line.setDownsampling(auto=True, method="peak")
            line.setClipToView(True)
            self._lines[key] = line
        color = PART_COLORS.get(part, _OTHER_PART) if part else run.color
        pen = QPen(QColor(color), LINE_WIDTH, run.style)
        pen.setCosmetic(True)
        line = self._lines[key]
        line.setPen(pen)
        values = smoothed(values) if self.smooth else values
        if self._is_log(name):
            values = np.where(values > 0, values, np.nan)
        line.setData(run.curves.iterations, values)
        line.setZValue(-run.place)
        return key

    def _is_log(self, name: str) -> bool:
        # Within a decade, where 2D errors stay, a log axis has hardly a number on it.
        return self.log_scale and name == LOSSES

    def _show_legend(self) -> None:
        """The parts by name in the title, in their colours: a box would lie over the newest values.

        Each once, whatever the number of runs; the list explains their patterns.
        """
        parts = dict.fromkeys(part for name, _run, part in self._lines if name == LOSSES)
        if list(parts) != self._parts:
            self._parts = list(parts)
            self._show_title(LOSSES)

    def _show_title(self, name: str) -> None:
        words, text = PLOTS[name], self.palette().color(QPalette.ColorRole.WindowText)
        title = f"{words.title} <small>({words.unit})</small>"
        if name == LOSSES and self._parts:
            marks = (
                f'<span style="color:{PART_COLORS.get(part, _OTHER_PART)}">■</span> '
                f"<small>{_part_title(part)}</small>"
                for part in self._parts
            )
            title = f"Losses: {' '.join(marks)}"
        self.plots[name].setTitle(title, color=text, size="10pt")

    def _apply_scale(self) -> None:
        for name, plot in self.plots.items():
            plot.setLogMode(x=False, y=self._is_log(name))

    def _apply_palette(self) -> None:
        palette = self.palette()
        quiet = palette.color(QPalette.ColorRole.PlaceholderText)
        for name, plot in self.plots.items():
            plot.setBackground(palette.color(QPalette.ColorRole.Base))
            self._show_title(name)
            for side in ("left", "bottom"):
                axis = plot.getAxis(side)
                axis.setPen(pg.mkPen(quiet))
                axis.setTextPen(pg.mkPen(quiet))

    def _build_plot(self, name: str) -> pg.PlotWidget:
        words = PLOTS[name]
        plot = pg.PlotWidget(self)
        plot.setAccessibleName(f"Curve: {words.title}, {words.unit}")
        plot.setToolTip(words.help)
        plot.setMinimumSize(220, 130)
        plot.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        plot.showGrid(x=False, y=True, alpha=0.15)
        plot.getAxis("left").setWidth(48)
        plot.getAxis("left").enableAutoSIPrefix(enable=False)
        plot.getAxis("bottom").enableAutoSIPrefix(enable=False)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        if words.share:
            plot.setYRange(0, 100, padding=0.03)
            plot.setLimits(yMin=-3, yMax=103)
        plot.setLimits(xMin=0)
        return plot


def _part_title(part: str) -> str:
    return PART_TITLES.get(part, part)
