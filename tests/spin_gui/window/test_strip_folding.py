"""Strips around the views fold by a click or a key, and stay as they were left."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dictionary.search.query import SortKey
from spin_gui.samples.histogram_strip import FOLDED_HEIGHT, LOW_STRIP_HEIGHT, STRIP_HEIGHT
from spin_gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
HIGH, LOW = (1280, 980), (1366, 768)


@pytest.fixture
def histograms(window, qtbot):
    """Open, in a high window."""
    window.resize(*HIGH)
    window.commands["view.histograms"].trigger()
    strip = window.page.parts.histograms
    qtbot.waitUntil(lambda: strip.height() == STRIP_HEIGHT)
    return strip


def press_fold(window):
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_J, CONTROL | SHIFT)


def test_a_click_on_the_arrow_folds_and_unfolds_the_histograms(window, qtbot, histograms):
    before = window.page.views.board.height()
    assert histograms.fold.accessibleName() == "Fold the histograms"
    qtbot.mouseClick(histograms.fold, LEFT)
    qtbot.waitUntil(lambda: histograms.height() == FOLDED_HEIGHT)
    assert histograms.fold.accessibleName() == "Unfold the histograms"
    assert window.page.views.board.height() == before + STRIP_HEIGHT - FOLDED_HEIGHT
    qtbot.mouseClick(histograms.fold, LEFT)
    qtbot.waitUntil(lambda: histograms.height() == STRIP_HEIGHT)


def test_folded_histograms_are_brushed_as_before(window, qtbot, histograms):
    qtbot.mouseClick(histograms.fold, LEFT)
    plot = histograms.cells[SortKey.LOSS].plot
    qtbot.waitUntil(lambda: plot.histogram is not None and plot.height() <= FOLDED_HEIGHT)
    assert plot.height() >= 14
    middle = plot.height() // 2
    QTest.mousePress(plot, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(plot.width() // 2, middle))
    QTest.mouseMove(plot, QPoint(plot.width() - 1, middle))
    QTest.mouseRelease(plot, LEFT, Qt.KeyboardModifier.NoModifier, QPoint(plot.width() - 1, middle))
    assert window.page.session.query.range_of(SortKey.LOSS).low is not None


def test_low_and_high_windows_are_remembered_each_for_itself(
    window, qtbot, histograms, quick_drawing, project
):
    window.resize(*LOW)
    qtbot.waitUntil(lambda: histograms.height() == FOLDED_HEIGHT)
    qtbot.mouseClick(histograms.fold, LEFT)
    qtbot.waitUntil(lambda: histograms.height() == LOW_STRIP_HEIGHT)
    window.resize(*HIGH)
    qtbot.mouseClick(histograms.fold, LEFT)
    qtbot.waitUntil(lambda: histograms.height() == FOLDED_HEIGHT)
    window.close()
    again = MainWindow()
    qtbot.addWidget(again)
    again.resize(*HIGH)
    again.show()
    again.open_project(project)
    strip = again.page.parts.histograms
    qtbot.waitUntil(lambda: strip.height() == FOLDED_HEIGHT)
    again.resize(*LOW)
    qtbot.waitUntil(lambda: strip.height() == LOW_STRIP_HEIGHT)
    again.close()


def test_one_key_folds_all_strips_that_are_shown_and_unfolds_them(window, qtbot, histograms):
    window.commands["correct.body_tools"].trigger()
    tools = window.page.correcting.tools
    assert tools.joint.isVisible()
    press_fold(window)
    assert histograms.fold.folded
    assert not tools.joint.isVisible()
    assert tools.keep.isVisible(), "what waits can still be kept"
    press_fold(window)
    assert not histograms.fold.folded
    assert tools.joint.isVisible()


def test_body_tools_stand_at_the_side_where_the_window_is_low(window, qtbot):
    page = window.page
    window.resize(*LOW)
    window.commands["correct.body_tools"].trigger()
    tools, details, board = page.correcting.tools, page.parts.details, page.views.board

    def left_of(widget):
        return widget.mapTo(window, QPoint(0, 0)).x()

    qtbot.waitUntil(lambda: tools.isVisible() and left_of(tools) >= left_of(board) + board.width())
    assert tools.joint.isVisible()
    assert not tools.fold.isVisible()
    assert details.isVisible()
    assert tools.width() <= details.width()
    window.resize(*HIGH)
    qtbot.waitUntil(lambda: left_of(tools) < left_of(board) + board.width())
    assert tools.isVisible()
    assert tools.fold.isVisible()
    window.resize(*LOW)
    window.commands["view.details"].trigger()
    qtbot.waitUntil(lambda: left_of(tools) < left_of(board) + board.width())
    assert tools.isVisible(), "without details there is no side to stand at"
