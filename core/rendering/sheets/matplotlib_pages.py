"""A laid-out sheet as PDF or PNG, drawn by matplotlib. Texts of a PDF stay texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, BinaryIO

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from core.rendering.sheets.layout import (
    EMPTY,
    POINT_MM,
    RULE,
    PlacedPicture,
    PlacedRule,
    PlacedText,
    SheetPage,
    Style,
    lay_out,
)
from core.rendering.sheets.sheet import Sheet

FONT_FAMILY = "DejaVu Sans"
"""Comes with matplotlib, so that a sheet looks the same everywhere; it has β, ², ° and →."""

PNG_DOTS_PER_INCH = 200
PDF_DOTS_PER_INCH = 300
MAX_PNG_HEIGHT_PX = 60_000
"""libpng and viewers take more, but no one looks at it: the resolution is lowered instead."""

_MM_PER_INCH = 25.4
_SETTINGS: Mapping[str, Any] = {
    "pdf.fonttype": 42,  # TrueType, which every program can search and copy from
    "pdf.compression": 6,
    "image.composite_image": False,  # else all pictures of a page become one, resampled
    "font.family": FONT_FAMILY,
    "text.usetex": False,
    "text.parse_math": False,  # a $ in a file's name is a $
}


def write_pdf(sheet: Sheet, stream: BinaryIO) -> None:
    """A PDF with as many pages as are needed."""
    with mpl.rc_context(dict(_SETTINGS)):
        metadata = {"Title": sheet.title, "Creator": "SPIN Studio", "CreationDate": None}
        with PdfPages(stream, metadata=metadata) as pages:
            for page in lay_out(sheet, text_width_mm, paged=True):
                figure = _drawn(page)
                pages.savefig(figure, dpi=PDF_DOTS_PER_INCH)


def write_png(sheet: Sheet, stream: BinaryIO) -> None:
    """One picture, as high as it must be."""
    with mpl.rc_context(dict(_SETTINGS)):
        (page,) = lay_out(sheet, text_width_mm, paged=False)
        fitting = MAX_PNG_HEIGHT_PX / page.height_mm * _MM_PER_INCH
        figure = _drawn(page)
        FigureCanvasAgg(figure)
        figure.savefig(stream, format="png", dpi=min(PNG_DOTS_PER_INCH, fitting))


def text_width_mm(text: str, style: Style) -> float:
    """How wide a text is on paper."""
    font = get_font(_font_file(style.bold))
    font.set_size(style.size_pt, 72)
    font.set_text(text, 0.0)
    width_64ths, _height = font.get_width_height()
    return float(width_64ths) / 64 * POINT_MM


@cache
def _font_file(bold: bool) -> str:  # noqa: FBT001 - a key of the cache
    return str(findfont(_font(bold=bold)))


def _font(*, bold: bool, size_pt: float | None = None) -> FontProperties:
    weight = "bold" if bold else "normal"
    return FontProperties(family=FONT_FAMILY, weight=weight, size=size_pt)


def _drawn(page: SheetPage) -> Figure:
    """A figure whose one pair of axes is the page in mm, y downwards."""
    figure = Figure(
        figsize=(page.width_mm / _MM_PER_INCH, page.height_mm / _MM_PER_INCH), facecolor="white"
    )
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for item in page.items:
        if isinstance(item, PlacedPicture):
            _draw_picture(axes, item)
        elif isinstance(item, PlacedText):
            _draw_text(axes, item)
        elif isinstance(item, PlacedRule):
            axes.hlines(item.y_mm, item.x_mm, item.x_mm + item.width_mm, colors=RULE, linewidth=0.6)
    axes.set(xlim=(0, page.width_mm), ylim=(page.height_mm, 0))
    return figure


def _draw_picture(axes: Any, item: PlacedPicture) -> None:
    left, top, side = item.x_mm, item.y_mm, item.side_mm
    if item.picture is None:
        axes.fill_between([left, left + side], top, top + side, color=EMPTY, linewidth=0)
        return
    axes.imshow(
        item.picture,
        extent=(left, left + side, top + side, top),
        aspect="auto",
        interpolation="antialiased",
    )


def _draw_text(axes: Any, item: PlacedText) -> None:
    axes.text(
        item.x_mm,
        item.y_mm,
        item.text,
        fontproperties=_font(bold=item.style.bold, size_pt=item.style.size_pt),
        color=item.style.color,
        ha="center" if item.centered else "right" if item.right else "left",
        va="baseline",
        parse_math=False,
    )
