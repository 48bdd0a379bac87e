"""Filters and orders with a name: choose one, save the present one, rename or delete."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, SavedView
from core.dictionary.store import Dictionary
from core.errors import StudioError
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, close_box

_QUERY_ROLE = int(Qt.ItemDataRole.UserRole)
_VIEW_ROLE = _QUERY_ROLE + 1


class ViewsDialog(QDialog):
    """``chosen(SampleQuery)`` comes after it has closed. What it changes is stored at once."""

    chosen = Signal(object)

    def __init__(
        self, dictionary: Dictionary, query: SampleQuery, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Views")
        self._dictionary, self._query = dictionary, query
        self.list = QListWidget()
        self.list.setAccessibleName("Views")
        self.rules = QLabel()
        self.rules.setAccessibleName("What the view lists")
        self.rules.setWordWrap(True)
        self.show_button = _button("Show")
        self.save_button = _button("Save the present filter…")
        self.update_button = _button("Store the present filter here")
        self.rename_button = _button("Rename…")
        self.delete_button = _button("Delete")
        self._arrange()
        self._connect()
        self._fill()

    @Slot()
    def save_present(self) -> None:
        """Ask for a name and store the present filter and order under it."""
        name = self._ask_name("Save view", "Name of the view:", "")
        if name is not None:
            self._store(lambda: self._dictionary.saved_views.save(name, self._query), select=name)

    def _arrange(self) -> None:
        buttons = QVBoxLayout()
        for button in (
            self.show_button,
            self.save_button,
            self.update_button,
            self.rename_button,
            self.delete_button,
        ):
            buttons.addWidget(button)
        buttons.addStretch(1)
        middle = QHBoxLayout()
        middle.addWidget(self.list, 1)
        middle.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addLayout(middle, 1)
        layout.addWidget(self.rules)
        present = text_of_query(self._query) or "all samples"
        layout.addWidget(body_label(f"The present filter: {present}", quiet=True))
        layout.addWidget(close_box(self))
        self.resize(620, 420)

    def _connect(self) -> None:
        self.list.itemActivated.connect(self._choose)
        self.list.currentItemChanged.connect(self._show_state)
        self.show_button.clicked.connect(self._choose)
        self.save_button.clicked.connect(self.save_present)
        self.update_button.clicked.connect(self._update)
        self.rename_button.clicked.connect(self._rename)
        self.delete_button.clicked.connect(self._delete)

    def _fill(self, select: str = "") -> None:
        self.list.clear()
        for name, query in BUILT_IN_VIEWS.items():
            self._add(name, query, None)
        for view in self._dictionary.saved_views.all():
            self._add(view.name, view.query, view)
        found = self.list.findItems(select, Qt.MatchFlag.MatchFixedString) if select else []
        self.list.setCurrentItem(found[0] if found else self.list.item(0))
        self.list.setFocus()

    def _add(self, name: str, query: SampleQuery | None, view: SavedView | None) -> None:
        item = QListWidgetItem(name)
        item.setData(_QUERY_ROLE, query)
        item.setData(_VIEW_ROLE, view)
        if query is None and view is not None:
            item.setToolTip(view.problem)
        self.list.addItem(item)

    @Slot()
    def _show_state(self) -> None:
        item = self.list.currentItem()
        query = None if item is None else item.data(_QUERY_ROLE)
        view = None if item is None else item.data(_VIEW_ROLE)
        self.show_button.setEnabled(query is not None)
        for button in (self.update_button, self.rename_button, self.delete_button):
            button.setEnabled(view is not None)
        if query is None:
            self.rules.setText("" if view is None else f"Cannot be shown. {view.problem}")
            return
        rules = text_of_query(query) or "all samples"
        order = "largest first" if query.descending else "smallest first"
        self.rules.setText(f"{rules}; by {query.sort.value}, {order}")

    @Slot()
    def _choose(self) -> None:
        item = self.list.currentItem()
        query = None if item is None else item.data(_QUERY_ROLE)
        if query is not None:
            self.accept()
            self.chosen.emit(query)

    @Slot()
    def _update(self) -> None:
        view: SavedView = self.list.currentItem().data(_VIEW_ROLE)
        self._store(
            lambda: self._dictionary.saved_views.change(view.id, self._query), select=view.name
        )

    @Slot()
    def _rename(self) -> None:
        view: SavedView = self.list.currentItem().data(_VIEW_ROLE)
        name = self._ask_name("Rename view", "New name:", view.name)
        if name is not None:
            self._store(lambda: self._dictionary.saved_views.rename(view.id, name), select=name)

    @Slot()
    def _delete(self) -> None:
        view: SavedView = self.list.currentItem().data(_VIEW_ROLE)
        self._store(lambda: self._dictionary.saved_views.delete(view.id))

    def _store(self, act: Callable[[], object], *, select: str = "") -> None:
        try:
            act()
        except StudioError as error:
            self.rules.setText(str(error))
            return
        self._fill(select)

    def _ask_name(self, title: str, label: str, text: str) -> str | None:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        accepted = dialog.exec() == QInputDialog.DialogCode.Accepted
        return dialog.textValue() if accepted else None


def _button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
