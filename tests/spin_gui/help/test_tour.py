"""The tour of the demo, by real clicks and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt

from core.dictionary.store import Dictionary
from core.workflows.demo_report import DEMO_SETTING, DemoStage
from spin_gui.help.tour_bubble import TourBubble, bubble_place
from spin_gui.help.tour_steps import OFFER, TOUR_STEPS
from spin_gui.window.settings import WindowSettings
from tests.spin_gui.small_project import make_project

Key = Qt.Key
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def project(tmp_path):
    """A project that says that it is the demo."""
    folder = make_project(tmp_path)
    with Dictionary.open(folder) as dictionary:
        dictionary.settings.set(DEMO_SETTING, DemoStage.COMPLETE)
    return folder


@pytest.fixture
def bubble(qtbot, window):
    qtbot.waitUntil(lambda: window.findChild(TourBubble) is not None)
    return window.findChild(TourBubble)


def test_the_demo_offers_the_tour_and_leaves_the_keys_where_they_are(qtbot, window, bubble, press):
    assert bubble.isVisible()
    assert bubble.title.text() == OFFER.title
    row = window.page.session.current_row
    press(Key.Key_J)
    assert window.page.session.current_row == row + 1


def test_five_steps_point_at_what_they_speak_of(qtbot, window, bubble):
    qtbot.mouseClick(bubble.next_button, LEFT)
    for number, step in enumerate(TOUR_STEPS):
        assert bubble.title.text() == step.title
        assert bubble.count.text() == f"{number + 1} of 5"
        target = bubble._target()
        assert target is not None
        assert window.rect().contains(bubble.geometry())
        assert bubble._frame.isVisible()
        qtbot.mouseClick(bubble.next_button, LEFT)
    assert not bubble.isVisible()
    assert not bubble._frame.isVisible()
    assert WindowSettings().flag("tour.answered", default=False)
    assert window.focusWidget() is window.page.samples.view


def test_it_is_not_offered_again_once_it_was_declined(qtbot, window, bubble, project):
    qtbot.mouseClick(bubble.skip_button, LEFT)
    assert not bubble.isVisible()
    window.commands["file.close_project"].trigger()
    window.open_project(project)
    qtbot.waitUntil(lambda: window.page.is_complete)
    assert not bubble.isVisible()
    window.commands["help.tour"].trigger()
    assert bubble.isVisible()
    assert bubble.step == 0


def test_keys_alone_go_through_it_and_escape_leaves_it_at_any_step(qtbot, window, bubble, press):
    window.commands["view.evaluation"].setChecked(True)
    window.commands["help.tour"].trigger()
    assert window.page.shown_page == "samples"
    press(Key.Key_Return)
    press(Key.Key_Return)
    assert bubble.step == 2
    press(Key.Key_Backtab)
    press(Key.Key_Return)
    assert bubble.step == 1
    press(Key.Key_Escape)
    assert not bubble.isVisible()
    window.commands["help.tour"].trigger()
    window.page.samples.focus_list()
    window.commands["view.gallery"].setChecked(True)
    press(Key.Key_Escape)
    assert not bubble.isVisible()
    assert window.page.shown_page == "gallery"


def test_it_blocks_nothing_and_goes_with_the_project(qtbot, window, bubble):
    qtbot.mouseClick(bubble.next_button, LEFT)
    qtbot.mouseClick(window.page.parts.verdicts.buttons["review.accept"], LEFT)
    assert window.page.session.undo_stack.count() == 1
    window.commands["file.close_project"].trigger()
    assert not bubble.isVisible()


@pytest.mark.parametrize(
    ("target", "place"),
    [
        (QRect(0, 30, 1000, 30), QPoint(299, 69)),
        (QRect(0, 700, 1000, 60), QPoint(299, 490)),
        (QRect(900, 30, 80, 30), QPoint(584, 69)),
    ],
)
def test_the_box_lies_next_to_its_target_and_inside_the_window(target, place):
    assert bubble_place(target, 400, 200, QRect(0, 0, 1000, 800)) == place
