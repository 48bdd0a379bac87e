"""Pictures dropped on the window become people, and people become bodies, in three actions."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QPushButton

from core.dictionary.store import Dictionary
from core.geometry.boxes import Box
from core.types.keypoint_sources import KeypointSource
from core.workflows.demo_report import DEMO_SETTING
from spin_gui.correcting.pictures_without_people import PicturesWithoutPeopleDialog
from spin_gui.importing.import_dialog import ImportDialog
from spin_gui.importing.target_question import proposed_project
from spin_gui.jobs.problem_report import ReportDialog
from spin_gui.window.main_window import MainWindow
from tests.core.pictures.made_videos import make_video
from tests.core.workflows.photos.scripted_finder import person_at
from tests.core.workflows.photos.test_import_photos import BLACK, write_picture
from tests.spin_gui.importing.asking import asked, drop, wait_for_end

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "holiday"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg"):
        write_picture(folder / name)
    return folder


def dialog_of(window: MainWindow, kind: type) -> ReportDialog:
    (dialog,) = [widget for widget in window.findChildren(kind) if widget.isVisible()]
    return dialog


def test_a_dropped_folder_becomes_a_project_with_people_and_then_bodies(qtbot, window, photos):
    window.close_project()
    drop(window, photos)
    dialog = asked(qtbot, window)
    assert "2 pictures" in dialog.sheet.counts.text()
    qtbot.mouseClick(dialog.agree_button, LEFT)
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
    qtbot.mouseClick(asked(qtbot, window).agree_button, LEFT)
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
    dialog = asked(qtbot, window)
    assert dialog.target.targets.checkedButton().text() == f"Add to {session.project.name}"
    qtbot.mouseClick(dialog.agree_button, LEFT)
    qtbot.waitUntil(lambda: len(session.sample_ids) == before + 2, timeout=20_000)
    wait_for_end(qtbot, window)
    assert window.page.session is session


def test_beside_a_demo_a_new_project_is_proposed(qtbot, window, photos):
    window.page.session.dictionary.settings.set(DEMO_SETTING, "complete")
    drop(window, photos)
    dialog = asked(qtbot, window)
    assert dialog.target.targets.checkedButton().text() == "Make a new project"
    assert dialog.choice().project == photos.parent / "holiday_project"
    dialog.reject()


def test_pictures_without_people_and_broken_ones_are_told(qtbot, window, photos):
    write_picture(photos / "empty.png", BLACK)
    (photos / "broken.jpg").write_bytes(b"no picture")
    drop(window, photos)
    qtbot.mouseClick(asked(qtbot, window).agree_button, LEFT)
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
    qtbot.mouseClick(asked(qtbot, window).agree_button, LEFT)
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
    dialog = asked(qtbot, window)
    assert dialog.sheet.every.isVisible()
    assert dialog.choice().every is None
    dialog.sheet.every.setValue(3)
    assert dialog.choice().every == 3
    dialog.reject()


def test_frames_are_not_asked_for_where_there_is_no_video(qtbot, window, photos):
    drop(window, photos)
    dialog = asked(qtbot, window)
    assert not dialog.sheet.every.isVisible()
    dialog.reject()


def test_the_welcome_page_asks_for_pictures(qtbot, window):
    window.close_project()
    (button,) = [
        widget
        for widget in window.welcome.findChildren(QPushButton)
        if widget.text() == "Find people in pictures…"
    ]
    qtbot.mouseClick(button, LEFT)
    dialog = asked(qtbot, window)
    assert not dialog.agree_button.isEnabled()
    dialog.reject()


def test_a_new_project_takes_a_free_name(photos):
    assert proposed_project(photos / "a.jpg") == photos.parent / "holiday_project"
    Dictionary.create(photos.parent / "holiday_project").close()
    assert proposed_project(photos) == photos.parent / "holiday_project_2"


def test_next_to_pictures_that_cannot_be_written_to_no_project_is_proposed(photos, monkeypatch):
    monkeypatch.setattr("spin_gui.importing.target_question.os.access", lambda *_: False)
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


@pytest.mark.parametrize(
    ("every", "text"),
    [(0, "about one frame a second"), (1, "one frame in 1"), (15, "one frame in 15")],
)
def test_how_many_frames_are_looked_at_reads_well_for_every_number(qtbot, every, text):
    dialog = ImportDialog()
    qtbot.addWidget(dialog)
    dialog.sheet.every.setValue(every)
    assert dialog.sheet.every.text() == text
