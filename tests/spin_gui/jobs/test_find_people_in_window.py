"""Pictures dropped on the window become people, and people become bodies, in three actions."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPushButton

from core.dictionary.store import Dictionary
from core.geometry.boxes import Box
from core.progress import CancelToken
from core.types.keypoint_sources import KeypointSource
from core.workflows.demo_report import DEMO_SETTING
from core.workflows.photos.picture_files import PlainFiles, plain_files
from spin_gui.correcting.pictures_without_people import PicturesWithoutPeopleDialog
from spin_gui.jobs.find_people import FindPeopleDialog, proposed_project
from spin_gui.jobs.import_annotations import ImportDialog
from spin_gui.jobs.import_predictions import ImportPredictionsDialog
from spin_gui.jobs.problem_report import ReportDialog
from spin_gui.window.main_window import MainWindow
from tests.core.pictures.made_videos import make_video
from tests.core.workflows.photos.scripted_finder import person_at
from tests.core.workflows.photos.test_import_photos import BLACK, write_picture

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        write_picture(folder / name)
    return folder


def drop(window: MainWindow, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, action, keys = QPointF(5, 5), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), action, data, LEFT, keys)
    window.dragEnterEvent(entered)
    if entered.isAccepted():
        window.dropEvent(QDropEvent(at, action, data, LEFT, keys))


def dialog_of(window: MainWindow, kind: type) -> FindPeopleDialog:
    (dialog,) = [widget for widget in window.findChildren(kind) if widget.isVisible()]
    if isinstance(dialog, FindPeopleDialog):
        deadline = time.monotonic() + 10
        while dialog._found.text() == "Looking…" and time.monotonic() < deadline:
            QTest.qWait(10)
    return dialog


def wait_for_end(qtbot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.job_controller.runner.busy, timeout=20_000)


def test_a_dropped_folder_becomes_a_project_with_people_and_then_bodies(qtbot, window, photos):
    window.close_project()
    drop(window, photos)
    dialog = dialog_of(window, FindPeopleDialog)
    assert "2 pictures" in dialog._found.text()
    qtbot.mouseClick(dialog.find_button, LEFT)
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)
    session = window.page.session
    assert session.project == photos.parent / "holiday_project"
    assert len(session.sample_ids) == 2
    panel = window.job_panel
    qtbot.waitUntil(panel.offer_button.isVisible, timeout=5000)
    assert "2 people found" in panel.text.text()
    qtbot.mouseClick(panel.offer_button, LEFT)
    assert not panel.offer_button.isVisible()
    wait_for_end(qtbot, window)
    assert set(session.dictionary.fits.current(session.sample_ids.tolist())) == {1, 2}


def test_the_button_that_fits_the_people_found_leaves_the_keys_to_verdicts(qtbot, window, photos):
    drop(window, photos)
    qtbot.mouseClick(dialog_of(window, FindPeopleDialog).find_button, LEFT)
    panel, page = window.job_panel, window.page
    qtbot.waitUntil(panel.offer_button.isVisible, timeout=20_000)
    page.setFocus()
    qtbot.mouseClick(panel.offer_button, LEFT)
    wait_for_end(qtbot, window)
    assert not isinstance(window.focusWidget(), QLineEdit | QAbstractButton)


def test_pictures_are_added_to_the_open_project(qtbot, window, photos):
    session = window.page.session
    before = len(session.sample_ids)
    drop(window, photos / "a.jpg", photos / "b.jpg")
    dialog = dialog_of(window, FindPeopleDialog)
    assert dialog.targets.checkedButton().text() == f"Add them to {session.project.name}"
    qtbot.mouseClick(dialog.find_button, LEFT)
    qtbot.waitUntil(lambda: len(session.sample_ids) == before + 2, timeout=20_000)
    wait_for_end(qtbot, window)
    assert window.page.session is session


def test_beside_a_demo_a_new_project_is_proposed(qtbot, window, photos):
    window.page.session.dictionary.settings.set(DEMO_SETTING, "complete")
    drop(window, photos)
    dialog = dialog_of(window, FindPeopleDialog)
    assert dialog.targets.checkedButton().text() == "Make a new project"
    assert dialog.choice().project == photos.parent / "holiday_project"
    dialog.reject()


def test_pictures_without_people_and_broken_ones_are_told(qtbot, window, photos):
    write_picture(photos / "empty.png", BLACK)
    (photos / "broken.jpg").write_bytes(b"no picture")
    drop(window, photos)
    qtbot.mouseClick(dialog_of(window, FindPeopleDialog).find_button, LEFT)
    qtbot.waitUntil(
        lambda: any(widget.isVisible() for widget in window.findChildren(ReportDialog)),
        timeout=20_000,
    )
    told = " ".join(label.text() for label in dialog_of(window, ReportDialog).findChildren(QLabel))
    assert "1 picture without people" in told
    assert "1 without people · 1 problem" in window.job_panel.text.text()
    qtbot.mouseClick(dialog_of(window, ReportDialog).offer_button, LEFT)
    qtbot.waitUntil(lambda: bool(shown(window, PicturesWithoutPeopleDialog)), timeout=5000)
    dialog_of(window, PicturesWithoutPeopleDialog).reject()


def test_a_person_whom_the_detector_missed_is_drawn_measured_and_fitted(qtbot, window, photos):
    for name in ("a.jpg", "b.jpg"):
        write_picture(photos / name, BLACK)
    window.close_project()
    drop(window, photos)
    qtbot.mouseClick(dialog_of(window, FindPeopleDialog).find_button, LEFT)
    qtbot.waitUntil(window.job_panel.aside_button.isVisible, timeout=20_000)
    assert not shown(window, ReportDialog)  # nothing stands in the way
    assert not window.job_panel.offer_button.isVisible()
    session = window.page.session
    assert len(session.sample_ids) == 0
    write_picture(photos / "b.jpg")  # what the detector sees there from now on
    qtbot.mouseClick(window.job_panel.aside_button, LEFT)
    qtbot.waitUntil(lambda: bool(shown(window, PicturesWithoutPeopleDialog)), timeout=5000)
    dialog = dialog_of(window, PicturesWithoutPeopleDialog)
    assert [dialog.list.item(row).text() for row in range(2)] == ["a.jpg", "b.jpg"]
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    drag(dialog.canvas, (20.0, 20.0), (70.0, 60.0))
    qtbot.waitUntil(lambda: session.current_id is not None, timeout=5000)
    qtbot.waitUntil(window.job_panel.offer_button.isVisible, timeout=20_000)
    sample = session.records.sample(session.current_id)
    assert (sample.name, sample.box.side_px) == ("b.jpg · drawn 1", pytest.approx(60.0, abs=1.0))
    assert (sample.keypoints_px == person_at(30, 30).keypoints_px).all()
    assert window.job_panel.offer_button.text() == "Fit a body"
    qtbot.mouseClick(window.job_panel.offer_button, LEFT)
    wait_for_end(qtbot, window)
    assert session.dictionary.fits.current([sample.id])
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert len(session.dictionary.detections.without_people()) == 2


def test_without_such_pictures_the_command_says_so(qtbot, window):
    with qtbot.waitSignal(window.page.session.noticed, timeout=5000) as told:
        window.commands["correct.without_people"].trigger()
    assert told.args == ["Every picture that was looked at has people."]


def test_a_picture_that_is_gone_is_named_and_takes_no_box(qtbot, window, photos):
    dialog = PicturesWithoutPeopleDialog([photos / "gone.jpg"], window)
    dialog.show()
    qtbot.waitUntil(dialog.isVisible)
    drag(dialog.canvas, None, None)
    assert dialog.choice() is None
    assert dialog.isVisible()
    dialog.reject()


def shown(window: MainWindow, kind: type) -> list[object]:
    return [widget for widget in window.findChildren(kind) if widget.isVisible()]


def drag(canvas, first_px, second_px) -> None:
    """Drag between two points of the picture, or across the widget where it shows none."""
    if canvas.view is None:
        places = [QPoint(100, 100), QPoint(300, 300)]
    else:
        places = [
            QPointF(*canvas.view.to_view(*point)).toPoint() for point in (first_px, second_px)
        ]
    QTest.mousePress(canvas, LEFT, Qt.KeyboardModifier.NoModifier, places[0])
    QTest.mouseMove(canvas, places[1])
    QTest.mouseRelease(canvas, LEFT, Qt.KeyboardModifier.NoModifier, places[1])


def test_a_video_asks_which_frames(qtbot, window, tmp_path):
    drop(window, make_video(tmp_path / "walk.mp4", size_px=(64, 48), frames=6))
    dialog = dialog_of(window, FindPeopleDialog)
    assert dialog.every.isVisible()
    assert dialog.choice().every is None
    dialog.every.setValue(3)
    assert dialog.choice().every == 3
    dialog.reject()


def test_frames_are_not_asked_for_where_there_is_no_video(window, photos):
    drop(window, photos)
    dialog = dialog_of(window, FindPeopleDialog)
    assert not dialog.every.isVisible()
    dialog.reject()


def test_annotations_and_projects_are_dropped_as_before(window, photos, tmp_path):
    file = tmp_path / "people.json"
    file.write_text('{"images": [], "annotations": []}')
    drop(window, file)
    dialog_of(window, ImportDialog).reject()


def test_a_dropped_file_of_no_use_is_named_for_what_it_is(window, tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("nothing")
    drop(window, text)
    dialog = dialog_of(window, ImportDialog)
    assert "no JSON file" in dialog.state.text()
    assert not dialog.import_button.isEnabled()
    dialog.reject()
    assert not any(widget.isVisible() for widget in window.findChildren(FindPeopleDialog))


@pytest.mark.parametrize("name", ["eft.npz", "annotations.json"])
def test_dropped_bodies_are_asked_about_as_bodies_whatever_their_name(window, tmp_path, name):
    target = tmp_path / name
    with target.open("wb") as file:
        np.savez(file, imgname=np.array(["a.jpg"]), pose=np.zeros((1, 72)), betas=np.zeros((1, 10)))
    drop(window, target)
    dialog = dialog_of(window, ImportPredictionsDialog)
    assert dialog.file.path == target
    assert dialog.choice().name == target.stem
    dialog.reject()


def test_two_files_that_are_no_pictures_are_not_taken(window, tmp_path):
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for file in files:
        file.write_text("[]")
    drop(window, *files)
    assert not any(widget.isVisible() for widget in window.findChildren(ImportDialog))


def test_the_welcome_page_asks_for_pictures(qtbot, window):
    window.close_project()
    (button,) = [
        widget
        for widget in window.welcome.findChildren(QPushButton)
        if widget.text() == "Find people in pictures…"
    ]
    qtbot.mouseClick(button, LEFT)
    dialog = dialog_of(window, FindPeopleDialog)
    assert not dialog.find_button.isEnabled()
    dialog.reject()


def test_a_new_project_takes_a_free_name(photos):
    assert proposed_project(photos / "a.jpg") == photos.parent / "holiday_project"
    Dictionary.create(photos.parent / "holiday_project").close()
    assert proposed_project(photos) == photos.parent / "holiday_project_2"


def test_next_to_pictures_that_cannot_be_written_to_no_project_is_proposed(photos, monkeypatch):
    monkeypatch.setattr("spin_gui.jobs.find_people.os.access", lambda *_: False)
    assert proposed_project(photos).parent == Path.home()


# A person who was missed


@pytest.fixture
def red_picture(window, photos):
    """The open project with the people of a red picture, the first of them current."""
    session = window.page.session
    with Dictionary.open(session.project) as dictionary:
        sample = dictionary.samples.get(1)
    write_picture(sample.picture_path)
    session.select(1)
    return session


def test_a_drawn_person_gets_keypoints_in_one_step_of_undo(qtbot, window, red_picture):
    session, edits = red_picture, window.page.correcting.edits
    drawn = edits.draw_person(Box(45.0, 45.0, 60.0))
    wait_for_end(qtbot, window)
    sample = session.records.sample(drawn)
    assert (sample.keypoints_px == person_at(30, 30).keypoints_px).all()
    assert set(sample.keypoint_sources) == {KeypointSource.DETECTED}
    assert drawn in session.dictionary.detections.get_many([drawn])
    session.undo_stack.undo()
    assert not session.records.sample(drawn).keypoints_px.any()
    session.undo_stack.redo()
    assert session.records.sample(drawn).keypoints_px[:, 2].all()


def test_keypoints_that_a_person_marked_stay_when_the_detector_looks_again(
    qtbot, window, red_picture
):
    session, edits = red_picture, window.page.correcting.edits
    keypoints = session.records.sample(1).keypoints_px.copy()
    keypoints[40] = [7.0, 8.0, 1.0]
    edits.set_keypoints(1, keypoints, "Move a joint")
    window.commands["correct.detect"].trigger()
    wait_for_end(qtbot, window)
    qtbot.waitUntil(
        lambda: session.records.sample(1).keypoint_sources[30] == KeypointSource.DETECTED,
        timeout=5000,
    )
    assert session.records.sample(1).keypoints_px[40].tolist() == [7.0, 8.0, 1.0]


def test_where_no_person_is_seen_nothing_changes_and_it_is_said(qtbot, window):
    session = window.page.session
    session.select(1)
    before = session.records.sample(1).keypoints_px.copy()
    window.commands["correct.detect"].trigger()
    wait_for_end(qtbot, window)
    assert "no person was seen" in window.job_panel.text.text()
    assert (session.records.sample(1).keypoints_px == before).all()


def test_everybody_is_measured_by_a_command_and_keypoints_stay(qtbot, window):
    session = window.page.session
    before = [session.records.sample(number).keypoints_px.copy() for number in (1, 2)]
    window.commands["fitting.detect"].trigger()
    wait_for_end(qtbot, window)
    ids = session.sample_ids.tolist()
    assert sorted(session.dictionary.detections.get_many(ids)) == ids
    for number, keypoints in zip((1, 2), before, strict=True):
        assert (session.records.sample(number).keypoints_px == keypoints).all()
    assert "not seen by both networks" in window.job_panel.text.text()


def test_a_typed_path_is_looked_at_when_typing_pauses(qtbot, photos, monkeypatch):
    looked_at: list[tuple[Path, ...]] = []

    def noted(sources: tuple[Path, ...], *, cancel: CancelToken) -> PlainFiles:
        looked_at.append(sources)
        return plain_files(sources, cancel=cancel)

    monkeypatch.setattr("spin_gui.jobs.find_people.plain_files", noted)
    dialog = FindPeopleDialog()
    qtbot.addWidget(dialog)
    looked_at.clear()
    qtbot.keyClicks(dialog.source.line, str(photos))
    assert looked_at == []  # the first letter alone names the whole disk
    assert not dialog.find_button.isEnabled()
    qtbot.waitUntil(dialog.find_button.isEnabled, timeout=5000)
    assert looked_at == [(photos,)]
    assert dialog._found.text() == "2 pictures"


def test_a_folder_that_takes_long_is_counted_behind_a_dialog_that_stays_alive(
    qtbot, photos, monkeypatch
):
    begun, may_end = threading.Event(), threading.Event()

    def slow(sources: tuple[Path, ...], *, cancel: CancelToken) -> PlainFiles:
        begun.set()
        while not may_end.wait(0.01):
            cancel.raise_if_cancelled()
        return plain_files(sources, cancel=cancel)

    monkeypatch.setattr("spin_gui.jobs.find_people.plain_files", slow)
    dialog = FindPeopleDialog([photos])
    qtbot.addWidget(dialog)
    dialog.show()
    assert begun.wait(5)
    assert dialog._found.text() == "Looking…"
    assert not dialog.find_button.isEnabled()
    assert dialog.project.path == photos.parent / "holiday_project"
    may_end.set()
    qtbot.waitUntil(dialog.find_button.isEnabled, timeout=5000)
    assert dialog._found.text() == "2 pictures"


def test_what_was_chosen_before_is_not_told_of_another_folder(qtbot, photos, monkeypatch):
    may_end, calls = threading.Event(), []

    def held(sources: tuple[Path, ...], *, cancel: CancelToken) -> PlainFiles:
        calls.append(sources)
        if len(calls) == 1:
            may_end.wait(5)  # deaf to the token, as one long folder is
        return plain_files(sources)

    monkeypatch.setattr("spin_gui.jobs.find_people.plain_files", held)
    dialog = FindPeopleDialog([photos])
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: len(calls) == 1, timeout=5000)
    dialog.source.set_path(photos / "a.jpg")
    qtbot.waitUntil(dialog.find_button.isEnabled, timeout=5000)
    may_end.set()
    qtbot.wait(100)
    assert dialog._found.text() == "1 picture"
    dialog.reject()


@pytest.mark.parametrize(
    ("every", "text"), [(0, "about one a second"), (1, "one frame in 1"), (15, "one frame in 15")]
)
def test_how_many_frames_are_looked_at_reads_well_for_every_number(qtbot, every, text):
    dialog = FindPeopleDialog()
    qtbot.addWidget(dialog)
    dialog.every.setValue(every)
    assert dialog.every.text() == text
