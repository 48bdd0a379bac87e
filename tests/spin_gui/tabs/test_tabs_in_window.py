"""The tabs along the work, by real clicks and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.jobs.export import ExportDialog
from spin_gui.jobs.fit_dialog import FitDialog
from spin_gui.widgets.page import Page
from spin_gui.widgets.stage import Stage

Key = Qt.Key
LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _read_at_once(monkeypatch):
    monkeypatch.setattr("spin_gui.tabs.project_facts.REST_MS", 0)
    monkeypatch.setattr("spin_gui.tabs.project_facts.REST_AFTER_READING", 0)


def click(qtbot, window, stage):
    qtbot.mouseClick(window.tabs.tabs[stage], LEFT)


def marked(window) -> list[str]:
    tabs = [*window.tabs.tabs.values(), *window.tabs.more.values()]
    return [tab.text() for tab in tabs if tab.isChecked()]


def place(window) -> tuple[Page, bool]:
    return window.page.shown_page, window.page.is_complete and window.page.correcting.editing


PLACES = {
    Stage.IMPORT: (Page.IMPORT, False),
    Stage.FIT: (Page.FIT, False),
    Stage.REVIEW: (Page.SAMPLES, False),
    Stage.CORRECT: (Page.SAMPLES, True),
    Stage.TRAIN: (Page.TRAINING, False),
    Stage.EVALUATE: (Page.EVALUATION, False),
    Stage.EXPORT: (Page.EXPORT, False),
}


def test_a_click_leads_from_any_tab_to_any_other(qtbot, window):
    assert marked(window) == ["Review"]
    for stage in (*Stage, *reversed(Stage), Stage.REVIEW):
        click(qtbot, window, stage)
        click(qtbot, window, stage)  # a second click changes nothing
        assert window.page.shown_page is PLACES[stage][0]
        assert marked(window) == [stage.value]


def test_keys_lead_to_every_tab_and_escape_back(qtbot, window, press):
    for number, stage in enumerate(Stage):
        press(Key(Key.Key_1 + number), CTRL)
        assert place(window) == PLACES[stage]
        press(Key.Key_Escape)
        assert place(window) == PLACES[Stage.REVIEW]
        assert marked(window) == ["Review"]


def test_two_keys_walk_along_the_tabs_and_around(window, press):
    seen = []
    for _ in range(len(Stage)):
        press(Key.Key_PageDown, CTRL)
        seen += marked(window)
    assert seen == ["Correct", "Train", "Evaluate", "Export", "Import", "Fit", "Review"]
    press(Key.Key_PageUp, CTRL)
    assert marked(window) == ["Fit"]


def test_gallery_and_comparison_are_one_click_away_and_so_is_the_way_back(qtbot, window):
    for tab, page in zip(window.tabs.more.values(), (Page.GALLERY, Page.COMPARE), strict=True):
        qtbot.mouseClick(tab, LEFT)
        assert window.page.shown_page is page
        assert marked(window) == [tab.text()]
        click(qtbot, window, Stage.REVIEW)
        assert window.page.shown_page is Page.SAMPLES


def test_a_click_on_a_tab_leaves_the_keys_with_the_samples(qtbot, window, press):
    click(qtbot, window, Stage.TRAIN)
    click(qtbot, window, Stage.REVIEW)
    row = window.page.session.current_row
    press(Key.Key_Space)
    assert window.page.session.current_row == row + 1


def test_numbers_follow_verdicts_and_take_the_same_room(qtbot, window, press):
    tabs = window.tabs.tabs
    qtbot.waitUntil(lambda: tabs[Stage.EXPORT].number == "6")
    assert {stage.value: tab.number for stage, tab in tabs.items()} == {
        "Import": "7",
        "Fit": "1",
        "Review": "6",
        "Correct": "",
        "Train": "",
        "Evaluate": "",
        "Export": "6",
    }
    places = [tab.geometry() for tab in tabs.values()]
    press(Key.Key_X)
    assert tabs[Stage.REVIEW].number == "5"
    assert tabs[Stage.CORRECT].number == "1"
    assert "1 fit rejected" in tabs[Stage.CORRECT].toolTip()
    qtbot.waitUntil(lambda: tabs[Stage.EXPORT].number == "5")
    assert [tab.geometry() for tab in tabs.values()] == places
    press(Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: tabs[Stage.EXPORT].number == "6")


def test_the_tab_correct_opens_who_was_rejected_one_after_the_other(qtbot, window, press):
    session = window.page.session
    for person in (3, 5):
        session.select(person)
        press(Key.Key_X)
    session.select(4)
    click(qtbot, window, Stage.CORRECT)
    assert place(window) == PLACES[Stage.CORRECT]
    assert session.current_id == 5
    click(qtbot, window, Stage.CORRECT)
    assert session.current_id == 3
    click(qtbot, window, Stage.REVIEW)
    click(qtbot, window, Stage.CORRECT)
    assert session.current_id == 3, "who is shown and waits is the one to correct"


def test_the_tab_correct_lists_the_rejected_where_the_list_has_none_of_them(qtbot, window, press):
    session = window.page.session
    session.select(3)
    press(Key.Key_X)
    session.set_query(SampleQuery(verdicts=frozenset({Verdict.NONE})))
    session.select(4)
    press(Key.Key_4, CTRL)
    assert session.current_id == 3
    assert session.sample_ids.tolist() == [3]
    assert place(window) == PLACES[Stage.CORRECT]


def test_no_tabs_are_shown_without_a_project(qtbot, window):
    assert window.tabs.isVisible()
    window.commands["file.close_project"].trigger()
    assert not window.tabs.isVisible()


def words_of(panel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_the_page_of_fits_lists_who_has_none_and_asks_how_to_fit(qtbot, window):
    click(qtbot, window, Stage.FIT)
    panel = window.page.shown_panel
    qtbot.waitUntil(lambda: "1 | person has no fit yet" in words_of(panel))
    assert panel.next_button.text() == "Next: fit 1 person…"
    qtbot.mouseClick(panel.next_button, LEFT)
    (dialog,) = [found for found in window.findChildren(FitDialog) if found.isVisible()]
    dialog.reject()
    qtbot.mouseClick(panel.fact_buttons[0], LEFT)
    assert window.page.session.query == SampleQuery(only_without_fit=True)
    assert place(window) == PLACES[Stage.REVIEW]
    click(qtbot, window, Stage.FIT)
    qtbot.mouseClick(panel.command_buttons["fitting.fit"], LEFT)
    (dialog,) = [found for found in window.findChildren(FitDialog) if found.isVisible()]
    dialog.reject()


def test_the_next_step_rests_while_its_command_does(qtbot, window):
    click(qtbot, window, Stage.FIT)
    panel = window.page.shown_panel
    qtbot.waitUntil(panel.next_button.isVisible)
    assert panel.next_button.isEnabled()
    window.commands["fitting.fit"].setEnabled(False)
    assert not panel.next_button.isEnabled()


def test_the_page_of_imports_leads_on_to_the_next_step(qtbot, window):
    click(qtbot, window, Stage.IMPORT)
    panel = window.page.shown_panel
    qtbot.waitUntil(lambda: "people in 7 pictures" in words_of(panel))
    qtbot.waitUntil(lambda: panel.next_button.text() == "Next: fit 1 person")
    qtbot.mouseClick(panel.next_button, LEFT)
    assert window.page.shown_page is Page.FIT


def test_the_page_of_exports_counts_and_proposes_the_format(qtbot, window, project):
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.ACCEPTED, 2: Verdict.REJECTED}, "maria")
    window.page.session.notice_external_changes()
    click(qtbot, window, Stage.EXPORT)
    panel = window.page.shown_panel
    qtbot.waitUntil(lambda: "5 | fits can be exported | 1 | of them accepted" in words_of(panel))
    assert "1 | rejected: left out" in words_of(panel)
    qtbot.mouseClick(panel.format_buttons["coco-keypoints"], LEFT)
    (dialog,) = window.findChildren(ExportDialog)
    assert dialog.format.currentText() == "Keypoints (COCO's JSON)"
    dialog.reject()


def test_no_verdict_falls_on_a_fit_that_is_not_seen(qtbot, window, press):
    click(qtbot, window, Stage.FIT)
    first = window.page.session.current_id
    press(Key.Key_A)
    press(Key.Key_J)
    assert window.page.session.current_id == first
    assert window.page.session.records.current_fit(first).verdict is Verdict.NONE
    assert "no fit is seen" in window.status.saved.text()


def test_a_queue_leads_to_the_samples_from_every_page(qtbot, window, press):
    press(Key.Key_X)
    click(qtbot, window, Stage.FIT)
    window.commands["review.rejected"].trigger()
    assert place(window) == PLACES[Stage.REVIEW]
    assert [int(sample_id) for sample_id in window.page.session.sample_ids] == [1]
    click(qtbot, window, Stage.TRAIN)
    press(Key.Key_Q)
    assert place(window) == PLACES[Stage.REVIEW]
    assert 1 not in window.page.session.sample_ids


def test_tab_leads_to_the_buttons_of_a_page(qtbot, window, press):
    press(Key.Key_1, CTRL)
    panel = window.page.shown_panel
    qtbot.waitUntil(panel.next_button.isVisible)
    assert window.focusWidget() is panel
    for _ in range(3):
        press(Key.Key_Tab)
        if window.focusWidget() is panel.next_button:
            break
    press(Key.Key_Space)
    assert window.page.shown_page is Page.FIT
