"""The bar of verdicts, clicked as a person would."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.types.fits import RejectReason, Verdict
from spin_gui.samples.progress import reasons_text
from spin_gui.samples.verdict_bar import VerdictBar
from spin_gui.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


@pytest.fixture
def bar(window: MainWindow) -> VerdictBar:
    return window.page.parts.verdicts


def verdict_of(window: MainWindow, sample_id: int) -> Verdict:
    return window.page.session.records.current_fit(sample_id).verdict


def down(bar: VerdictBar) -> list[str]:
    return [action_id for action_id, button in bar.buttons.items() if button.isChecked()]


def test_each_button_gives_its_verdict_and_the_next_sample_comes(
    qtbot: QtBot, window: MainWindow, bar: VerdictBar
) -> None:
    wanted = {
        "review.accept": Verdict.ACCEPTED,
        "review.reject": Verdict.REJECTED,
        "review.unsure": Verdict.UNSURE,
    }
    session = window.page.session
    for action_id, verdict in wanted.items():
        judged = session.current_id
        qtbot.mouseClick(bar.buttons[action_id], LEFT)
        assert verdict_of(window, judged) is verdict
        assert session.current_id != judged
        assert down(bar) == [], "the next one is not reviewed yet"
    session.go_first()
    assert down(bar) == ["review.accept"]
    qtbot.mouseClick(bar.buttons["review.clear"], LEFT)
    session.go_first()
    assert down(bar) == []


def test_undo_takes_the_verdict_back_and_rests_without_one(
    qtbot: QtBot, window: MainWindow, bar: VerdictBar
) -> None:
    undo = bar.buttons["edit.undo"]
    assert not undo.isEnabled()
    qtbot.mouseClick(bar.buttons["review.accept"], LEFT)
    assert "Accept" in undo.toolTip()
    qtbot.mouseClick(undo, LEFT)
    assert verdict_of(window, 1) is Verdict.NONE
    assert window.page.session.current_id == 1


def test_the_bar_says_what_remains_and_how_fast_it_goes(
    window: MainWindow, bar: VerdictBar, press
) -> None:
    assert bar.remaining.text() == "6 to review"
    assert bar.pace.text() == ""
    press(Key.Key_A)
    press(Key.Key_X)
    assert bar.remaining.text() == "4 to review"
    assert "a minute" in bar.pace.text()
    assert "more" in bar.pace.text()


def test_the_buttons_never_move(window: MainWindow, bar: VerdictBar, press) -> None:
    before = [button.geometry() for button in bar.buttons.values()]
    top = bar.mapTo(window, bar.rect().topLeft())
    for key in (Key.Key_A, Key.Key_X, Key.Key_U, Key.Key_M, Key.Key_3):
        press(key)
    press(Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    selected = len(window.page.session.selected_ids)
    assert selected > 1
    assert bar.selected.text() == f"for {selected} samples"
    window.commands["view.grid"].setChecked(True)
    bar.window().layout().activate()
    assert [button.geometry() for button in bar.buttons.values()] == before
    assert bar.mapTo(window, bar.rect().topLeft()) == top


def test_a_click_leaves_the_focus_where_it_was(
    qtbot: QtBot, window: MainWindow, bar: VerdictBar, press
) -> None:
    qtbot.mouseClick(bar.buttons["review.accept"], LEFT)
    press(Key.Key_Space)
    assert window.page.session.current_id == 3, "Space goes on, and presses no button"


def test_buttons_follow_keys_that_were_changed(window: MainWindow, bar: VerdictBar) -> None:
    button = bar.buttons["review.unsure"]
    assert button.text() == "Unsure  U"
    window.set_keys(window.commands.keys.with_keys("review.unsure", ("Z",)))
    assert button.text() == "Unsure  Z"
    window.set_keys(window.commands.keys.with_default("review.unsure"))


def test_a_reason_is_chosen_by_keys_kept_shown_and_taken_back(
    qtbot: QtBot, window: MainWindow, bar: VerdictBar, press
) -> None:
    press(Key.Key_X, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(bar.reasons.isVisible)
    qtbot.keyClick(bar.reasons, Key.Key_2)
    qtbot.waitUntil(lambda: not bar.reasons.isVisible())
    window.activateWindow()  # offscreen, closing a menu leaves no window active
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    session = window.page.session
    assert session.current_id == 2
    fit = session.records.current_fit(1)
    assert (fit.verdict, fit.reject_reason) == (Verdict.REJECTED, RejectReason.LIMB)
    assert "an arm, a leg" in window.status.saved.text()
    session.go_first()
    details = window.page.parts.details
    qtbot.waitUntil(lambda: "an arm, a leg" in details.verdict_by.text())
    qtbot.waitUntil(lambda: "(an arm, a leg" in details.events.text())
    press(Key.Key_5, Qt.KeyboardModifier.AltModifier)
    assert session.records.current_fit(1).reject_reason is RejectReason.SHAPE
    for reason in (RejectReason.LIMB, None):
        press(Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert session.records.current_fit(1).reject_reason is reason
    assert verdict_of(window, 1) is Verdict.NONE


def test_a_reason_is_chosen_with_the_mouse_for_all_that_are_selected(
    qtbot: QtBot, window: MainWindow, bar: VerdictBar
) -> None:
    window.page.session.set_selected([1, 2])
    qtbot.mouseClick(bar.why, LEFT)
    qtbot.waitUntil(bar.reasons.isVisible)
    chosen = bar.reasons.actions()[0]
    qtbot.mouseClick(bar.reasons, LEFT, pos=bar.reasons.actionGeometry(chosen).center())
    reasons = window.page.session.dictionary.verdicts.reject_reasons()
    assert reasons == {RejectReason.ORIENTATION: 2}
    assert reasons_text(reasons) == "Rejected because: the body faces or lies the wrong way 2."


def test_a_job_moves_no_button(qtbot: QtBot, window: MainWindow, bar: VerdictBar) -> None:
    accept = bar.buttons["review.accept"]
    qtbot.waitUntil(accept.isVisible)

    def place() -> tuple[int, int]:
        corner = accept.mapTo(window, accept.rect().topLeft())
        return corner.x(), corner.y()

    before = place()
    window.job_panel.begin("Testing")
    assert window.job_panel.isVisible()
    window.centralWidget().layout().activate()
    assert place() == before
    window.job_panel.end("Tested.", offer="Do more")
    window.centralWidget().layout().activate()
    assert place() == before
