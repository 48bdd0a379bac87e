"""A sheet as one HTML file: pictures inlined, nothing fetched, readable by screen readers."""

from __future__ import annotations

import base64
from itertools import accumulate, groupby
from pathlib import Path

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.errors import RenderingError
from core.rendering.compositing import Picture
from core.rendering.sheets.sheet import Sheet

LARGEST_SIDE_PX = 320
"""Sharp at the width a cell has on a large screen, and a hundred rows stay below 20 MB."""

JPEG_QUALITY = 88

TEMPLATE = Path(__file__).with_name("sheet.html.jinja")


def sheet_html(sheet: Sheet) -> str:
    """The whole document, from ``sheet.html.jinja``; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["jpeg_url"] = _jpeg_url
    neighbours = groupby(sheet.columns, key=lambda column: column.group)
    groups = [(name, len(list(columns))) for name, columns in neighbours]
    # The columns with which a group begins, but the first.
    begins = set(accumulate(span for _, span in groups[:-1]))
    return environment.get_template(TEMPLATE.name).render(sheet=sheet, groups=groups, begins=begins)


def _jpeg_url(picture: Picture) -> str:
    side = picture.shape[0]
    if side > LARGEST_SIDE_PX:
        size = (LARGEST_SIDE_PX, LARGEST_SIDE_PX)
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    encoded, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
    if not encoded:
        raise RenderingError("A picture of the sheet could not be encoded as JPEG.")
    return f"data:image/jpeg;base64,{base64.b64encode(data.tobytes()).decode()}"
