"""What the window shows while no project is open: what can be done first."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from spin_gui.widgets.layouts import body_label, headline
from spin_gui.widgets.paths import project_line

COLUMN_WIDTH = 560
_ROW_HEIGHT, _ROWS_SHOWN = 30, 8
_ROW_SPACING = 2
_PATH_ROLE = Qt.ItemDataRole.UserRole


class WelcomePage(QWidget):
    """Four ways to begin, and the projects opened last."""

    new_asked = Signal()
    open_asked = Signal()
    demo_asked = Signal()
    find_people_asked = Signal()
    recent_chosen = Signal(object)

    def __init__(self, icon: QIcon, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.recent = QListWidget()
        self._recent_title = headline("Recent projects", larger_by=1.05)
        self._buttons: list[QPushButton] = []
        column = QWidget()
        column.setFixedWidth(COLUMN_WIDTH)
        self._build_column(column, icon)
        outer = QHBoxLayout(self)
        outer.addWidget(column, 0, Qt.AlignmentFlag.AlignCenter)

    def show_recent(self, projects: list[Path]) -> None:
        """List the projects opened last, newest first."""
        self.recent.clear()
        for project in projects:
            item = QListWidgetItem(project_line(project))
            item.setData(_PATH_ROLE, project)
            item.setToolTip(str(project))
            item.setSizeHint(QSize(0, _ROW_HEIGHT - 2 * _ROW_SPACING))
            self.recent.addItem(item)
        self.recent.setFixedHeight(_ROW_HEIGHT * min(len(projects), _ROWS_SHOWN) + 12)
        for widget in (self.recent, self._recent_title):
            widget.setVisible(bool(projects))

    def set_busy(self, busy: bool) -> None:  # noqa: FBT001 - a slot of a signal
        """While a job runs, no other project can be opened or made."""
        for widget in (self.recent, *self._buttons):
            widget.setDisabled(busy)

    def _build_column(self, column: QWidget, icon: QIcon) -> None:
        layout = QVBoxLayout(column)
        layout.setSpacing(10)
        picture = QLabel()
        picture.setPixmap(icon.pixmap(QSize(72, 72)))
        layout.addWidget(picture)
        layout.addWidget(headline("SPIN Studio", larger_by=1.8))
        layout.addWidget(
            body_label(
                "From plain pictures to reviewed SMPL fits. Drop pictures, a folder of them or a "
                "video here: the people in them are found. Pictures stay where they are.",
                quiet=True,
            )
        )
        layout.addSpacing(10)
        layout.addWidget(self._button("Find people in pictures…", self.find_people_asked))
        layout.addLayout(self._build_buttons())
        layout.addSpacing(16)
        layout.addWidget(self._recent_title)
        layout.addWidget(self._build_recent())
        layout.addWidget(body_label("A project folder dropped here opens, too.", quiet=True))

    def _build_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        for text, signal in (
            ("New project…", self.new_asked),
            ("Open project…", self.open_asked),
            ("Make a demo project…", self.demo_asked),
        ):
            row.addWidget(self._button(text, signal), 1)
        return row

    def _button(self, text: str, signal: SignalInstance) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(text.rstrip("…"))
        button.setMinimumHeight(36)
        button.clicked.connect(signal)
        self._buttons.append(button)
        return button

    def _build_recent(self) -> QListWidget:
        self.recent.setAccessibleName("Recent projects")
        self.recent.setSpacing(_ROW_SPACING)
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.itemActivated.connect(self._choose)
        self.recent.itemClicked.connect(self._choose)
        return self.recent

    @Slot(QListWidgetItem)
    def _choose(self, item: QListWidgetItem) -> None:
        self.recent_chosen.emit(item.data(_PATH_ROLE))
