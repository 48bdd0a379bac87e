"""The difference of two bodies in numbers, and what its colours mean."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.body.conventions import SKELETON_JOINT_NAMES
from core.rendering.colormaps import viridis
from core.workflows.compare_bodies import Comparison
from spin_gui.compare.comparisons import Alignment
from spin_gui.session.error_scale import error_text
from spin_gui.session.wording import number
from spin_gui.widgets.fact_rows import FactRows, Heading
from spin_gui.widgets.table_items import heading_at

FACTS = (
    "Joints apart",
    "After Procrustes",
    "Root turned",
    "Other joints",
    "Depth",
    "Error",
    "β 1 to 5",
    "β 6 to 10",
)
COLUMNS = ("Joint", "°", "mm", "aligned")
_TIPS = (
    "Joint of the skeleton",
    "Angle between the joint's rotations against its parent (the root's: the camera), degrees",
    "Distance with the roots laid on each other, mm",
    "Distance after Procrustes: moved, turned and scaled onto each other, mm",
)
WIDTH = 330
SIDE_MARGIN = 20

DEPTH_NOTE = (
    "Each distance is from the body's own camera, and assumed where nothing is known of the "
    "picture's camera"
)


class ColorBar(QWidget):
    """Which colour stands for how many millimetres."""

    def __init__(self) -> None:
        super().__init__()
        self._limit_mm, self._alignment = 100.0, Alignment.ROOTS
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._describe()

    def set_scale(self, limit_mm: float, alignment: Alignment) -> None:
        """The distance at the light end, and how bodies are laid on each other."""
        self._limit_mm, self._alignment = limit_mm, alignment
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        """A bar, its ticks and a line of words."""
        return QSize(WIDTH, 18 + 2 * self.fontMetrics().height() + 8)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Gradient, five ticks, words."""
        painter = QPainter(self)
        bar = QRectF(SIDE_MARGIN, 2, self.width() - 2 * SIDE_MARGIN, 14)
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for place in np.linspace(0, 1, 17):
            red, green, blue = (float(part) for part in viridis(np.array(place)))
            gradient.setColorAt(float(place), QColor.fromRgbF(red, green, blue))
        painter.fillRect(bar, gradient)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        line = self.fontMetrics().height()
        for tick in range(5):
            x = bar.left() + bar.width() * tick / 4
            text = f"{self._limit_mm * tick / 4:g}" + ("+" if tick == 4 else "")
            place = QRectF(x - 30, bar.bottom() + 2, 60, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        words = QRectF(0, bar.bottom() + 2 + line, self.width(), line)
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self._words())

    def _words(self) -> str:
        aligned = self._alignment is Alignment.PROCRUSTES
        return f"mm between vertices, {'after Procrustes' if aligned else 'roots aligned'}"

    def _describe(self) -> None:
        self.setAccessibleName("Colour scale")
        self.setAccessibleDescription(f"0 to {self._limit_mm:.0f} {self._words()}")


class CompareNumbers(QWidget):
    """Facts on top, a row for each joint below."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Difference in numbers")
        self.setMinimumWidth(WIDTH)
        self.bar, self.facts = ColorBar(), FactRows(FACTS)
        self.table = self._build_table()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(Heading("Difference"))
        layout.addWidget(self.bar)
        layout.addWidget(self.facts)
        layout.addWidget(Heading("Joints"))
        layout.addWidget(self.table, 1)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """The numbers of a comparison, or none."""
        self.facts.setVisible(comparison is not None)
        if comparison is None:
            self._fill([None] * len(SKELETON_JOINT_NAMES))
            return
        found = comparison.difference
        facts = self.facts
        facts.set_fact("Joints apart", f"{number(found.mean_joint_mm)} mm", "Roots aligned, mean")
        facts.set_fact("After Procrustes", f"{number(found.mean_joint_aligned_mm)} mm", "Mean")
        facts.set_fact("Root turned", f"{number(float(found.joint_angles_deg[0]))}°")
        facts.set_fact("Other joints", f"{number(found.mean_joint_angle_deg)}° on average")
        farther = "farther" if found.depth_m > 0 else "nearer"
        facts.set_fact(
            "Depth", f"the right one {number(abs(found.depth_m))} m {farther}", DEPTH_NOTE
        )
        first, second = (
            error_text(loss) for loss in (comparison.first_loss_px2, comparison.second_loss_px2)
        )
        note = "Distance from the keypoints; both measured with a camera that is solved again"
        facts.set_fact("Error", f"{first} → {second}", note)
        betas = [f"{beta:+.1f}".replace("-", "−") for beta in found.betas]
        facts.set_fact("β 1 to 5", " ".join(betas[:5]), "Right minus left")
        facts.set_fact("β 6 to 10", " ".join(betas[5:]), "Right minus left")
        rows = zip(found.joint_angles_deg, found.joints_mm, found.joints_aligned_mm, strict=True)
        self._fill([tuple(float(item) for item in row) for row in rows])

    def _fill(self, rows: list[tuple[float, ...] | None]) -> None:
        table = self.table
        table.setSortingEnabled(False)
        table.setRowCount(len(rows))
        for index, (name, values) in enumerate(zip(SKELETON_JOINT_NAMES, rows, strict=True)):
            title = QTableWidgetItem(name.replace("_", " "))
            table.setItem(index, 0, title)
            for column in range(1, len(COLUMNS)):
                value = None if values is None else values[column - 1]
                table.setItem(index, column, _NumberItem(value))
        table.setSortingEnabled(True)

    def _build_table(self) -> QTableWidget:
        table = QTableWidget(0, len(COLUMNS))
        table.setAccessibleName("Differences joint by joint")
        table.setHorizontalHeaderLabels(list(COLUMNS))
        for column, tip in enumerate(_TIPS):
            heading_at(table, column).setToolTip(tip)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 6)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        table.setSortingEnabled(True)
        table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        return table


class _NumberItem(QTableWidgetItem):
    """Sorted by value, not by its digits as text."""

    def __init__(self, value: float | None) -> None:
        super().__init__("" if value is None else f"{value:.0f}")
        self.value = -1.0 if value is None else value
        self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return isinstance(other, _NumberItem) and self.value < other.value
