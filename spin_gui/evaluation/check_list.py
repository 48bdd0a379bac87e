"""A list of things to draw: checked ones are drawn, the current one is looked at more closely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

_KEY_ROLE = Qt.ItemDataRole.UserRole
_SWATCH = QSize(26, 12)


@dataclass(frozen=True, eq=False)
class CheckRow:
    """One row. key: tells rows apart when the list is filled again; checked: at first."""

    key: str
    text: str
    icon: QIcon
    tip: str = ""
    checked: bool = True


class CheckList(QListWidget):
    """Space checks and unchecks, the arrows choose."""

    kept_keys = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space})
    """The window's commands leave these to the list, see ``key_guard``."""

    checks_changed = Signal()
    chosen_changed = Signal()

    def __init__(self, name: str, *, last_first: bool, parent: QWidget | None = None) -> None:
        """``last_first``: the last row is chosen at first, and not the first one."""
        super().__init__(parent)
        self._last_first = last_first
        self.setAccessibleName(name)
        self.setIconSize(_SWATCH)
        self.setWordWrap(True)
        self.itemChanged.connect(self.checks_changed)
        self.currentItemChanged.connect(self.chosen_changed)

    def show_rows(self, rows: Sequence[CheckRow]) -> None:
        """Fill the list; what was checked and chosen stays so."""
        known = {self._key(item): item.checkState() for item in self._items()}
        chosen = self.chosen()
        blocked = self.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        self.clear()
        for row in rows:
            item = QListWidgetItem(row.icon, row.text)
            item.setData(_KEY_ROLE, row.key)
            item.setToolTip(row.tip)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            first = Qt.CheckState.Checked if row.checked else Qt.CheckState.Unchecked
            item.setCheckState(known.get(row.key, first))
            self.addItem(item)
            if row.key == chosen:
                self.setCurrentItem(item)
        if self.currentItem() is None and self.count():
            self.setCurrentRow(self.count() - 1 if self._last_first else 0)
        self.blockSignals(blocked)

    def checked(self) -> list[str]:
        """Keys of the checked rows, from top to bottom."""
        return [
            self._key(item) for item in self._items() if item.checkState() == Qt.CheckState.Checked
        ]

    def chosen(self) -> str:
        """Key of the current row; empty without one."""
        item = self.currentItem()
        return "" if item is None else self._key(item)

    def choose(self, key: str) -> None:
        """Make a row the current one."""
        for item in self._items():
            if self._key(item) == key:
                self.setCurrentItem(item)

    def set_checked(self, key: str, *, checked: bool) -> None:
        """Check or uncheck a row."""
        for item in self._items():
            if self._key(item) == key:
                state = Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked
                item.setCheckState(state)

    def keys(self) -> list[str]:
        """All keys, from top to bottom."""
        return [self._key(item) for item in self._items()]

    def _items(self) -> list[QListWidgetItem]:
        return [self.item(row) for row in range(self.count())]

    def _key(self, item: QListWidgetItem) -> str:
        return str(item.data(_KEY_ROLE))
