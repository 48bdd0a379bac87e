"""A sheet into a stream, in the format that the file's ending names."""

from __future__ import annotations

from typing import BinaryIO

from core.errors import RenderingError
from core.rendering.sheets.sheet import Sheet

SHEET_SUFFIXES = (".pdf", ".html", ".png")


def write_sheet(sheet: Sheet, stream: BinaryIO, suffix: str) -> None:
    """Write a sheet as ``.pdf``, ``.html`` or ``.png``; raises ``RenderingError`` for another."""
    if suffix == ".html":
        from core.rendering.sheets.html import sheet_html  # noqa: PLC0415 - as below

        stream.write(sheet_html(sheet).encode(errors="backslashreplace"))
        return
    # Late: matplotlib takes half a second to load, and only a sheet on paper needs it.
    from core.rendering.sheets.matplotlib_pages import write_pdf, write_png  # noqa: PLC0415

    writers = {".pdf": write_pdf, ".png": write_png}
    if suffix not in writers:
        raise RenderingError(
            f"A sheet cannot be written as '{suffix}'.",
            remedy=f"End the file's name with one of {', '.join(SHEET_SUFFIXES)}.",
        )
    writers[suffix](sheet, stream)
