"""A changed body that was not kept is asked about wherever its project goes away."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from core.dictionary.recovery.backups import back_up
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.fits import Origin
from spin_gui.safety.restore_dialog import RestoreDialog
from spin_gui.viewer.sample_scene import Column
from spin_gui.window.closing.unkept_question import question
from tests.spin_gui.small_project import make_project

LEFT, NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
WAIT_MS = 30000


class Answerer(QObject):
    """Answers the questions that come up with a key or a click each, and keeps their texts."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._answers: list[Qt.Key | str] = []
        self._timer = QTimer(self, interval=20)
        self._timer.timeout.connect(self._answer)
        self._timer.start()

    def will(self, *answers: Qt.Key | str) -> None:
        """A key to press, or the words on the button to click, for each question to come."""
        self._answers += answers

    def _answer(self) -> None:
        box = QApplication.activeModalWidget()
        focus = QApplication.focusWidget()
        if not isinstance(box, QMessageBox) or focus is None or not box.isAncestorOf(focus):
            return  # it is not up yet, and keys would go elsewhere
        self.asked.append(box.text())
        answer = self._answers.pop(0) if self._answers else Qt.Key.Key_Escape
        if isinstance(answer, str):
            (button,) = [item for item in box.buttons() if item.text().replace("&", "") == answer]
            QTest.mouseClick(button, LEFT)
        else:
            QTest.keyClick(focus, answer)


@pytest.fixture
def answers(qtbot):
    answerer = Answerer()
    yield answerer
    answerer._timer.stop()
    assert not answerer._answers, "these were never asked for"


@pytest.fixture
def changed(window, qtbot):
    """The first person's left arm is mirrored, and nothing was kept."""
    proposals = window.page.correcting.proposals
    key(window, Qt.Key.Key_1, SHIFT)
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=WAIT_MS)
    return proposals


def key(window, what, modifiers=NOTHING):
    target = QApplication.focusWidget()
    QTest.keyClick(window if target is None else target, what, modifiers)


def current_of(project, sample_id=1):
    with Dictionary.open(project) as dictionary:
        return dictionary.fits.current_of(sample_id)


def close_window(window):
    window.close()


def quit_by_key(window):
    key(window, Qt.Key.Key_Q, CONTROL)


def close_project(window):
    key(window, Qt.Key.Key_W, CONTROL)


@pytest.mark.parametrize("leave", [close_window, quit_by_key, close_project])
def test_return_keeps_the_body_before_the_project_goes(window, changed, answers, project, leave):
    before = window.page.session.records.current_fit(1).id
    answers.will(Qt.Key.Key_Return)
    leave(window)
    assert len(answers.asked) == 1
    assert "was not kept yet" in answers.asked[0]
    assert window.page is None
    kept = current_of(project)
    assert (kept.origin, kept.made_from_fit_id) == (Origin.CORRECTED, before)


@pytest.mark.parametrize("leave", [close_window, quit_by_key, close_project])
def test_escape_stays_with_the_body_as_it_was(window, qtbot, changed, answers, leave):
    answers.will(Qt.Key.Key_Escape)
    leave(window)
    assert window.isVisible()
    assert changed.current is not None
    qtbot.waitUntil(window.isActiveWindow)
    key(window, Qt.Key.Key_Return)
    assert window.page.session.records.current_fit(1).origin is Origin.CORRECTED
    leave(window)
    assert len(answers.asked) == 1, "a kept body is asked about no more"
    assert window.page is None


def test_discarded_bodies_are_gone_with_the_project(window, changed, answers, project):
    before = window.page.session.records.current_fit(1).id
    answers.will("Discard")
    close_window(window)
    assert not window.isVisible()
    assert current_of(project).id == before


def test_without_changed_bodies_nothing_is_asked(window, changed, answers):
    key(window, Qt.Key.Key_Escape)
    assert not changed.pending
    close_project(window)
    assert window.page is None
    assert answers.asked == []


def test_another_project_is_opened_only_once_the_body_was_decided_on(
    window, changed, answers, tmp_path, project
):
    (tmp_path / "second").mkdir()
    other = make_project(tmp_path / "second")
    answers.will("Cancel", "Keep")
    assert not window.open_project(other)
    assert window.page.session.project == project
    assert window.status.saved.text() == f"{other.name} was not opened."
    assert changed.current is not None
    assert window.open_project(other)
    assert window.page.session.project == other
    assert current_of(project).origin is Origin.CORRECTED


def test_a_recent_project_asks_as_well(window, changed, answers, tmp_path, project, qtbot):
    (tmp_path / "second").mkdir()
    other = make_project(tmp_path / "second")
    window.settings.remember_project(other)
    answers.will(Qt.Key.Key_Escape)
    menu = window.commands["file.open_recent"].menu()
    menu.popup(window.mapToGlobal(window.rect().center()))
    (entry,) = [action for action in menu.actions() if action.data() == other]
    QTest.mouseClick(menu, LEFT, NOTHING, menu.actionGeometry(entry).center())
    assert len(answers.asked) == 1
    assert window.page.session.project == project


def test_what_is_not_kept_yet_is_asked_about_before_a_backup_is_restored(
    window, changed, answers, project
):
    back_up(project)
    answers.will(Qt.Key.Key_Escape)
    window.commands["file.restore"].trigger()
    (dialog,) = window.findChildren(RestoreDialog)
    dialog.accept()
    assert len(answers.asked) == 1
    assert window.page is not None
    assert not window.job_controller.busy


def test_all_changed_bodies_are_kept_and_discarding_can_be_taken_back(
    window, changed, answers, qtbot, project
):
    window.page.session.select(2)
    key(window, Qt.Key.Key_3, SHIFT)
    qtbot.waitUntil(lambda: len(changed.pending) == 2, timeout=WAIT_MS)
    window.page.session.select(3)
    changed.discard_all()
    assert changed.pending == []
    for _ in range(2):
        key(window, Qt.Key.Key_Z, CONTROL)
    assert sorted(changed.pending) == [1, 2]
    answers.will("Keep")
    close_window(window)
    assert answers.asked[0].startswith("2 changed bodies were not kept yet: “")
    assert [current_of(project, person).origin for person in (1, 2)] == [Origin.CORRECTED] * 2


def test_a_body_that_cannot_be_kept_holds_the_window_back_and_says_why(
    window, changed, answers, monkeypatch
):
    def full(*_args, **_named):
        raise DictionaryError("The disk is full.", remedy="Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(window.page.session.dictionary.corrections, "keep_fit", full)
        answers.will("Keep")
        close_window(window)
    assert window.isVisible()
    assert changed.current is not None
    texts = [label.text() for label in window.errors.dialog.findChildren(QLabel)]
    assert "Make room." in texts
    window.errors.dialog.accept()


def test_the_body_of_a_person_who_was_removed_is_not_asked_about(window, changed, answers):
    key(window, Qt.Key.Key_Escape, NOTHING)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert changed.pending == [1]
    with Dictionary.open(window.page.session.project) as elsewhere:
        elsewhere.removals.people([1])
    assert changed.pending == []
    close_window(window)
    assert answers.asked == []
    assert not window.isVisible()


def test_a_body_that_is_still_being_moved_is_stored_when_the_window_closes(window, qtbot, project):
    key(window, Qt.Key.Key_Z)
    page = window.page
    qtbot.waitUntil(lambda: page.correcting.correctors.is_ready, timeout=WAIT_MS)
    canvas = page.views.board.canvases[0, Column.CURRENT]
    qtbot.waitUntil(lambda: canvas.frame and canvas.frame.handles is not None, timeout=WAIT_MS)
    key(window, Qt.Key.Key_N, SHIFT)
    drags = page.correcting.dragging
    key(window, Qt.Key.Key_Up, SHIFT)
    qtbot.waitUntil(
        lambda: drags._live is not None and drags._live.parameters is not drags._live.start,
        timeout=WAIT_MS,
    )
    close_window(window)
    assert not window.isVisible()
    assert current_of(project).origin is Origin.CORRECTED


def test_the_system_ends_the_program_without_a_question(window, changed, answers):
    window.leaving.stop_and_close()
    assert not window.isVisible()
    assert answers.asked == []


def test_a_few_are_named_and_many_counted() -> None:
    assert question(["Ann"]) == "The changed body of “Ann” was not kept yet. Keep it?"
    assert "“a”, “b”, “c” and 2 more" in question(["a", "b", "c", "d", "e"])
