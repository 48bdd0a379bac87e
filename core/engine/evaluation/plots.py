"""Plots of tables, as PNG files; matplotlib is loaded only where one is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.engine.evaluation.tables import Spread
from core.errors import UserFileError

DOTS_PER_INCH = 130
_BAR_HEIGHT_IN, _WIDTH_IN, _FRAME_IN = 0.36, 8.0, 1.5
_COLORS = ("#4878a8", "#e49444", "#5e9c6b", "#a87cb0", "#8c8c8c")
"""Told apart by people who see no red or green, and in grey."""


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its group (which chooses the colour), and its value a seed."""

    label: str
    group: str
    value: Spread


def bar_plot(
    path: Path,
    bars: Sequence[Bar],
    *,
    title: str,
    unit: str,
    reference: tuple[str, float] | None = None,
) -> None:
    """Horizontal bars with the spread as a whisker and every seed as a dot.

    Args:
        path: PNG to write.
        bars: from top to bottom.
        title: over the plot.
        unit: of the values, under the axis.
        reference: name and value of a line to compare with.

    Raises:
        UserFileError: the file cannot be written.
    """
    figure, axes = _figure(len(bars))
    groups = list(dict.fromkeys(bar.group for bar in bars))
    for row, bar in enumerate(bars):
        color = _COLORS[groups.index(bar.group) % len(_COLORS)]
        _draw(axes, row, bar.value, color)
    axes.set_yticks(range(len(bars)), [bar.label for bar in bars])
    axes.invert_yaxis()
    if reference is not None:
        axes.axvline(reference[1], color="#444444", linestyle="--", linewidth=1)
        axes.text(
            reference[1], -0.65, reference[0], ha="center", va="bottom", fontsize=8, color="#444444"
        )
    axes.set_xlabel(unit)
    axes.set_title(title, fontsize=11, pad=18)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#dddddd", linewidth=0.7)
    axes.set_axisbelow(True)
    try:
        figure.savefig(path, dpi=DOTS_PER_INCH, bbox_inches="tight")
    except OSError as error:
        raise UserFileError(f"the plot cannot be written ({error}).", path=path) from error


def _figure(bars: int) -> tuple[Any, Any]:
    # Not pyplot: it keeps global state and looks for a screen.
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - see the module
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(_WIDTH_IN, _FRAME_IN + _BAR_HEIGHT_IN * bars))
    FigureCanvasAgg(figure)
    return figure, figure.add_subplot()


def _draw(axes: Any, row: int, value: Spread, color: str) -> None:
    axes.barh(row, value.mean, height=0.68, color=color)
    if not math.isnan(value.deviation):
        axes.errorbar(value.mean, row, xerr=value.deviation, color="#222222", capsize=3)
        axes.plot(value.values, [row] * len(value.values), "o", ms=3.5, mfc="white", mec="#222222")
    right = max(value.values, default=0.0)
    axes.annotate(
        value.text(),
        (right, row),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        size=8,
        # Over a line for comparison, too, the number stays readable.
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85},
    )
