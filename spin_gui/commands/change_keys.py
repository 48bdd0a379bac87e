"""Choosing other keys: every command in a list, and a field that takes the key to be used."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from spin_gui.commands.fuzzy_match import find_actions
from spin_gui.commands.key_map import KeyMap, normal_key
from spin_gui.commands.records import ActionRecord
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box, plain_button

_ID_ROLE = Qt.ItemDataRole.UserRole
_SIZE = (760, 620)
_COLUMN_WIDTHS = (330, 110)


class ChangeKeysDialog(QDialog):
    """Changes hold at once; ``changed(KeyMap)`` carries all keys after each of them."""

    changed = Signal(object)

    def __init__(self, keys: KeyMap, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Change keys")
        self._keys = keys
        self.search = QLineEdit(placeholderText="Search commands…", clearButtonEnabled=True)
        self.search.setAccessibleName("Search commands")
        self.list = self._build_list()
        self.field = QKeySequenceEdit()
        self.field.setMaximumSequenceLength(1)
        self.field.setAccessibleName("New key")
        for line in self.field.findChildren(QLineEdit):
            line.setAccessibleName("New key")
        self.state = body_label("", quiet=True)
        self.set_button, self.add_button = _button("Use this key"), _button("Add this key")
        self.none_button, self.default_button = _button("No key"), _button("Back to default")
        self._arrange()
        self._connect()
        self._fill()

    @property
    def keys(self) -> KeyMap:
        """The keys as they are now."""
        return self._keys

    def choose(self, action_id: str) -> None:
        """Mark a command of the list."""
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, _ID_ROLE) == action_id:
                self.list.setCurrentItem(item)

    # Acting

    @Slot()
    def _use(self) -> None:
        self._give((self._typed(),))

    @Slot()
    def _add(self) -> None:
        record = self._record()
        if record is not None:
            self._give((*record.keys, self._typed()))

    @Slot()
    def _take_all(self) -> None:
        self._give(())

    @Slot()
    def _default(self) -> None:
        record = self._record()
        if record is not None:
            self._change(self._keys.with_default(record.id))

    @Slot()
    def _all_default(self) -> None:
        self._change(KeyMap())

    def _give(self, keys: tuple[str, ...]) -> None:
        record = self._record()
        if record is not None:
            self._change(self._keys.with_keys(record.id, keys))

    def _change(self, keys: KeyMap) -> None:
        self._keys = keys
        self.field.clear()
        self._fill()
        self.changed.emit(keys)

    # Showing

    @Slot()
    def _fill(self) -> None:
        marked = self._record()
        self.list.clear()
        for record in find_actions(self.search.text(), self._keys.records()):
            self.list.addTopLevelItem(self._item(record))
        for column, width in enumerate(_COLUMN_WIDTHS):
            self.list.setColumnWidth(column, width)
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        if marked is not None:
            self.choose(marked.id)
        self._show_state()

    def _item(self, record: ActionRecord) -> QTreeWidgetItem:
        item = QTreeWidgetItem([record.title, record.menu.value, record.keys_text or "–"])
        item.setData(0, _ID_ROLE, record.id)
        item.setToolTip(0, record.help)
        if self._keys.is_changed(record.id):
            font = item.font(2)
            font.setBold(True)
            item.setFont(2, font)
        return item

    @Slot()
    def _show_state(self) -> None:
        record, typed = self._record(), self._typed()
        problem = self._problem(record, typed)
        self.state.setText(problem or self._consequence(record, typed))
        for button in (self.set_button, self.add_button):
            button.setEnabled(record is not None and bool(typed) and not problem)
        self.add_button.setVisible(record is None or not record.hold)
        self.none_button.setEnabled(record is not None and bool(record.keys))
        self.default_button.setEnabled(record is not None and self._keys.is_changed(record.id))

    def _problem(self, record: ActionRecord | None, typed: str) -> str:
        if record is not None and record.hold and "+" in typed.removesuffix("+"):
            return "This key is held down: it must be a single key, without Ctrl, Shift or Alt."
        return ""

    def _consequence(self, record: ActionRecord | None, typed: str) -> str:
        if record is None:
            return "No command is marked."
        owner = self._keys.owner(typed) if typed else None
        if owner is not None and owner.id != record.id:
            return f"{typed} belongs to “{owner.title}” and will be taken from it."
        if owner is not None:
            return f"{typed} is a key of this command already."
        return record.help if not typed else f"{typed} is free."

    def _typed(self) -> str:
        return normal_key(self.field.keySequence().toString())

    def _record(self) -> ActionRecord | None:
        item = self.list.currentItem()
        wanted = None if item is None else item.data(0, _ID_ROLE)
        return next((record for record in self._keys.records() if record.id == wanted), None)

    # Building

    def _build_list(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setAccessibleName("Commands and their keys")
        tree.setHeaderLabels(["Command", "Menu", "Keys"])
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        return tree

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        for button in (self.set_button, self.add_button, self.none_button, self.default_button):
            row.addWidget(button)
        box = close_box(self)
        self.all_button = plain_button(
            box, "All back to default", QDialogButtonBox.ButtonRole.ResetRole
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.state)
        layout.addWidget(box)
        self.resize(*_SIZE)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._fill)
        self.list.currentItemChanged.connect(self._show_state)
        self.field.keySequenceChanged.connect(self._show_state)
        self.set_button.clicked.connect(self._use)
        self.add_button.clicked.connect(self._add)
        self.none_button.clicked.connect(self._take_all)
        self.default_button.clicked.connect(self._default)
        self.all_button.clicked.connect(self._all_default)


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
