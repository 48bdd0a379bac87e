"""Keys can be changed, hold at once and at the next start, and never run two commands."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.types.fits import Verdict
from spin_gui.commands.change_keys import ChangeKeysDialog
from spin_gui.commands.cheat_sheet import CheatSheet
from spin_gui.commands.key_map import KeyMap, key_of
from spin_gui.commands.records import ACTIONS
from spin_gui.window.settings import WindowSettings

LEFT = Qt.MouseButton.LeftButton


def keys_of(keys: KeyMap, action_id: str) -> tuple[str, ...]:
    return next(record.keys for record in keys.records() if record.id == action_id)


def test_without_a_choice_every_action_has_the_keys_of_its_record():
    assert KeyMap().records() == ACTIONS


def test_a_chosen_key_is_taken_from_the_action_that_had_it():
    keys = KeyMap().with_keys("review.accept", ("x", "Return"))
    assert keys_of(keys, "review.accept") == ("X", "Return")
    assert keys_of(keys, "review.reject") == ()
    again = keys.with_keys("review.unsure", ("X",))
    assert keys_of(again, "review.accept") == ("Return",)
    assert again.owner("x").id == "review.unsure"
    every = Counter(key for record in again.records() for key in record.keys)
    assert max(every.values()) == 1


def test_a_default_comes_back_except_for_keys_that_were_given_away():
    keys = KeyMap().with_keys("review.accept", ("F9",)).with_keys("review.reject", ("A",))
    assert keys_of(keys.with_default("review.accept"), "review.accept") == ()
    both = keys.with_default("review.accept").with_default("review.reject")
    assert both.records() == ACTIONS


def test_keys_survive_the_settings():
    keys = KeyMap().with_keys("review.accept", ("Ctrl+Return",)).with_keys("go.next", ())
    assert KeyMap.from_text(keys.to_text()).records() == keys.records()


@pytest.mark.parametrize(
    "text", ["", "no json", "[1]", '{"review.accept": 3, "gone.action": ["Q"]}', "null"]
)
def test_settings_that_cannot_be_read_change_no_key(text):
    assert KeyMap.from_text(text).records() == ACTIONS


def test_keys_stored_under_the_former_id_of_an_action_still_hold():
    keys = KeyMap.from_text('{"training.cockpit": ["F9"]}')
    assert keys.owner("F9").id == "training.page"


def test_a_key_that_stands_twice_in_the_settings_runs_one_command_only():
    keys = KeyMap.from_text('{"review.accept": ["Q"], "review.reject": ["q", "W"]}')
    assert keys_of(keys, "review.accept") == ("Q",)
    assert keys_of(keys, "review.reject") == ("W",)
    assert keys_of(keys, "view.whole_picture") == ()


def test_a_held_action_without_a_key_has_none_to_hold():
    record = KeyMap().with_keys("view.hide_overlay", ()).records()
    assert key_of(next(item for item in record if item.id == "view.hide_overlay")) is None


@pytest.fixture
def dialog(window, qtbot) -> ChangeKeysDialog:
    window.commands["help.change_keys"].trigger()
    found = window.findChild(ChangeKeysDialog)
    qtbot.waitUntil(found.isVisible)
    return found


def press_in_field(qtbot, dialog, key) -> None:
    dialog.field.setFocus()
    qtbot.keyClick(dialog.field, key)
    qtbot.waitUntil(lambda: not dialog.field.keySequence().isEmpty())


def test_a_key_chosen_in_the_dialog_works_at_once_and_at_the_next_start(window, dialog, qtbot):
    qtbot.keyClicks(dialog.search, "accept")
    dialog.choose("review.accept")
    press_in_field(qtbot, dialog, Qt.Key.Key_F9)
    assert dialog.state.text() == "F9 is free."
    qtbot.mouseClick(dialog.set_button, LEFT)
    dialog.accept()
    qtbot.waitUntil(window.isActiveWindow)
    judged = window.page.session.current_id
    qtbot.keyClick(window, Qt.Key.Key_A)
    assert window.page.session.records.current_fit(judged).verdict is Verdict.NONE
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert window.page.session.records.current_fit(judged).verdict is Verdict.ACCEPTED
    assert keys_of(WindowSettings().keys, "review.accept") == ("F9",)


def test_the_dialog_says_whose_key_would_be_taken(dialog, qtbot):
    dialog.choose("review.accept")
    press_in_field(qtbot, dialog, Qt.Key.Key_X)
    assert "“Reject fit”" in dialog.state.text()
    qtbot.mouseClick(dialog.add_button, LEFT)
    assert keys_of(dialog.keys, "review.accept") == ("A", "X")
    assert keys_of(dialog.keys, "review.reject") == ()
    qtbot.mouseClick(dialog.all_button, LEFT)
    assert dialog.keys.records() == ACTIONS


def test_another_key_can_be_held_to_see_the_bare_picture(window, dialog, qtbot):
    dialog.choose("view.hide_overlay")
    press_in_field(qtbot, dialog, Qt.Key.Key_B)
    qtbot.mouseClick(dialog.set_button, LEFT)
    dialog.accept()
    qtbot.waitUntil(window.isActiveWindow)
    held = []
    window.key_guard.held.connect(held.append)
    qtbot.keyPress(window.page.views, Qt.Key.Key_H)
    qtbot.keyPress(window.page.views, Qt.Key.Key_B)
    qtbot.keyRelease(window.page.views, Qt.Key.Key_B)
    assert held == [True, False]


def test_a_held_key_must_be_a_single_one(dialog, qtbot):
    dialog.choose("view.hide_overlay")
    dialog.field.setFocus()
    qtbot.keyClick(dialog.field, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "single key" in dialog.state.text())
    assert not dialog.set_button.isEnabled()


def test_the_cheat_sheet_shows_the_keys_that_hold(qtbot):
    sheet = CheatSheet(None, KeyMap().with_keys("review.accept", ("Q",)).records())
    qtbot.addWidget(sheet)
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    assert "Q" in texts
    assert "A" not in texts
