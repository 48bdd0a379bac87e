"""What stands over a column of views: whose body it is, its origin, loss and verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from core.rendering.colors import MeshColor
from core.types.fits import Verdict
from spin_gui.session.wording import VERDICT_TITLES, number, origin_meaning, origin_title
from spin_gui.viewer.cell_plan import COLUMN_COLORS
from spin_gui.viewer.sample_scene import Column, SampleScene
from spin_gui.widgets.fitting_text import fitting_text
from spin_gui.widgets.verdict_marks import paint_verdict

TITLES = {
    Column.PICTURE: "Picture",
    Column.PREDICTION: "Prediction",
    Column.CURRENT: "Current fit",
    Column.FIRST: "First SMPLify fit",
}
LOSS_MEANING = "Loss: squared distance of the joints from the keypoints, px² of the crop a joint."
SWATCH = 12


@dataclass(frozen=True)
class HeaderText:
    """The two lines under a column's title, and the verdict whose mark stands before the second.

    short_first, short_second: said in their place where there is too little room.
    """

    first: str = ""
    second: str = ""
    verdict: Verdict | None = None
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
        return HeaderText("none yet")
    if body.title:
        return HeaderText(f"loss {number(body.loss_px2)} px²", "Return keeps it, Esc discards it")
    if body.verdict is None:
        return HeaderText("from the regressor", "not a fit, carries no verdict")
    loss = f"loss {number(body.loss_px2)} px²"
    text = HeaderText(
        first=f"{origin_title(body.origin)} · {loss}",
        second=VERDICT_TITLES[body.verdict],
        verdict=body.verdict,
        short_first=loss,
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
        self.setAccessibleName(TITLES[column])

    @property
    def text(self) -> HeaderText:
        """The two lines as they are shown."""
        return self._text

    def show_scene(self, scene: SampleScene | None) -> None:
        """Say what the column shows of a sample."""
        self._text = header_text(scene, self._column)
        body = None if scene is None else scene.bodies.get(self._column)
        self._title = body.title if body is not None and body.title else TITLES[self._column]
        whole = "\n".join(line for line in (self._text.first, self._text.second) if line)
        notes = [whole, "" if body is None else origin_meaning(body.origin)]
        notes += [LOSS_MEANING] if "loss" in whole else []
        self.setToolTip("\n".join(note for note in notes if note))
        self.setAccessibleDescription(whole)
        self.update()

    def sizeHint(self) -> QSize:
        """See ``QWidget.sizeHint``."""
        return QSize(120, self.height_needed())

    def height_needed(self) -> int:
        """Three lines of text."""
        return 3 * self.fontMetrics().lineSpacing() + 4

    def paintEvent(self, _event: QPaintEvent) -> None:
        """See ``QWidget.paintEvent``."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().lineSpacing()
        left = 2.0
        if self._color is not None:
            self._paint_swatch(painter, self._color, line)
            left += SWATCH + 6
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        self._paint_line(painter, QRectF(left, 0, self.width() - left, line), self._title)
        painter.setFont(self.font())
        width = self.width() - 4.0
        self._paint_line(
            painter, QRectF(2, line, width, line), self._text.first, self._text.short_first
        )
        if self._text.verdict is not None:
            mark = line - 3.0
            paint_verdict(painter, QRectF(2, 2 * line + 1.5, mark, mark), self._text.verdict)
            left, width = 2 + mark + 5, width - mark - 5
        else:
            left = 2.0
        place = QRectF(left, 2 * line, width, line)
        self._paint_line(painter, place, self._text.second, self._text.short_second)
        painter.end()

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
