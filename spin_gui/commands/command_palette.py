"""The command palette: any command by a few letters of its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from spin_gui.commands.fuzzy_match import find_actions
from spin_gui.commands.records import ActionRecord

_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ID_ROLE = Qt.ItemDataRole.UserRole


class CommandPalette(QDialog):
    """A line to type in, and the commands that match; Return runs the marked one.

    Commands that cannot be used now come last, in grey and with the reason in place of their key.
    ``chosen(str)`` carries the action's id, after the dialog has closed.
    """

    chosen = Signal(str)

    def __init__(
        self, records: Sequence[ActionRecord], reasons: Mapping[str, str], parent: QWidget | None
    ) -> None:
        """Take all commands, and of those that rest the reasons by id."""
        super().__init__(parent)
        self.setWindowTitle("Command palette")
        self._records, self._reasons = records, reasons
        self.line = QLineEdit(placeholderText="Type a command…")
        self.line.setAccessibleName("Command")
        self.list = self._build_list()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        self.resize(640, 440)
        self.line.textChanged.connect(self._filter)
        self.line.returnPressed.connect(self._choose)
        self.line.installEventFilter(self)
        self.list.itemActivated.connect(self._choose)
        self.list.itemClicked.connect(self._choose)
        self._filter("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows typed in the line move the mark in the list."""
        if watched is self.line and _is_press_of(event, _LIST_KEYS):
            self.list.event(event)
            return True
        return super().eventFilter(watched, event)

    def _build_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName("Matching commands")
        tree.setColumnCount(3)
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return tree

    @Slot(str)
    def _filter(self, text: str) -> None:
        self.list.clear()
        found = find_actions(text, self._records)
        for record in sorted(found, key=lambda one: one.id in self._reasons):
            self.list.addTopLevelItem(self._item(record))
        for column, width in enumerate((300, 90)):
            self.list.setColumnWidth(column, width)
        first = self.list.topLevelItem(0)
        if first is not None and not first.isDisabled():
            self.list.setCurrentItem(first)

    def _item(self, record: ActionRecord) -> QTreeWidgetItem:
        reason = self._reasons.get(record.id, "")
        item = QTreeWidgetItem([record.title, record.menu.value, reason or record.keys_text])
        item.setData(0, _ID_ROLE, record.id)
        item.setToolTip(0, record.help)
        item.setToolTip(2, reason)
        item.setDisabled(bool(reason))
        return item

    @Slot()
    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is None or item.isDisabled():
            return
        self.accept()
        self.chosen.emit(item.data(0, _ID_ROLE))


def _is_press_of(event: QEvent, keys: Collection[int]) -> bool:
    pressed = event.type() == QEvent.Type.KeyPress
    return pressed and isinstance(event, QKeyEvent) and event.key() in keys
