"""What a person who looks, or has the window read out, would stumble over in a widget tree.

Three questions for every widget that is seen: has what takes the focus a name, is its text told
apart from its ground (WCAG 2.2, 1.4.3 and 1.4.11), and is all of the text there.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetrics, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenuBar,
    QRadioButton,
    QScrollArea,
    QScrollBar,
    QSizeGrip,
    QSplitterHandle,
    QStatusBar,
    QTableWidget,
    QWidget,
)

from spin_gui.widgets.fact_rows import ElidedLabel

LEAST_CONTRAST, LEAST_CONTRAST_LARGE = 4.5, 3.0
LARGE_PT, LARGE_BOLD_PT = 18.0, 14.0
"""From these sizes on, text counts as large."""
LEAST_LETTERS = 4
"""Of a text that is shortened; with fewer nothing is said."""

_Role = QPalette.ColorRole


def seen(root: QWidget) -> Iterator[QWidget]:
    """The widgets below a window that are visible, without those of other windows."""
    for widget in (root, *root.findChildren(QWidget)):
        if widget.isVisible() and widget.window() is root and not widget.visibleRegion().isEmpty():
            yield widget


def problems(root: QWidget) -> list[str]:
    """All that is amiss in a window, one sentence each."""
    found = []
    for widget in seen(root):
        for check in (unnamed, faint, cut):
            problem = check(widget)
            if problem:
                found.append(f"{described(widget)}: {problem}")
    return found


def described(widget: QWidget) -> str:
    """Where in the tree a widget is, and what it says."""
    way = []
    step: QWidget | None = widget
    while step is not None and len(way) < 4:
        way.append(type(step).__name__)
        step = step.parentWidget()
    return f"{' < '.join(way)} {shown_text(widget)[:50]!r}"


def shown_text(widget: QWidget) -> str:
    """What a label, button or field writes; empty for all else."""
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text().replace("&", "") if not _is_rich(widget) else ""
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    return ""


# Names


def unnamed(widget: QWidget) -> str:
    """Whether the Tab key reaches a widget that a screen reader has no name for."""
    is_reached = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    if not is_reached or not widget.isEnabled():
        return ""
    if isinstance(widget, QScrollBar | QSplitterHandle | QSizeGrip | QMenuBar | QStatusBar):
        return ""
    if isinstance(widget, QMainWindow):
        return ""
    parent = widget.parentWidget()
    if isinstance(parent, QComboBox | QAbstractSpinBox | QAbstractScrollArea):
        return ""  # its parent has the name
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is None or interface.text(QAccessible.Text.Name).strip():
        return ""
    return "takes the focus and has no accessible name"


# Contrast


def contrast(first: QColor, second: QColor) -> float:
    """(L₁ + 0.05) / (L₂ + 0.05) of the relative luminances, the lighter first; WCAG 2.2."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def faint(widget: QWidget) -> str:
    """Whether a text is too near to its ground; what rests (is disabled) may be."""
    if isinstance(widget, QTableWidget):
        return _faint_item(widget)
    if not shown_text(widget).strip() or not widget.isEnabled():
        return ""
    front, ground = _text_color(widget), _ground_of(widget)
    needed = LEAST_CONTRAST_LARGE if _is_large(widget) else LEAST_CONTRAST
    has = contrast(front, ground)
    if has >= needed:
        return ""
    return f"contrast {has:.2f} of {front.name()} on {ground.name()}, needed {needed}"


def _faint_item(table: QTableWidget) -> str:
    """Of the items that were given a colour of their own."""
    ground = table.palette().color(_Role.Base)
    for row in range(table.rowCount()):
        for column in range(table.columnCount()):
            item = table.item(row, column)
            own = None if item is None else item.foreground()
            if own is not None and own.style() != Qt.BrushStyle.NoBrush:
                has = contrast(own.color(), ground)
                if has < LEAST_CONTRAST:
                    return f"{item.text()!r} has a contrast of {has:.2f}"
    return ""


def _luminance(color: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(v) for v in (color.redF(), color.greenF(), color.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _text_color(widget: QWidget) -> QColor:
    if isinstance(widget, QLineEdit):
        return widget.palette().color(_Role.Text if widget.text() else _Role.PlaceholderText)
    if isinstance(widget, QCheckBox | QRadioButton):
        return widget.palette().color(_Role.WindowText)
    if isinstance(widget, QAbstractButton | QComboBox):
        return widget.palette().color(_Role.ButtonText)
    return widget.palette().color(widget.foregroundRole())


def _ground_of(widget: QWidget) -> QColor:
    if isinstance(widget, QLineEdit):
        return widget.palette().color(_Role.Base)
    is_plain = isinstance(widget, QCheckBox | QRadioButton)
    if isinstance(widget, QAbstractButton | QComboBox) and not is_plain:
        return widget.palette().color(_Role.Button)
    step: QWidget | None = widget
    while step is not None:
        viewport = isinstance(step.parentWidget(), QAbstractScrollArea) and not isinstance(
            step.parentWidget(), QScrollArea
        )
        if step.autoFillBackground() or step.isWindow() or viewport:
            return step.palette().color(step.backgroundRole())
        step = step.parentWidget()
    return widget.palette().color(_Role.Window)


def _is_large(widget: QWidget) -> bool:
    font = widget.font()
    return font.pointSizeF() >= (LARGE_BOLD_PT if font.bold() else LARGE_PT)


# Room


def cut(widget: QWidget) -> str:
    """Whether some of a text is not there: too narrow, too low, or beyond what holds it."""
    if isinstance(widget, QHeaderView):
        return _cut_sections(widget)
    text = shown_text(widget)
    if not text.strip():
        return ""
    if isinstance(widget, ElidedLabel):
        return _elided_to_nothing(text, widget.shown_text())
    beyond = _beyond_its_holder(widget)
    if beyond:
        return beyond
    if isinstance(widget, QLabel):
        return _cut_label(widget)
    metrics = widget.fontMetrics()
    room = widget.width() - _taken_beside_text(widget)
    needed = max(metrics.horizontalAdvance(line) for line in text.splitlines())
    if isinstance(widget, QComboBox | QLineEdit):
        return _elided_to_nothing(text, _elided(metrics, text, room))
    return "" if needed <= room + 1 else f"text of {needed} px in {room} px"


def _cut_label(label: QLabel) -> str:
    if _is_rich(label) or not label.pixmap().isNull():
        return ""
    room = label.contentsRect()
    if label.wordWrap():
        needed = label.heightForWidth(label.width())
        return "" if needed <= label.height() + 1 else f"{needed} px high in {label.height()} px"
    needed = max(map(label.fontMetrics().horizontalAdvance, shown_text(label).splitlines()))
    return "" if needed <= room.width() + 1 else f"text of {needed} px in {room.width()} px"


def _cut_sections(header: QHeaderView) -> str:
    """Of the titles of a table's columns; of rows only the height could be too little."""
    if header.orientation() != Qt.Orientation.Horizontal or header.model() is None:
        return ""
    for section in range(header.count()):
        title = str(header.model().headerData(section, header.orientation()) or "")
        room = header.sectionSize(section) - 4
        if title and room > 0 and not header.isSectionHidden(section):
            shown = max(title.splitlines(), key=len)
            problem = _elided_to_nothing(shown, _elided(header.fontMetrics(), shown, room))
            if problem:
                return f"column {title!r}: {problem}"
    return ""


def _elided(metrics: QFontMetrics, text: str, room: int) -> str:
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)


def _elided_to_nothing(text: str, shown: str) -> str:
    letters = len(shown.replace("…", "").strip())
    return "" if letters >= min(LEAST_LETTERS, len(text)) else f"only {shown!r} of it is shown"


def _taken_beside_text(widget: QWidget) -> int:
    """By frame, arrow, indicator and icon."""
    if isinstance(widget, QComboBox):
        return 28
    if isinstance(widget, QCheckBox | QRadioButton):
        return 20
    if isinstance(widget, QAbstractButton) and not widget.icon().isNull():
        return widget.iconSize().width() + 6
    return 4


def _beyond_its_holder(widget: QWidget) -> str:
    """Whether it reaches beyond a widget that does not scroll."""
    rect = QRect(QPoint(0, 0), widget.size())
    holder = widget.parentWidget()
    while holder is not None and not widget.isWindow():
        if isinstance(holder.parentWidget(), QAbstractScrollArea):
            return ""  # it can be scrolled to
        place = QRect(widget.mapTo(holder, rect.topLeft()), rect.size())
        if not holder.rect().adjusted(-1, -1, 1, 1).contains(place):
            return f"reaches beyond {type(holder).__name__}: {place} in {holder.rect()}"
        if holder.isWindow():
            break
        holder = holder.parentWidget()
    return ""


def _is_rich(widget: QLabel | QAbstractButton) -> bool:
    return isinstance(widget, QLabel) and (
        widget.textFormat() == Qt.TextFormat.RichText or "<" in widget.text()
    )
