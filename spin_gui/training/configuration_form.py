"""A form for every value of a training, made from the configuration's own descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from typing import Any

from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from core.runs.training_configuration import TrainingConfiguration, field_types
from spin_gui.widgets.layouts import body_label

LEFT_OUT = frozenset({"profile", "where"})
"""Asked for elsewhere in the dialog."""

FIRST = (
    "iterations",
    "batch_size",
    "learning_rate",
    "start_from",
    "allow_download",
    "fit_in_loop",
    "paired",
)
"""What a person changes; everything else follows."""

_LARGEST_INT = 2_000_000_000
_DECIMALS = 9
_State = QValidator.State

_UNSET, _YES, _NO = "as the profile decides", "yes", "no"
_YES_OR_NO = {_UNSET: None, _YES: True, _NO: False}


@dataclass(frozen=True)
class _Editor:
    widget: QWidget
    value: Callable[[], object]
    show: Callable[[Any], None]


class ConfigurationForm(QWidget):
    """Name, value and meaning of each field, one below the other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._editors: dict[str, _Editor] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(4, 4, 12, 4)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(2, 1)
        types = field_types()
        for row, described in enumerate(_in_order()):
            self._add(grid, row, described, _editor_of(types[described.name], described.metadata))
        grid.setRowStretch(grid.rowCount(), 1)

    def show_configuration(self, configuration: TrainingConfiguration) -> None:
        """Fill in every value."""
        for name, editor in self._editors.items():
            editor.show(getattr(configuration, name))

    def values(self) -> dict[str, Any]:
        """What is filled in, by field."""
        return {name: editor.value() for name, editor in self._editors.items()}

    def editor(self, name: str) -> QWidget:
        """The control of a field."""
        return self._editors[name].widget

    def _add(self, grid: QGridLayout, row: int, described: Field[Any], editor: _Editor) -> None:
        title = field_title(described.name)
        text = str(described.metadata.get("help", ""))
        editor.widget.setAccessibleName(title)
        editor.widget.setAccessibleDescription(text)
        editor.widget.setToolTip(text)
        editor.widget.setFixedWidth(190)
        self._editors[described.name] = editor
        label = QLabel(title)
        label.setBuddy(editor.widget)
        grid.addWidget(label, row, 0)
        grid.addWidget(editor.widget, row, 1)
        grid.addWidget(body_label(text[:1].upper() + text[1:], quiet=True), row, 2)


def field_title(name: str) -> str:
    """A field's name as people read it: ``Batch size``."""
    words = name.replace("_px2", "").replace("_px", "").replace("_", " ")
    return (words[:1].upper() + words[1:]).replace("2d", "2D").replace("3d", "3D")


def _in_order() -> list[Field[Any]]:
    known = {
        field_.name: field_
        for field_ in fields(TrainingConfiguration)
        if field_.name not in LEFT_OUT
    }
    first = [known[name] for name in FIRST if name in known]
    return first + [field_ for field_ in known.values() if field_.name not in FIRST]


def _editor_of(kind: Any, metadata: Mapping[str, Any]) -> _Editor:
    if kind is bool:
        box = QCheckBox("yes")
        return _Editor(box, box.isChecked, box.setChecked)
    if kind == bool | None:
        return _three_way()
    if kind is int:
        return _whole_number(metadata)
    if kind is float:
        return _number(metadata)
    if metadata.get("options"):
        return _choice(metadata["options"], is_open=metadata["is_open"])
    line = QLineEdit()
    return _Editor(line, lambda: line.text().strip(), line.setText)


def _three_way() -> _Editor:
    combo = QComboBox()
    combo.addItems(list(_YES_OR_NO))

    def show(value: bool | None) -> None:  # noqa: FBT001 - the value of a field
        combo.setCurrentText({None: _UNSET, True: _YES, False: _NO}[value])

    return _Editor(combo, lambda: _YES_OR_NO[combo.currentText()], show)


def _whole_number(metadata: Mapping[str, Any]) -> _Editor:
    spin = QSpinBox()
    low, high = int(metadata.get("minimum", 0)), int(metadata.get("maximum", _LARGEST_INT))
    spin.setRange(low, min(high, _LARGEST_INT))
    spin.setGroupSeparatorShown(True)
    if metadata.get("unit"):
        spin.setSuffix(f" {metadata['unit']}")
    return _Editor(spin, spin.value, spin.setValue)


class _PlainNumberBox(QDoubleSpinBox):
    """Shows a number with the digits it has, small ones as ``3e-05``, not with nine decimals."""

    def textFromValue(self, value: float) -> str:
        return f"{value:.10g}"

    def valueFromText(self, text: str) -> float:
        cleaned = text.removesuffix(self.suffix()).strip()
        try:
            return float(cleaned)
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept what reads as a number; half a number may become one."""
        cleaned = text.removesuffix(self.suffix()).strip()
        try:
            inside = self.minimum() <= float(cleaned) <= self.maximum()
        except ValueError:
            half = not cleaned.strip("0123456789+-.eE")
            return (_State.Intermediate if half else _State.Invalid, text, position)
        return (_State.Acceptable if inside else _State.Intermediate, text, position)

    def stepBy(self, steps: int) -> None:
        """A tenth up or down, whatever the size."""
        self.setValue(self.value() * 1.1**steps)


def _number(metadata: Mapping[str, Any]) -> _Editor:
    spin = _PlainNumberBox()
    spin.setDecimals(_DECIMALS)
    spin.setRange(float(metadata.get("minimum", 0)), float(metadata.get("maximum", 1e9)))
    if metadata.get("unit"):
        spin.setSuffix(f" {metadata['unit']}")
    return _Editor(spin, spin.value, spin.setValue)


def _choice(options: tuple[str, ...], *, is_open: bool) -> _Editor:
    combo = QComboBox()
    combo.addItems(list(options))
    combo.setEditable(is_open)
    return _Editor(combo, lambda: combo.currentText().strip(), combo.setCurrentText)
