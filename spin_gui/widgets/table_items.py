"""Items of tables that are certain to be there: Qt makes one only when a cell is filled."""

from __future__ import annotations

from PySide6.QtWidgets import QTableWidget, QTableWidgetItem


def item_at(table: QTableWidget, row: int, column: int) -> QTableWidgetItem:
    """The item of a cell; an empty one is put there where it has none."""
    item = table.item(row, column)
    if item is None:
        item = QTableWidgetItem()
        table.setItem(row, column, item)
    return item


def heading_at(table: QTableWidget, column: int) -> QTableWidgetItem:
    """The heading of a column; an empty one is put there where it has none."""
    item = table.horizontalHeaderItem(column)
    if item is None:
        item = QTableWidgetItem()
        table.setHorizontalHeaderItem(column, item)
    return item
