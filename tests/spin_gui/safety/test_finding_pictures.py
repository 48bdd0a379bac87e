"""Pictures that moved are found again in the window, as one step of undo."""

from __future__ import annotations

import shutil

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.dictionary.store import Dictionary
from spin_gui.safety.find_pictures import ALL_THERE, FindPicturesDialog
from spin_gui.screenshots.screenshot import PaintedWaiter
from spin_gui.widgets.paths import breakable


@pytest.fixture
def moved(window, tmp_path):
    """Every picture of the open project in another folder."""
    folder = tmp_path / "disk" / "photos"
    folder.mkdir(parents=True)
    for picture in tmp_path.glob("*.png"):
        shutil.move(picture, folder)
    return folder


def asked(qtbot, window) -> FindPicturesDialog:
    window.commands["file.find_pictures"].trigger()
    (dialog,) = [widget for widget in window.findChildren(FindPicturesDialog) if widget.isVisible()]
    qtbot.waitUntil(lambda: not dialog.progress.isVisible(), timeout=20_000)
    return dialog


def search(qtbot, dialog, folder) -> None:
    dialog.folder.set_path(folder)
    with qtbot.waitSignal(dialog.searched, timeout=20_000):
        qtbot.mouseClick(dialog.search_button, Qt.MouseButton.LeftButton)


def paths(window) -> set:
    dictionary = window.page.session.dictionary
    return {picture.path for picture in dictionary.pictures.all()}


def test_pictures_are_found_used_taken_back_and_found_again(qtbot, window, moved, tmp_path):
    before = paths(window)
    dialog = asked(qtbot, window)
    assert dialog.state.text().startswith(f"{len(before)} of {len(before)} pictures are not")
    assert not dialog.search_button.isEnabled()
    search(qtbot, dialog, tmp_path / "disk")
    assert f"Found: {len(before)}" in dialog.findings.toPlainText()
    assert f"{len(before)} × {tmp_path} → {moved}" in dialog.findings.toPlainText()
    qtbot.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    assert paths(window) == {moved / path.name for path in before}
    assert window.page.session.records.sample(1).picture_path.parent == moved
    assert f"Find {len(before)} pictures – saved" in window.status.saved.text()
    window.commands["edit.undo"].trigger()
    assert paths(window) == before
    assert window.page.session.records.sample(1).picture_path.parent == tmp_path
    window.commands["edit.redo"].trigger()
    assert {path.parent for path in paths(window)} == {moved}


def test_the_missing_picture_leads_to_the_search_and_is_shown_once_it_is_found(
    qtbot, window, moved, tmp_path
):
    page = window.page
    page.session.go_next()
    PaintedWaiter(page).wait()
    assert page.parts.missing_picture.isVisible()
    text = page.parts.missing_picture.text
    assert breakable(str(tmp_path)) in text.text()
    assert text.height() >= text.heightForWidth(text.width()), "all of it can be read"
    qtbot.mouseClick(page.parts.missing_picture.button, Qt.MouseButton.LeftButton)
    (dialog,) = [widget for widget in window.findChildren(FindPicturesDialog) if widget.isVisible()]
    qtbot.waitUntil(lambda: not dialog.progress.isVisible(), timeout=20_000)
    search(qtbot, dialog, moved)
    qtbot.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not page.parts.missing_picture.isVisible(), timeout=20_000)
    row = page.session.records.row(page.session.current_id)
    qtbot.waitUntil(lambda: page.tools.thumbnails.pixmap(row) is not None, timeout=20_000)
    assert page.tools.thumbnails.problem(row) == ""


def test_what_is_ambiguous_or_of_another_size_is_told_and_not_taken(qtbot, window, moved, tmp_path):
    (moved / "copy").mkdir()
    shutil.copy(moved / "person_0001.png", moved / "copy")
    cv2.imwrite(str(moved / "person_0002.png"), np.zeros((10, 10, 3), np.uint8))
    dialog = asked(qtbot, window)
    search(qtbot, dialog, tmp_path / "disk")
    told = dialog.findings.toPlainText()
    assert "Not found: 1, several pictures would fit" in told
    assert "Not found: 1, a picture of another size is there" in told
    qtbot.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)
    left = {path.name for path in paths(window) if path.parent == tmp_path}
    assert left == {"person_0001.png", "person_0002.png"}


def test_nothing_can_be_used_before_something_was_found(qtbot, window, moved, tmp_path):
    dialog = asked(qtbot, window)
    (tmp_path / "empty").mkdir()
    search(qtbot, dialog, tmp_path / "empty")
    assert not dialog.use_button.isEnabled()
    search(qtbot, dialog, moved)
    assert dialog.use_button.isEnabled()
    dialog.folder.set_path(tmp_path / "empty")
    assert not dialog.use_button.isEnabled(), "what was found was found elsewhere"
    dialog.reject()


def test_a_project_whose_pictures_are_all_there_says_so(qtbot, window):
    dialog = asked(qtbot, window)
    assert dialog.state.text() == ALL_THERE
    dialog.reject()
    assert not window.page.parts.missing_picture.isVisible()


def test_a_relink_by_another_process_is_seen_in_the_views(qtbot, window, moved):
    page = window.page
    page.session.go_next()
    PaintedWaiter(page).wait()
    assert page.parts.missing_picture.isVisible()
    with Dictionary.open(page.session.project) as other:
        other.pictures.move(
            {picture.path: moved / picture.path.name for picture in other.pictures.all()}
        )
    page.session.notice_external_changes()
    qtbot.waitUntil(lambda: not page.parts.missing_picture.isVisible(), timeout=20_000)
