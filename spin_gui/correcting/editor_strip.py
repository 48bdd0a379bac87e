"""The strip over the editor's picture: tools, what moves together, what joints are taken from."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from spin_gui.correcting.canvas_drag import Tool
from spin_gui.viewer.sample_scene import Column
from spin_gui.widgets.command_button import CommandButton

SOURCES = {
    Column.CURRENT: "current fit",
    Column.PREDICTION: "prediction",
    Column.FIRST: "first fit",
}
LEAST_WIDTH = 420
SPACING = 6
_TOOLS = {
    Tool.KEYPOINTS: ("Keypoints", "Drag keypoints; click to choose or to place one"),
    Tool.BOX: ("Box", "Drag a corner or the inside of the person's box (B)"),
    Tool.PERSON: ("New person", "Drag a box about a person who is not in the project yet (D)"),
}


class EditorStrip(QWidget):
    """Controls that the focus reaches by Tab only."""

    tool_chosen = Signal(object)
    linked_toggled = Signal(bool)
    source_chosen = Signal(object)
    done_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[Tool, QToolButton] = {}
        self._group = QButtonGroup(self)
        self.linked = QCheckBox("Both sets")
        self.linked.setToolTip(
            "Move both sets together: many joints are there twice, as OpenPose and as data sets "
            "define them (L)"
        )
        self.linked.setChecked(True)
        self.linked.setAccessibleName("Move both sets together")
        self.source = QComboBox()
        for column, title in SOURCES.items():
            self.source.addItem(title, column)
        self.source.setAccessibleName("Take joints from")
        self.source.setToolTip("Whose rings are drawn, and what T and Shift+T take joints from")
        self.drag = CommandButton("Drag the body")
        self.done = QPushButton("Done")
        self.done.setToolTip("Back to the views (Esc). Every edit is saved already")
        self.done.setAccessibleName("Leave editing")
        self._source_label = QLabel("Take joints from")
        self._lay_out()
        self.linked.toggled.connect(self.linked_toggled)
        self.source.currentIndexChanged.connect(self._on_source)
        self.done.clicked.connect(self.done_clicked)

    @property
    def chosen_source(self) -> Column:
        """The body that joints are taken from."""
        return Column(self.source.currentData())

    def show_tool(self, tool: Tool) -> None:
        """Which tool is up."""
        self.buttons[tool].setChecked(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the label goes first, then what has a key."""
        needed = sum(
            widget.sizeHint().width() + SPACING
            for widget in (*self.buttons.values(), self.linked, self.source, self.done)
        )
        for widget in (self.drag, self._source_label):
            needed += widget.sizeHint().width() + 2 * SPACING
            widget.setVisible(needed <= event.size().width())
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Room for the controls that never go."""
        return QSize(LEAST_WIDTH, super().minimumSizeHint().height())

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACING)
        for tool, (title, tip) in _TOOLS.items():
            button = QToolButton()
            button.setText(title)
            button.setToolTip(tip)
            button.setAccessibleName(title)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(button)
            self.buttons[tool] = button
            button.clicked.connect(self._on_tool)
            row.addWidget(button)
        self.buttons[Tool.KEYPOINTS].setChecked(True)
        row.addSpacing(8)
        row.addWidget(self.linked)
        row.addWidget(self.drag)
        row.addStretch(1)
        self._source_label.setBuddy(self.source)
        row.addWidget(self._source_label)
        row.addWidget(self.source)
        row.addWidget(self.done)
        for widget in (self.linked, self.source, self.done):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def _on_tool(self) -> None:
        for tool, button in self.buttons.items():
            if button.isChecked():
                self.tool_chosen.emit(tool)

    def _on_source(self, _index: int) -> None:
        self.source_chosen.emit(self.chosen_source)
