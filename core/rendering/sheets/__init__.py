"""Contact sheets: rows of pictures with captions, as PDF, PNG or a page for the browser."""

from core.rendering.sheets.sheet import Sheet, SheetCell, SheetColumn, SheetRow, SheetSection
from core.rendering.sheets.write import SHEET_SUFFIXES, write_sheet

__all__ = [
    "SHEET_SUFFIXES",
    "Sheet",
    "SheetCell",
    "SheetColumn",
    "SheetRow",
    "SheetSection",
    "write_sheet",
]
