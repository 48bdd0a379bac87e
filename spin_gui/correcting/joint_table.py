"""The 49 keypoints as a list in two groups, with their states; its choice is the editor's."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from core.types.arrays import FloatArray
from core.types.keypoint_sources import KeypointSource, KeypointSources, is_projected
from spin_gui.correcting.keypoint_edits import GROUPS, missing
from spin_gui.session.joint_states import JointState, state_of
from spin_gui.viewer.keypoint_painter import keypoint_color, readable_name
from spin_gui.widgets.table_items import item_at

NAME, STATE = range(2)
MISSING, MAY_STAY_EMPTY, PROJECTED = "missing", "–", "projected"
ABSENT_MEANINGS = {
    MISSING: "Not annotated yet, and worth placing",
    MAY_STAY_EMPTY: "Not annotated by this source; it may stay empty",
    PROJECTED: "Not annotated: the ring is where the imported body has this joint, and no evidence",
}
SWATCH = 12
WIDTH = 232
_JOINT = int(Qt.ItemDataRole.UserRole)


class JointTable(QTableWidget):
    """One row a keypoint under the title of its set."""

    joint_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 2, parent)
        self.setAccessibleName("Keypoints")
        self.setHorizontalHeaderLabels(["Keypoint", "State"])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)
        self.horizontalHeader().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(STATE, QHeaderView.ResizeMode.ResizeToContents)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(180)
        self._row_of: dict[int, int] = {}
        self._faint: frozenset[int] = frozenset()
        self._showing = False
        self._fill()
        self._color_texts()
        self.itemSelectionChanged.connect(self._on_selection)

    def show_keypoints(
        self, keypoints_px: FloatArray, chosen: int | None, sources: KeypointSources
    ) -> None:
        """Show the states of a sample's keypoints, who placed them, and which one is chosen."""
        asked = set(missing(keypoints_px))
        projected = is_projected(keypoints_px, sources)
        self._showing = True
        for index, row in self._row_of.items():
            state = state_of(float(keypoints_px[index, 2]))
            absent = MISSING if index in asked else MAY_STAY_EMPTY
            absent = PROJECTED if projected[index] else absent
            item = item_at(self, row, STATE)
            item.setText(absent if state is JointState.ABSENT else str(state))
            source = KeypointSource(sources[index])
            is_untouched = state is JointState.ABSENT and source is not KeypointSource.MARKED
            item.setToolTip(ABSENT_MEANINGS[absent] if is_untouched else source.label.capitalize())
        self._faint = frozenset(
            index
            for index in self._row_of
            if index not in asked and state_of(float(keypoints_px[index, 2])) is JointState.ABSENT
        )
        self._color_texts()
        if chosen is None:
            self.clearSelection()
        else:
            self.selectRow(self._row_of[chosen])
            self.scrollToItem(item_at(self, self._row_of[chosen], NAME))
        self._showing = False

    def changeEvent(self, event: QEvent) -> None:
        """Items keep the colours that they were given: in another theme they need others."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._color_texts()

    def _color_texts(self) -> None:
        """Quiet for what may stay empty, plain for all else."""
        text, quiet = self.palette().text(), self.palette().placeholderText()
        faint_rows = {self._row_of[index] for index in self._faint}
        for row in range(self.rowCount()):
            for column in (NAME, STATE):
                item = self.item(row, column)
                if item is not None:
                    item.setForeground(quiet if row in faint_rows else text)

    def _fill(self) -> None:
        for title, joints in GROUPS.items():
            self._add_title(title)
            for index in joints:
                row = self.rowCount()
                self.insertRow(row)
                name = QTableWidgetItem(_swatch(keypoint_color(index)), _short_name(index))
                name.setData(_JOINT, index)
                name.setToolTip(readable_name(index))
                self.setItem(row, NAME, name)
                self.setItem(row, STATE, QTableWidgetItem())
                self._row_of[index] = row

    def _add_title(self, title: str) -> None:
        row = self.rowCount()
        self.insertRow(row)
        item = QTableWidgetItem(title)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.setItem(row, NAME, item)
        self.setSpan(row, NAME, 1, 2)

    def _on_selection(self) -> None:
        rows = self.selectionModel().selectedRows(NAME)
        index = rows[0].data(_JOINT) if rows else None
        if index is not None and not self._showing:
            self.joint_chosen.emit(int(index))


def _short_name(index: int) -> str:
    """Without the set, which the group's title says."""
    return readable_name(index).removesuffix(" (OpenPose)")


def _swatch(color: QColor) -> QIcon:
    pixmap = QPixmap(SWATCH, SWATCH)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor("#1c1f24"))
    painter.setBrush(color)
    painter.drawEllipse(1, 1, SWATCH - 3, SWATCH - 3)
    painter.end()
    return QIcon(pixmap)
