"""Go to any sample: by its row, its number, or part of its name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from core.dictionary.search.query import SampleQuery
from spin_gui.session.session import ProjectSession

MOST_MATCHES = 50
PAUSE_MS = 120
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_ID_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Target:
    """A sample that the typed text may mean, and why."""

    sample_id: int
    text: str


def targets_of(session: ProjectSession, text: str) -> list[Target]:
    """What a text may mean: first the row of that number, then the sample, then names."""
    text = text.strip()
    if not text:
        return []
    found: list[Target] = []
    digits = text.removeprefix("#")
    if digits.isascii() and digits.isdecimal() and len(digits) < 18:
        number = int(digits)
        if 1 <= number <= len(session.sample_ids) and digits == text:
            found.append(_target(session, int(session.sample_ids[number - 1]), f"row {number}"))
        if session.dictionary.samples.exists(number):
            found.append(_target(session, number, f"sample {number}"))
    named = session.catalogue.ids(SampleQuery(text=text))[:MOST_MATCHES].tolist()
    rows = session.dictionary.search.rows(named)
    return found + [Target(row.id, f"{row.name} · {row.dataset}") for row in rows]


def _target(session: ProjectSession, sample_id: int, why: str) -> Target:
    return Target(sample_id, f"{why}: {session.records.row(sample_id).name}")


class JumpDialog(QDialog):
    """``chosen(int)``: the id of the sample, after the dialog has closed."""

    chosen = Signal(int)

    def __init__(self, session: ProjectSession, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Go to a sample")
        self._session = session
        self.line = QLineEdit(placeholderText="Row, #number of the sample, or part of its name")
        self.line.setAccessibleName("Row, number or name")
        self.list = QListWidget()
        self.list.setAccessibleName("Matching samples")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.addWidget(self.line)
        layout.addWidget(self.list, 1)
        self.resize(520, 360)
        self._soon = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._soon.timeout.connect(self._find)
        self.line.textChanged.connect(self._soon.start)
        self.line.returnPressed.connect(self._choose)
        self.line.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows typed in the line move the mark in the list."""
        if watched is self.line and _is_press_of(event, _LIST_KEYS):
            self.list.event(event)
            return True
        return super().eventFilter(watched, event)

    @Slot()
    def _find(self) -> None:
        self._soon.stop()
        self.list.clear()
        for target in targets_of(self._session, self.line.text()):
            item = QListWidgetItem(target.text)
            item.setData(_ID_ROLE, target.sample_id)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    @Slot()
    def _choose(self) -> None:
        if self._soon.isActive():
            self._find()
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self.chosen.emit(item.data(_ID_ROLE))


def _is_press_of(event: QEvent, keys: Collection[int]) -> bool:
    pressed = event.type() == QEvent.Type.KeyPress
    return pressed and isinstance(event, QKeyEvent) and event.key() in keys
