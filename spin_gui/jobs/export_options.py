"""The fields of what some export formats let one choose."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.workflows.exports.export_request import (
    LEAST_SIDE_PX,
    MOST_SIDE_PX,
    VIEW_MEANINGS,
    DrawnView,
    ExportOptions,
)

_MOST_FRAMES_HZ = 1000.0
_DEFAULTS = ExportOptions()


class ExportOptionFields(QObject):
    """One row for each of the ``ExportOptions``; ``changed`` when any of them was."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.together = QCheckBox("Everybody in a picture in one file, before one camera")
        self.skeleton = QCheckBox("With skeleton and skin")
        self.skeleton.setChecked(_DEFAULTS.skeleton)
        self.as_npz = QCheckBox("NPZ files in place of pickles")
        self.frame_rate = QDoubleSpinBox()
        self.frame_rate.setRange(0, _MOST_FRAMES_HZ)
        self.frame_rate.setSpecialValueText("As the video tells, else 30")
        self.frame_rate.setSuffix(" frames a second")
        self.frame_rate.setAccessibleName("Frames a second")
        self.size = QSpinBox()
        self.size.setRange(LEAST_SIDE_PX, MOST_SIDE_PX)
        self.size.setValue(_DEFAULTS.size_px)
        self.size.setSuffix(" px")
        self.size.setAccessibleName("Side of square pictures")
        self.views, self.view_boxes = _view_boxes()
        for box in (self.together, self.skeleton, self.as_npz):
            box.setAccessibleName(box.text())
        for box in (self.together, self.skeleton, self.as_npz, *self.view_boxes.values()):
            box.toggled.connect(self._tell)
        self._rows: dict[str, QWidget] = {
            "together": self.together,
            "skeleton": self.skeleton,
            "as_npz": self.as_npz,
            "frame_rate_hz": self.frame_rate,
            "views": self.views,
            "size_px": self.size,
        }

    def add_to(self, form: QFormLayout) -> None:
        """Append the rows to a form."""
        titles = {"frame_rate_hz": "Frame &rate", "views": "&Views", "size_px": "&Size"}
        for name, field in self._rows.items():
            form.addRow(titles.get(name, ""), field)

    def show_in(self, form: QFormLayout, names: Collection[str]) -> None:
        """Show the rows of the options with these names alone."""
        for name, field in self._rows.items():
            form.setRowVisible(field, name in names)

    def chosen(self, names: Collection[str]) -> ExportOptions:
        """The options with these names as they are set; all others as they are by themselves."""
        rate = self.frame_rate.value()
        values = {
            "together": self.together.isChecked(),
            "skeleton": self.skeleton.isChecked(),
            "as_npz": self.as_npz.isChecked(),
            "frame_rate_hz": rate or None,
            "views": self._chosen_views(),
            "size_px": self.size.value(),
        }
        return ExportOptions(**{name: values[name] for name in names})  # type: ignore[arg-type]

    def problem(self, names: Collection[str]) -> str:
        """Why nothing can be written; empty where it can."""
        return "Choose a view." if "views" in names and not self._chosen_views() else ""

    def _chosen_views(self) -> tuple[DrawnView, ...]:
        return tuple(view for view, box in self.view_boxes.items() if box.isChecked())

    @Slot()
    def _tell(self) -> None:
        self.changed.emit()


def _view_boxes() -> tuple[QWidget, dict[DrawnView, QCheckBox]]:
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    boxes = {}
    for view, meaning in VIEW_MEANINGS.items():
        box = boxes[view] = QCheckBox(f"{meaning[0].upper()}{meaning[1:]}")
        box.setAccessibleName(box.text())
        box.setChecked(view in _DEFAULTS.views)
        layout.addWidget(box)
    return column, boxes
