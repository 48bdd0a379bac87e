"""What stands over a column of views: whose body it is, its origin, loss and verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from core.rendering.colors import MeshColor
from core.types.fits import Verdict
from spin_gui.session.error_scale import ERROR_MEANING, ErrorGrade, grade_of, graded_text
from spin_gui.session.wording import VERDICT_TITLES, origin_meaning, origin_title
from spin_gui.viewer.cell_plan import COLUMN_COLORS, empty_text
from spin_gui.viewer.sample_scene import Column, SampleScene
from spin_gui.widgets.fitting_text import fitting_text
from spin_gui.widgets.level_mark import paint_level_mark
from spin_gui.widgets.verdict_marks import paint_verdict

TITLES = {
    Column.PICTURE: "Picture",
    Column.PREDICTION: "Prediction",
    Column.CURRENT: "Current fit",
    Column.FIRST: "First SMPLify fit",
}
SHORT_TITLES = {
    Column.PICTURE: "picture",
    Column.PREDICTION: "pred.",
    Column.CURRENT: "current",
    Column.FIRST: "first",
}
"""For captions of small views."""
SWATCH = 12


@dataclass(frozen=True)
class HeaderText:
    """The two lines under a column's title, and the verdict whose mark stands before the second.

    grade: how large the error is that the first line tells, where it tells one.
    short_first, short_second: said in their place where there is too little room.
    """

    first: str = ""
    second: str = ""
    verdict: Verdict | None = None
    grade: ErrorGrade | None = None
    short_first: str = ""
    short_second: str = ""


def header_text(scene: SampleScene | None, column: Column) -> HeaderText:
    """What the header of a column says of a sample."""
    if scene is None:
        return HeaderText()
    if column is Column.PICTURE:
        width, height = scene.picture_size_px
        return HeaderText(scene.picture_path.name, f"{width} × {height} px")
    body = scene.bodies.get(column)
    if body is None:
        return HeaderText("none yet", empty_text(scene, column).rpartition("\n")[2])
    if body.title:
        error = f"error {graded_text(body.loss_px2)}"
        waits = "Return keeps it, Esc discards it"
        return HeaderText(error, waits, grade=grade_of(body.loss_px2))
    if body.verdict is None:
        return HeaderText("from the regressor", "not a fit, carries no verdict")
    error = f"error {graded_text(body.loss_px2)}"
    text = HeaderText(
        first=f"{origin_title(body.origin)} · {error}",
        second=VERDICT_TITLES[body.verdict],
        verdict=body.verdict,
        grade=grade_of(body.loss_px2),
        short_first=error,
    )
    if column is Column.FIRST and scene.first_is_current:
        same = "same fit as the current one"
        return replace(text, second=same, short_second="same as current", verdict=None)
    return text


class ColumnHeader(QWidget):
    """Title with the colour of the column's bodies, and two lines, cut short where they must be."""

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = column
        self._color = COLUMN_COLORS.get(column)
        self._text = HeaderText()
        self._title = TITLES[column]
        self._seen_from: str | None = None
        self.setAccessibleName(TITLES[column])

    @property
    def text(self) -> HeaderText:
        """The two lines as they are shown."""
        return self._text

    def set_seen_from(self, seen_from: str | None) -> None:
        """Stand in one line over a single view, and say from where it looks; None: three lines."""
        if seen_from != self._seen_from:
            self._seen_from = seen_from
            self.update()

    def show_scene(self, scene: SampleScene | None) -> None:
        """Say what the column shows of a sample."""
        self._text = header_text(scene, self._column)
        body = None if scene is None else scene.bodies.get(self._column)
        self._title = body.title if body is not None and body.title else TITLES[self._column]
        whole = "\n".join(line for line in (self._text.first, self._text.second) if line)
        notes = [whole, "" if body is None else origin_meaning(body.origin)]
        notes += [ERROR_MEANING] if "error" in whole else []
        self.setToolTip("\n".join(note for note in notes if note))
        self.setAccessibleDescription(whole)
        self.update()

    def sizeHint(self) -> QSize:
        """See ``QWidget.sizeHint``."""
        return QSize(120, self.height_needed())

    def height_needed(self, *, lines: int = 3) -> int:
        """Lines of text and a little room."""
        return lines * self.fontMetrics().lineSpacing() + 4

    def paintEvent(self, _event: QPaintEvent) -> None:
        """See ``QWidget.paintEvent``."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().lineSpacing()
        left = self._paint_title(painter, line)
        if self._seen_from is None:
            self._paint_below(painter, line)
        else:
            self._paint_after(painter, left, line)
        painter.end()

    def _paint_title(self, painter: QPainter, line: int) -> float:
        """Swatch and title; returns where they end."""
        left = 2.0
        if self._color is not None:
            self._paint_swatch(painter, self._color, line)
            left += SWATCH + 6
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        title = f"{self._title} · {self._seen_from}" if self._seen_from else self._title
        self._paint_line(painter, QRectF(left, 0, self.width() - left, line), title, self._title)
        width = painter.fontMetrics().horizontalAdvance(title)
        painter.setFont(self.font())
        return left + width

    def _paint_after(self, painter: QPainter, left: float, line: int) -> None:
        """What else there is to say, on the same line, the verdict at its end."""
        metrics, right = painter.fontMetrics(), self.width() - 2.0
        text = self._text
        if text.verdict is not None:
            width = min(metrics.horizontalAdvance(text.second), right - left - 2 * line)
            self._paint_line(painter, QRectF(right - width, 0, width, line), text.second)
            mark = line - 3.0
            right -= width + mark + 5
            paint_verdict(painter, QRectF(right, 1.5, mark, mark), text.verdict)
            said, short = text.first, text.short_first
        else:
            said, short = " · ".join(filter(None, (text.first, text.second))), text.first
        room = QRectF(left + 14, 0, right - left - 24, line)
        if room.width() > 2 * line:
            self._paint_line(painter, self._after_level(painter, room), said, short)

    def _paint_below(self, painter: QPainter, line: int) -> None:
        """Two more lines."""
        width = self.width() - 4.0
        first = self._after_level(painter, QRectF(2, line, width, line))
        self._paint_line(painter, first, self._text.first, self._text.short_first)
        if self._text.verdict is not None:
            mark = line - 3.0
            paint_verdict(painter, QRectF(2, 2 * line + 1.5, mark, mark), self._text.verdict)
            left, width = 2 + mark + 5, width - mark - 5
        else:
            left = 2.0
        place = QRectF(left, 2 * line, width, line)
        self._paint_line(painter, place, self._text.second, self._text.short_second)

    def _after_level(self, painter: QPainter, place: QRectF) -> QRectF:
        """Paint how large the error is, and return the place for the words about it."""
        grade = self._text.grade
        if grade is None:
            return place
        color, middle = QColor(grade.color), place.center().y()
        left = paint_level_mark(painter, place.left(), middle, full=grade.bars, color=color)
        return place.adjusted(left - place.left(), 0, 0, 0)

    def _paint_swatch(self, painter: QPainter, color: MeshColor, line: int) -> None:
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.WindowText), 1.0))
        painter.setBrush(QColor.fromRgbF(*color))
        painter.drawRoundedRect(QRectF(2.5, (line - SWATCH) / 2 + 0.5, SWATCH, SWATCH), 3, 3)

    def _paint_line(self, painter: QPainter, place: QRectF, text: str, short: str = "") -> None:
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        wordings = [wording for wording in (text, short) if wording]
        shown = fitting_text(painter.fontMetrics(), place.width(), wordings)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(place, flags, shown)
