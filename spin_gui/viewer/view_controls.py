"""The strip below the views: switches for what is painted, and what the mouse does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from spin_gui.viewer.body_style import BodyStyle
from spin_gui.widgets.command_button import CommandButton

SPACING = 10
MOUSE_HELP = "Drag: turn · right-drag or Shift: move · wheel: zoom"


class ViewControls(QWidget):
    """Controls that take no keys away: the focus reaches them by Tab only."""

    keypoints_toggled = Signal(bool)
    whole_picture_toggled = Signal(bool)
    opacity_changed = Signal(float)
    """0..1."""
    style_chosen = Signal(object)
    """A ``BodyStyle``."""
    reset_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keypoints = self._check("Keypoints", "Draw detected and reprojected keypoints")
        self.whole_picture = self._check("Whole picture", "Show the whole picture, not the crop")
        self.style_box = self._style_box()
        self.drag = CommandButton("Drag the body")
        self.drag.setCheckable(True)
        self.opacity = self._opacity_slider()
        self.reset = QPushButton("Reset views")
        self.reset.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.reset.setToolTip("Take back orbit, zoom and pan of all views")
        self.reset.setAccessibleName("Reset views")
        self._help = QLabel(MOUSE_HELP)
        self._help.setAccessibleName("What the mouse does")
        self._opacity_label = QLabel("Body opacity")
        self._opacity_label.setBuddy(self.opacity)
        self._lay_out()
        self.keypoints.toggled.connect(self.keypoints_toggled)
        self.whole_picture.toggled.connect(self.whole_picture_toggled)
        self.reset.clicked.connect(self.reset_clicked)
        self.opacity.valueChanged.connect(self._opacity_moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the help goes first, then the label and what has a key."""
        needed = SPACING + sum(
            widget.sizeHint().width() + SPACING
            for widget in (self.keypoints, self.whole_picture, self.style_box, self.drag)
        )
        for widget in (self.opacity, self.reset, self._opacity_label, self._help):
            needed += widget.sizeHint().width() + SPACING
            widget.setVisible(needed <= event.size().width())
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Room for the controls that never go."""
        return QSize(500, super().minimumSizeHint().height())

    def show_style(self, style: BodyStyle) -> None:
        """Say how bodies are drawn now."""
        self.style_box.setCurrentIndex(self.style_box.findData(style))

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(SPACING)
        for widget in (
            self.keypoints,
            self.whole_picture,
            self.style_box,
            self._opacity_label,
            self.opacity,
            self.reset,
            self.drag,
        ):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._help)

    def _check(self, text: str, tip: str) -> QCheckBox:
        box = QCheckBox(text)
        box.setToolTip(tip)
        box.setAccessibleName(text)
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return box

    def _style_box(self) -> QComboBox:
        box = QComboBox()
        for style in BodyStyle:
            box.addItem(str(style).capitalize(), style)
        box.setToolTip("How bodies are drawn")
        box.setAccessibleName("How bodies are drawn")
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.activated.connect(self._choose_style)
        return box

    @Slot(int)
    def _choose_style(self, index: int) -> None:
        self.style_chosen.emit(self.style_box.itemData(index))

    def _opacity_slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(10, 100)
        slider.setValue(100)
        slider.setFixedWidth(90)
        slider.setToolTip("How opaque the bodies over the picture are")
        slider.setAccessibleName("Body opacity in percent")
        slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return slider

    def _opacity_moved(self, percent: int) -> None:
        self.opacity_changed.emit(percent / 100)
