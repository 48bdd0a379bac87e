"""What a view writes over its picture."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout

from spin_gui.viewer.view_canvas import _wrapped

WORDS = "If pictures were moved, find them again: File, Find pictures"


def lines_of(text: str, width: float) -> list[str]:
    """A text as it is laid out in a width, line by line."""
    layout = QTextLayout(text, QFont())
    layout.setTextOption(_wrapped(Qt.AlignmentFlag.AlignCenter))
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, 0))
    layout.endLayout()
    lines = [layout.lineAt(number) for number in range(layout.lineCount())]
    return [text[line.textStart() : line.textStart() + line.textLength()] for line in lines]


def test_a_note_breaks_between_words_and_a_long_path_within(qapp):
    width = QFontMetricsF(QFont()).horizontalAdvance("pictures again:")
    lines = lines_of(WORDS, width)
    assert len(lines) > 2
    assert [word for line in lines for word in line.split()] == WORDS.split()
    assert len(lines_of("/pictures/of/a/place/without/a/single/space/person.jpg", width)) > 1
