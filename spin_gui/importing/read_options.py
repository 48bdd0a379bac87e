"""Fields for what annotations do not say themselves; only those that mean something are shown."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from core.errors import StudioError
from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.read_options import MIN_SCORE, ReadOptions, parsed_size
from spin_gui.widgets.layouts import body_label
from spin_gui.widgets.paths import PathField

_FIELD_WIDTH = 190


class ReadOptionFields(QObject):
    """The rows of a form that make ``ReadOptions``; ``changed`` says that one was edited."""

    changed = Signal()

    def __init__(self, form: QFormLayout, parent: QWidget) -> None:
        super().__init__(parent)
        self._form = form
        self.joints = QComboBox()
        self.joints.addItem("as the file says", None)
        for order in JOINT_ORDERS.values():
            self.joints.addItem(order.title, order.name)
        self.annotations = PathField("Annotation file", file_filter="JSON (*.json)")
        self.annotations.line.setPlaceholderText("whose image ids the results mean")
        self.ids_are_names = QCheckBox("Number 2 is the picture 2.jpg, not the second one")
        self.size = QLineEdit(placeholderText="such as 1280x960")
        self.min_score = QLineEdit(placeholderText=f"{MIN_SCORE:g}")
        self.min_person_score = QLineEdit(placeholderText="none")
        self._rows: dict[str, QWidget] = {}
        self._shown: frozenset[str] = frozenset(self._rows)
        self._build()
        self.show_for(frozenset())

    def show_for(self, names: frozenset[str]) -> bool:
        """Show the fields of these options of ``ReadOptions``, hide the others.

        Returns:
            Whether any field came or went.
        """
        for name, field in self._rows.items():
            self._form.setRowVisible(field, name in names)
        has_changed, self._shown = names != self._shown, names
        return has_changed

    def options(self) -> ReadOptions:
        """What the shown fields say; raises ``StudioError`` for a text that is no value."""
        shown = self._shown
        given: dict[str, Any] = {}
        if "joints" in shown:
            given["joints"] = self.joints.currentData()
        if "annotations" in shown:
            given["annotations"] = self.annotations.path
        if "ids_are_names" in shown:
            given["ids_are_names"] = self.ids_are_names.isChecked()
        if "size_px" in shown and self.size.text().strip():
            given["size_px"] = parsed_size(self.size.text())
        for name, field in (
            ("min_score", self.min_score),
            ("min_person_score", self.min_person_score),
        ):
            if name in shown and field.text().strip():
                given[name] = _number(field.text())
        return ReadOptions(**given)

    def _build(self) -> None:
        joints = _with_words(self.joints, "Where the joints come out in the wrong places.")
        size = _with_words(self.size, "The pixels that joints belong to; empty: the picture's.")
        score = _with_words(self.min_score, "Joints that a detector scores lower are left out.")
        person = _with_words(self.min_person_score, "People scored lower are left out.")
        for name, label, field in (
            ("joints", "&Joints", joints),
            ("annotations", "Annotation &file", self.annotations),
            ("ids_are_names", "", self.ids_are_names),
            ("size_px", "Si&ze", size),
            ("min_score", "Joint &score", score),
            ("min_person_score", "P&erson score", person),
        ):
            self._form.addRow(label, field)
            self._rows[name] = field
        self.joints.setAccessibleName("Order of the joints")
        self.ids_are_names.setAccessibleName(self.ids_are_names.text())
        self.size.setAccessibleName("Size that the joints belong to")
        self.min_score.setAccessibleName("Lowest score of a joint")
        self.min_person_score.setAccessibleName("Lowest score of a person")
        self.joints.currentIndexChanged.connect(self.changed)
        self.ids_are_names.toggled.connect(self.changed)
        for line in (self.annotations.line, self.size, self.min_score, self.min_person_score):
            line.textChanged.connect(self.changed)


def _with_words(field: QWidget, words: str) -> QWidget:
    """A field and, behind it, one line on what it is for."""
    field.setFixedWidth(_FIELD_WIDTH)
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(field)
    layout.addWidget(body_label(words, quiet=True, wrapped=False), 1)
    row.setFocusProxy(field)
    return row


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise StudioError(f"Found {text[:40]!r} as a score, expected a number.") from error
