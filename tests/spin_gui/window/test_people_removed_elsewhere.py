"""Who is removed by another process while the window shows or works on them is gone, no error."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.dictionary.store import Dictionary
from spin_gui.gallery.gallery_rows import GALLERY_ROW_ROLE, GalleryRow
from spin_gui.reviewers.comments_dialog import CommentsDialog
from spin_gui.session.removed_people import GONE
from spin_gui.session.session import REMOVED_ELSEWHERE
from spin_gui.widgets.page import Page

LEFT, NOTHING = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
Key = Qt.Key
WAIT_MS = 90_000


@pytest.fixture
def project(flagged_project):
    return flagged_project


def key(window, what, modifiers=NOTHING):
    QTest.keyClick(QApplication.focusWidget() or window, what, modifiers)


def remove(window, *people):
    """As another process does, before the window has looked for what others wrote."""
    with Dictionary.open(window.page.session.project) as elsewhere:
        elsewhere.removals.people(people)


def listed(window):
    return window.page.session.sample_ids.tolist()


def test_the_gallery_paints_who_is_gone_as_gone_and_reads_its_list_again(qtbot, window):
    key(window, Key.Key_8, CONTROL)
    assert window.page.shown_page is Page.GALLERY
    gallery = window.page.shown_panel
    qtbot.waitUntil(lambda: gallery.model.rowCount() > 1)
    gone = int(gallery.model.ids[0])
    remove(window, gone)
    gallery.model.forget({gone})
    shown = gallery.model.index(0, 0)
    assert shown.data(GALLERY_ROW_ROLE) is None
    assert shown.data(Qt.ItemDataRole.DisplayRole) == GONE
    assert isinstance(gallery.model.index(1, 0).data(GALLERY_ROW_ROLE), GalleryRow)
    gallery.view.viewport().update()
    gallery.view.grab()
    qtbot.waitUntil(lambda: gone not in gallery.model.ids.tolist())


def test_a_gallery_row_that_is_gone_is_opened_and_judged_without_an_error(qtbot, window):
    key(window, Key.Key_8, CONTROL)
    gallery = window.page.shown_panel
    qtbot.waitUntil(lambda: gallery.model.rowCount() > 1)
    gone = int(gallery.model.ids[0])
    gallery.view.go_to_row(0)
    remove(window, gone)
    gallery.model.forget({gone})
    key(window, Key.Key_A)
    key(window, Key.Key_Return)
    assert window.errors.dialog is None
    assert window.page.session.current_id != gone


def test_the_comparison_says_who_is_gone_and_follows_the_list(qtbot, window):
    session = window.page.session
    key(window, Key.Key_9, CONTROL)
    assert window.page.shown_page is Page.COMPARE
    panel = window.page.shown_panel
    gone = session.current_id
    remove(window, gone)
    panel.refresh()
    assert panel.name.text() == GONE
    session.take_in_changes()
    assert session.current_id not in (gone, None)
    assert panel.name.text() == session.records.row(session.current_id).name


def test_a_body_whose_person_is_removed_while_it_is_made_is_let_go(qtbot, window):
    proposals = window.page.correcting.proposals
    key(window, Key.Key_F5)
    assert proposals.busy
    remove(window, 1)
    qtbot.waitUntil(lambda: not proposals.busy, timeout=WAIT_MS)
    assert proposals.pending == []
    assert window.errors.dialog is None
    assert 1 not in listed(window)
    assert window.status.saved.text() == REMOVED_ELSEWHERE


def test_a_waiting_body_of_who_is_gone_is_neither_kept_nor_an_error(qtbot, window):
    proposals = window.page.correcting.proposals
    key(window, Key.Key_1, SHIFT)
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=WAIT_MS)
    remove(window, 1)
    key(window, Key.Key_Return)
    assert window.errors.dialog is None
    assert 1 not in listed(window)
    assert window.status.saved.text() == REMOVED_ELSEWHERE
    key(window, Key.Key_Z, CONTROL)
    assert window.errors.dialog is None
    assert window.page.session.current_id != 1


def test_keeping_is_undone_without_an_error_although_the_person_is_gone(qtbot, window):
    proposals = window.page.correcting.proposals
    key(window, Key.Key_1, SHIFT)
    qtbot.waitUntil(lambda: proposals.current is not None, timeout=WAIT_MS)
    key(window, Key.Key_Return)
    remove(window, 1)
    for _ in range(2):
        key(window, Key.Key_Z, CONTROL)
    assert window.errors.dialog is None
    assert 1 not in listed(window)
    assert window.page.session.dictionary.problems() == []


def test_what_was_typed_about_who_is_gone_stays_to_be_copied(qtbot, window):
    window.commands["reviewers.comment"].trigger()
    (dialog,) = window.findChildren(CommentsDialog)
    QTest.keyClicks(dialog.line, "Look at the left arm.")
    remove(window, 1)
    QTest.mouseClick(dialog.add_button, LEFT)
    assert dialog.left.text() == GONE
    assert dialog.line.toPlainText() == "Look at the left arm."
    assert not dialog.add_button.isEnabled()
    assert window.errors.dialog is None
    QTest.keyClick(dialog, Key.Key_Escape)


def test_comments_of_who_is_gone_open_empty(qtbot, window):
    remove(window, 1)
    window.commands["reviewers.comment"].trigger()
    (dialog,) = window.findChildren(CommentsDialog)
    assert dialog.left.text() == GONE
    QTest.keyClick(dialog, Key.Key_Escape)


def test_who_is_gone_is_not_selected(window):
    session = window.page.session
    remove(window, 4)
    session.select(4)
    assert session.current_id == 1
    assert 4 not in listed(window)


def test_details_of_who_is_gone_show_no_one(qtbot, window):
    details = window.page.parts.details
    remove(window, 1)
    details.update_now()
    assert details.pages.currentWidget() is details.nothing_chosen
