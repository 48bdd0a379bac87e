"""Lists what was imported, says what hangs on an import, and offers to undo it."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted
from core.types.imports import ImportRecord
from spin_gui.widgets.layouts import MARGIN, SPACING, body_label, headline, ok_cancel
from spin_gui.widgets.question import QuestionDialog

EXPLANATION = (
    "Undoing an import removes everybody whom it brought, with all that hangs on them. It is one "
    "step of undo. Pictures on the disk stay where they are."
)
NOTHING = "Nothing was imported into this project yet: File ▸ Import…"
UNDO, PUT_BACK = "Undo this import", "Put it back"


class ImportsDialog(QuestionDialog):
    """``chosen(import_id)`` undoes an import, ``put_back(removal_id)`` brings one back."""

    put_back = Signal(int)

    def __init__(self, dictionary: Dictionary, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Imports")
        self._dictionary = dictionary
        self._imports = dictionary.imports.all()
        self.list = QListWidget()
        self.list.setAccessibleName("Imports")
        for made in self._imports:
            item = QListWidgetItem(describe(made))
            item.setToolTip("\n".join(made.sources) or made.title)
            self.list.addItem(item)
        self.hanging = body_label("" if self._imports else NOTHING)
        self.list.currentRowChanged.connect(self._show_hanging)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, 16)
        layout.setSpacing(SPACING)
        layout.addWidget(headline("What was imported"))
        layout.addWidget(body_label(EXPLANATION))
        layout.addWidget(self.list, 1)
        layout.addWidget(self.hanging)
        buttons, self.undo_button = ok_cancel(UNDO)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.undo_button.setEnabled(False)
        self.list.setCurrentRow(0)
        self.resize(680, 420)

    def choice(self) -> int | None:
        """The import that is to be undone; one that was undone is put back instead."""
        made = self._current()
        if made is None or not self.undo_button.isEnabled():
            return None
        if made.removal_id is not None:
            self.put_back.emit(made.removal_id)
            self.reject()
            return None
        return made.id

    def _current(self) -> ImportRecord | None:
        row = self.list.currentRow()
        return self._imports[row] if 0 <= row < len(self._imports) else None

    @Slot()
    def _show_hanging(self) -> None:
        made = self._current()
        if made is None:
            return
        removals = self._dictionary.removals
        if made.removal_id is not None:
            can = removals.get(made.removal_id).can_be_put_back
            self.hanging.setText("It was undone." if can else "It was undone, for good.")
            _set_text(self.undo_button, PUT_BACK)
        else:
            can = True
            self.hanging.setText(f"With it go {removals.hanging_on_import(made.id).words()}.")
            _set_text(self.undo_button, UNDO)
        self.undo_button.setEnabled(can and not self._dictionary.file.read_only)


def describe(made: ImportRecord) -> str:
    """When, what, and how many: ``2026-12-01 03:10 · coco: train.json · 40 people``."""
    people = counted(made.people_now, "person", "people")
    if made.removal_id is not None:
        people = f"{counted(made.people, 'person', 'people')}, undone"
    elif made.people_now != made.people:
        people = f"{made.people_now} of {counted(made.people, 'person', 'people')}"
    return f"{local_time(made.at)}  ·  {made.title}  ·  {people}"


def local_time(at: str) -> str:
    """A stored time as the clock on the wall showed it, to the minute."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return at


def _set_text(button: QPushButton, text: str) -> None:
    button.setText(text)
    button.setAccessibleName(text)
