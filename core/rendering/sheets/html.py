"""A sheet as one HTML file: pictures inlined, nothing fetched, readable by screen readers."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape

import cv2
import numpy as np

from core.errors import RenderingError
from core.rendering.compositing import Picture
from core.rendering.sheets.sheet import Sheet, SheetCell, SheetColumn, SheetRow, SheetSection

LARGEST_SIDE_PX = 320
"""Sharp at the width a cell has on a large screen, and a hundred rows stay below 20 MB."""

JPEG_QUALITY = 88

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2126; --quiet: #59616b; --ground: #ffffff;
  --rule: #c3c8cf; --empty: #eceef1; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --quiet: #a0a8b2;
  --ground: #1f2226; --rule: #4d545d; --empty: #2b2f35; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1680px; padding: 2rem 1.5rem; color: var(--ink);
  background: var(--ground); font: 15px/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .3rem; } h2 { font-size: 1.25rem; margin: 2.2rem 0 .2rem; }
p { margin: .2rem 0; } .quiet { color: var(--quiet); }
.table { overflow-x: auto; }
table { border-collapse: separate; border-spacing: 0; width: 100%; min-width: 46rem;
  table-layout: fixed; max-width: calc(14rem * var(--columns)); }
th { font-weight: 400; color: var(--quiet); padding: .15rem .15rem .35rem; font-size: .87rem; }
th.group { font-weight: 650; color: var(--ink); border-bottom: 1px solid var(--rule); }
td { padding: .15rem; vertical-align: top; } td.caption { padding: .2rem .15rem 1.4rem; }
col.gap { width: .75rem; } td.gap { padding: 0; }
img { display: block; width: 100%; height: auto; border-radius: 3px; }
.nothing { aspect-ratio: 1; background: var(--empty); border-radius: 3px; display: grid;
  place-content: center; text-align: center; color: var(--quiet); font-size: .87rem; }
strong { font-weight: 650; } footer { margin-top: 2rem; color: var(--quiet); font-size: .87rem; }
@media print { td.caption { padding-bottom: .8rem; } tbody { break-inside: avoid; } }
"""

_GAP = '<td class="gap"></td>'


def sheet_html(sheet: Sheet) -> str:
    """The whole document."""
    return "\n".join(_lines(sheet)) + "\n"


def _lines(sheet: Sheet) -> Iterator[str]:
    title = escape(sheet.title)
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    # Whatever a file's name holds, nothing can be run or fetched.
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>"
    if sheet.note:
        yield f'<p class="quiet">{escape(sheet.note)}</p>'
    filled = [section for section in sheet.sections if section.rows]
    for section in filled:
        yield from _section(section, sheet.columns)
    if not filled:
        yield "<p>Nothing to show: no sample matches.</p>"
    yield f"<footer>{escape(sheet.footer)}</footer>\n</body>\n</html>"


def _section(section: SheetSection, columns: Sequence[SheetColumn]) -> Iterator[str]:
    if section.title:
        yield f"<h2>{escape(section.title)}</h2>"
    if section.note:
        yield f'<p class="quiet">{escape(section.note)}</p>'
    yield f'<div class="table" tabindex="0"><table style="--columns: {len(columns)}">'
    begins = [_begins_group(columns, index) for index in range(len(columns))]
    # Groups stand apart by columns of their own: padding would make the pictures beside it smaller.
    widths = _spaced(["<col>"] * len(columns), begins, gap='<col class="gap">')
    yield f"<colgroup>{widths}</colgroup>"
    yield "<thead>"
    if any(column.group for column in columns):
        yield f"<tr>{_GAP.join(_group_headers(columns))}</tr>"
    titles = [f'<th scope="col">{escape(column.title)}</th>' for column in columns]
    yield f"<tr>{_spaced(titles, begins)}</tr>\n</thead>"
    for row in section.rows:
        yield from _row(row, begins)
    yield "</table></div>"


def _spaced(cells: Sequence[str], begins_group: Sequence[bool], *, gap: str = _GAP) -> str:
    """The cells in a row, with a gap before each group but the first."""
    return "".join(
        (gap if begins else "") + cell for cell, begins in zip(cells, begins_group, strict=True)
    )


def _group_headers(columns: Sequence[SheetColumn]) -> Iterator[str]:
    index = 0
    while index < len(columns):
        group = columns[index].group
        span = 1
        while index + span < len(columns) and columns[index + span].group == group:
            span += 1
        spans = f'colspan="{span}" scope="colgroup"'
        yield f'<th class="group" {spans}>{escape(group)}</th>' if group else f"<td {spans}></td>"
        index += span


def _begins_group(columns: Sequence[SheetColumn], index: int) -> bool:
    return index > 0 and columns[index].group != columns[index - 1].group


def _row(row: SheetRow, begins_group: Sequence[bool]) -> Iterator[str]:
    cells = [f"<td>{_cell(cell)}</td>" for cell in row.cells]
    yield f"<tbody>\n<tr>{_spaced(cells, begins_group)}</tr>"
    said = "".join(f'<br><span class="quiet">{escape(line)}</span>' for line in row.lines)
    caption = f"<strong>{escape(row.title)}</strong>{said}"
    width = len(cells) + sum(begins_group)
    yield f'<tr><td class="caption" colspan="{width}">{caption}</td></tr>\n</tbody>'


def _cell(cell: SheetCell) -> str:
    if cell.picture is None:
        label = escape(cell.description, quote=True)
        return f'<div class="nothing" role="img" aria-label="{label}">{escape(cell.note)}</div>'
    source = f"data:image/jpeg;base64,{base64.b64encode(_jpeg(cell.picture)).decode()}"
    return f'<img src="{source}" alt="{escape(cell.description, quote=True)}">'


def _jpeg(picture: Picture) -> bytes:
    side = picture.shape[0]
    if side > LARGEST_SIDE_PX:
        size = (LARGEST_SIDE_PX, LARGEST_SIDE_PX)
        picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    encoded, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), quality)
    if not encoded:
        raise RenderingError("A picture of the sheet could not be encoded as JPEG.")
    return data.tobytes()
