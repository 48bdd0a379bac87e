"""The one list of actions, and what is made from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLabel, QMainWindow, QMenu

from core.errors import StudioError
from spin_gui.commands.cheat_sheet import COLUMNS, CheatSheet
from spin_gui.commands.command_palette import CommandPalette
from spin_gui.commands.fuzzy_match import find_actions
from spin_gui.commands.keys_page import keys_markdown
from spin_gui.commands.qt_actions import ActionSet
from spin_gui.commands.records import ACTIONS, RECORDS, Menu, When, actions_of, why_not

ROOT = Path(__file__).resolve().parents[3]


def test_no_two_actions_share_a_key_or_an_id():
    keys = Counter(QKeySequence(key).toString() for record in ACTIONS for key in record.keys)
    assert [key for key, count in keys.items() if count > 1] == []
    assert len({record.id for record in ACTIONS}) == len(ACTIONS)


def test_every_key_is_one_qt_knows():
    for record in ACTIONS:
        for key in record.keys:
            assert QKeySequence(key).toString(), f"{record.id}: {key}"


def test_the_page_of_keys_is_up_to_date_and_lists_every_action():
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert page == keys_markdown(), "run: python -m spin_gui.commands.keys_page > docs/keys.md"
    for record in ACTIONS:
        assert f"| {record.title} | {record.keys_text} |" in page


def test_the_cheat_sheet_lists_every_action_with_its_keys(qtbot):
    sheet = CheatSheet(None)
    qtbot.addWidget(sheet)
    texts = [label.text() for label in sheet.findChildren(QLabel)]
    for record in ACTIONS:
        assert record.title.rstrip("…") in texts
        assert not record.keys or record.keys_text in texts
    assert sorted(menu for column in COLUMNS for menu in column) == sorted(Menu)


@pytest.fixture
def window(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


def test_menus_hold_every_action_in_its_order(window):
    actions = ActionSet(window, dict.fromkeys((record.id for record in ACTIONS), window.show))
    menus = {action.text().replace("&", ""): action.menu() for action in window.menuBar().actions()}
    assert list(menus) == [menu.value for menu in Menu]
    for menu in Menu:
        assert shown_in(menus[menu.value]) == [actions[record.id] for record in actions_of(menu)]


def shown_in(menu: QMenu) -> list[QAction]:
    """Its actions and those of the menus within it, from top to bottom."""
    found = []
    for action in menu.actions():
        if action.menu() is not None and action.menu().objectName():
            found += shown_in(action.menu())
        elif not action.isSeparator():
            found.append(action)
    return found


def test_no_menu_is_higher_than_a_low_screen_leaves_room_for(window):
    ActionSet(window, dict.fromkeys((record.id for record in ACTIONS), window.show))
    window.menuBar().ensurePolished()
    for action in window.menuBar().actions():
        below_the_bar = 768 - 2 * window.menuBar().sizeHint().height()
        assert action.menu().sizeHint().height() <= below_the_bar, action.text()


def test_an_action_without_a_handler_is_refused(window):
    with pytest.raises(StudioError, match="without a handler"):
        ActionSet(window, {})


def test_actions_are_enabled_by_the_state_they_need(window):
    actions = ActionSet(window, dict.fromkeys((record.id for record in ACTIONS), window.show))
    actions.refresh(set())
    assert {record.when for record in ACTIONS if record.id not in actions.reasons} == {When.ALWAYS}
    actions.refresh({When.PROJECT, When.SAMPLE})
    assert actions["review.accept"].isEnabled()
    assert actions["go.next"].isEnabled()
    assert not actions["edit.undo"].isEnabled()


def test_every_action_that_rests_says_why_in_menu_and_status_bar(window):
    actions = ActionSet(window, dict.fromkeys((record.id for record in ACTIONS), window.show))
    for state in (set(), {When.PROJECT}, {When.PROJECT, When.JOB}, {When.JOB, When.TRAINING}):
        actions.refresh(state, running="Fitting samples")
        for record in ACTIONS:
            action = actions[record.id]
            assert action.isEnabled() == (record.when is When.ALWAYS or record.when in state)
            if action.isEnabled():
                assert action.statusTip() == action.toolTip() == record.help
            else:
                assert action.statusTip().endswith((".", ")."))
                assert action.toolTip() == f"{record.help}\n{action.statusTip()}"
    assert all(
        each_action.menu().toolTipsVisible()
        for each_action in window.menuBar().actions()
        if each_action.menu() is not None
    )


@pytest.mark.parametrize(
    ("when", "state", "reason"),
    [
        (When.IDLE_PROJECT, {When.PROJECT, When.JOB, When.TRAINING}, "A training is running: stop"),
        (When.IDLE, {When.JOB}, "“Exporting” is running: wait for its end, or stop it first"),
        (When.IDLE_PROJECT, {When.IDLE}, "Open a project first."),
        (When.SAMPLE, set(), "Open a project first."),
        (When.SAMPLE, {When.PROJECT}, "Choose a sample in the list first."),
        (When.UNDO, {When.PROJECT}, "There is nothing to undo."),
        (When.TRAINING, {When.PROJECT}, "No training is running."),
        (When.PROJECT, {When.PROJECT}, ""),
        (When.ALWAYS, set(), ""),
    ],
)
def test_the_reason_names_what_would_have_to_change(when, state, reason):
    said = why_not(when, state, running="Exporting")
    assert said.startswith(reason)
    assert bool(said) == bool(reason)


def test_the_palette_shows_commands_that_rest_last_and_runs_none_of_them(qtbot):
    palette = CommandPalette(ACTIONS, {"training.train": "A training is running."}, None)
    qtbot.addWidget(palette)
    qtbot.keyClicks(palette.line, "train")
    rows = [palette.list.topLevelItem(row) for row in range(palette.list.topLevelItemCount())]
    (resting,) = [row for row in rows if row.text(0) == "Train…"]
    assert rows[-1] is resting
    assert resting.isDisabled()
    assert resting.text(2) == "A training is running."
    alone = CommandPalette([RECORDS["training.train"]], {"training.train": "Not now."}, None)
    qtbot.addWidget(alone)
    with qtbot.assertNotEmitted(alone.chosen):
        qtbot.keyClick(alone.line, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("acc", "review.accept"), ("fsa", "fitting.fit"), ("dark", "view.theme_dark")],
)
def test_a_few_letters_find_a_command(typed, expected):
    assert find_actions(typed, ACTIONS)[0].id == expected


def test_an_empty_search_finds_all_and_nonsense_finds_nothing():
    assert find_actions("", ACTIONS) == list(ACTIONS)
    assert find_actions("zzqq", ACTIONS) == []


def test_the_palette_runs_the_marked_command_on_return(qtbot):
    palette = CommandPalette(ACTIONS, {}, None)
    qtbot.addWidget(palette)
    palette.show()
    qtbot.keyClicks(palette.line, "theme")
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    marked = palette.list.currentItem().text(0)
    assert palette.list.currentIndex().row() == 1
    with qtbot.waitSignal(palette.chosen) as chosen:
        qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert next(r for r in ACTIONS if r.id == chosen.args[0]).title == marked
    assert not palette.isVisible()
