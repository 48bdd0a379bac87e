"""A value says by bars before it how large it is, and leaves them their room."""

from __future__ import annotations

from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from spin_gui.widgets.fact_rows import ElidedLabel
from spin_gui.widgets.level_mark import LEVEL_ROOM

COLOR = QColor("#ff00ff")


def marked_px(label: ElidedLabel) -> list[int]:
    """Columns of the label that show the colour of the mark."""
    image = label.grab().toImage()
    return [
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y) == COLOR for y in range(image.height()))
    ]


def test_the_bars_stand_before_the_value_and_take_its_room(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.resize(200, 24)
    label.set_fact("12.5 px, far off")
    assert marked_px(label) == []
    narrow = label.fontMetrics().horizontalAdvance(label.text()) + LEVEL_ROOM // 2
    label.resize(narrow, 24)
    assert label.shown_text() == label.text()
    label.set_level(3, COLOR)
    label.set_fact("12.5 px, far off")
    columns = marked_px(label)
    assert columns
    assert max(columns) < LEVEL_ROOM
    assert label.shown_text() != label.text()
    assert label.text() in label.toolTip()
