"""Lists what was removed and can be put back."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialogButtonBox, QListWidget, QVBoxLayout, QWidget

from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted
from core.types.imports import Removal
from spin_gui.safety.imports_dialog import local_time
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog, ask_yes_no

EXPLANATION = (
    "What was removed comes back exactly as it was, with fits, verdicts and corrections. Given up "
    "for good, its room in the project's file is used again."
)
NOTHING = "Nothing that was removed can be put back."
FORGET = "Give up for good…"
NAMED = 4
"""People who are called by their names; of more, how many there are is said."""


class RemovedDialog(QuestionDialog):
    """``chosen(removal_id)`` puts a removal back."""

    def __init__(self, dictionary: Dictionary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Removed people")
        self._dictionary = dictionary
        self._removals: list[Removal] = []
        self.list = QListWidget()
        self.list.setAccessibleName("Removed people")
        self.list.itemActivated.connect(self.accept)
        self.list.currentRowChanged.connect(self._show_names)
        self.state = body_label("", quiet=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline("What was removed"))
        layout.addWidget(body_label(EXPLANATION))
        layout.addWidget(self.list, 1)
        layout.addWidget(self.state)
        buttons, self.put_back_button = ok_cancel("Put back")
        self.forget_button = buttons.addButton(FORGET, QDialogButtonBox.ButtonRole.ActionRole)
        self.forget_button.setAccessibleName(FORGET)
        self.forget_button.clicked.connect(self._forget)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self._read()
        self.resize(620, 400)

    def choice(self) -> int | None:
        """The removal that is to be put back."""
        removal = self._current()
        return None if removal is None else removal.id

    def _current(self) -> Removal | None:
        row = self.list.currentRow()
        return self._removals[row] if 0 <= row < len(self._removals) else None

    def _read(self) -> None:
        self._removals = self._dictionary.removals.all()
        titles = {made.id: made.title for made in self._dictionary.imports.all()}
        self.list.clear()
        for removal in self._removals:
            people = counted(removal.people, "person", "people")
            title = titles.get(removal.import_id or 0)
            what = f"  ·  the import {title}" if title else ""
            self.list.addItem(f"{local_time(removal.at)}  ·  {people}{what}  ·  {removal.author}")
        self.list.setCurrentRow(0)
        self._show_names()
        can_write = bool(self._removals) and not self._dictionary.file.read_only
        for button in (self.put_back_button, self.forget_button):
            button.setEnabled(can_write)

    @Slot()
    def _show_names(self) -> None:
        removal = self._current()
        if removal is None:
            self.state.setText(NOTHING)
            return
        names = self._dictionary.removals.names_away(removal.id, at_most=NAMED)
        more = removal.people - len(names)
        self.state.setText(", ".join(names) + (f" and {more} more" if more > 0 else ""))

    @Slot()
    def _forget(self) -> None:
        removal = self._current()
        if removal is None:
            return
        people = counted(removal.people, "person", "people")
        if ask_yes_no(
            self,
            "Give up for good",
            f"{people} cannot be put back any more, nor by undo.",
            yes="Give up for good",
            no="Keep",
        ):
            self._dictionary.removals.forget(removal.id)
            self._read()
