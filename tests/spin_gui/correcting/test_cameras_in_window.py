"""Saying in the window which camera took a picture: what it means, one step of undo."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt

from core.types.cameras import CameraSource
from core.workflows.cameras.find_focal_length import FoundFocalLength
from spin_gui.correcting.camera_dialog import ANGLE, ASSUMED, EXIF, FILM, KINDS, LONG, CameraDialog
from spin_gui.correcting.camera_edits import LOOKING, NOTHING_CHANGED
from spin_gui.session.picture_edits import notice_pictures_of_before


def asked(window) -> CameraDialog:
    window.commands["correct.camera"].trigger()
    (dialog,) = [widget for widget in window.findChildren(CameraDialog) if widget.isVisible()]
    return dialog


def use(qtbot, dialog, kind, value=None) -> None:
    dialog.kind.setCurrentIndex(KINDS.index(kind))
    if value is not None:
        dialog.value.setValue(value)
    qtbot.mouseClick(dialog.use_button, Qt.MouseButton.LeftButton)


def camera(window, sample_id=1):
    return window.page.session.dictionary.samples.get(sample_id).camera


def wait_for(qtbot, window, source, sample_id=1) -> None:
    qtbot.waitUntil(
        lambda: (
            camera(window, sample_id).source is source and not window.page.correcting.cameras.busy
        ),
        timeout=20_000,
    )


def test_a_typed_camera_is_stored_undone_and_done_again(qtbot, window):
    session = window.page.session
    before = session.dictionary.fits.current_of(1)
    dialog = asked(window)
    assert "one person: 160 px, assumed" in dialog.now.text()
    use(qtbot, dialog, FILM, 50.0)
    wait_for(qtbot, window, CameraSource.TYPED)
    assert camera(window).focal_length_px == pytest.approx(50 / math.hypot(36, 24) * 200)
    assert "Camera of one picture: 50.0 mm – saved" in window.status.saved.text()
    after = session.dictionary.fits.current_of(1)
    assert after.parameters.camera == before.parameters.camera
    assert after.losses.comparison != before.losses.comparison
    window.commands["edit.undo"].trigger()
    wait_for(qtbot, window, CameraSource.ASSUMED)
    window.commands["edit.redo"].trigger()
    wait_for(qtbot, window, CameraSource.TYPED)


def test_undo_and_redo_in_a_row_end_as_the_last_of_them(qtbot, window):
    use(qtbot, asked(window), FILM, 50.0)
    wait_for(qtbot, window, CameraSource.TYPED)
    for action in ("edit.undo", "edit.redo", "edit.undo"):
        window.commands[action].trigger()
    wait_for(qtbot, window, CameraSource.ASSUMED)


def test_all_chosen_people_s_pictures_take_the_camera(qtbot, window):
    window.page.session.set_selected([1, 2, 3])
    dialog = asked(window)
    assert dialog.now.text().startswith("3 pictures of 3 people")
    use(qtbot, dialog, LONG)
    wait_for(qtbot, window, CameraSource.LONG_LENS, 3)
    assert camera(window, 2).source is CameraSource.LONG_LENS
    assert camera(window, 4).source is CameraSource.ASSUMED


def test_what_a_number_means_is_said_before_it_is_used(qtbot, window):
    dialog = asked(window)
    dialog.kind.setCurrentIndex(KINDS.index(ANGLE))
    dialog.value.setValue(90.0)
    assert dialog.preview.text().startswith("80.0 px, typed in")
    assert "17.3 mm on 35 mm film, 90.0° across, 0.400 diagonals" in dialog.preview.text()
    for kind in (EXIF, ASSUMED):
        dialog.kind.setCurrentIndex(KINDS.index(kind))
        assert not dialog.value.isEnabled()
    dialog.reject()


def test_a_camera_that_pictures_have_already_is_no_step_of_undo(qtbot, window):
    count = window.page.session.undo_stack.count()
    with qtbot.waitSignal(window.page.session.noticed, timeout=20_000) as noticed:
        use(qtbot, asked(window), ASSUMED)
    assert noticed.args == [NOTHING_CHANGED]
    assert window.page.session.undo_stack.count() == count


def test_the_details_tell_the_camera_and_who_gave_it(qtbot, window):
    details = window.page.parts.details
    assert details.sample_facts.value("Lens") == "160 px, assumed"
    use(qtbot, asked(window), FILM, 50.0)
    qtbot.waitUntil(lambda: "typed" in details.sample_facts.value("Lens"), timeout=20_000)
    assert "camera: 231 px, typed" in details.events.text()


def test_a_project_of_before_says_so_when_it_opens(qtbot, tmp_path, session):
    picture = session.dictionary.samples.get(1).picture_path
    session.dictionary._connection.execute(
        "INSERT INTO cameras (picture_path, principal_x_px, principal_y_px, distortion, source, "
        "note) VALUES (?, 79.5, 59.5, '[]', 'long lens', 'imported before cameras were kept')",
        (str(picture),),
    )
    with qtbot.waitSignal(session.noticed) as noticed:
        notice_pictures_of_before(session)
    assert noticed.args[0].startswith("One picture was imported before cameras were kept")


def test_a_camera_that_fits_tell_is_given_said_and_undone(qtbot, window, monkeypatch):
    asked_of = []

    def found(dictionary, pictures, _progress, _cancel):
        asked_of.extend(pictures)
        one = pictures[0]
        return [
            FoundFocalLength(
                name="cam1",
                pictures=(one.path,),
                size_px=one.size_px,
                people=20,
                share=1.5,
                gain_px2=30.0,
                certainty=4.2,
            ),
            FoundFocalLength(
                name="cam2", pictures=(), size_px=one.size_px, people=3, why_not="too few"
            ),
        ]

    monkeypatch.setattr("spin_gui.correcting.camera_edits._found", found)
    session = window.page.session
    window.commands["correct.find_camera"].trigger()
    wait_for(qtbot, window, CameraSource.FOUND)
    assert len(asked_of) == len(session.sample_ids)
    told = window.status.saved.text()
    assert "1.50 diagonals" in told
    assert "4.2 standard errors better" in told
    assert "too few" in told
    window.commands["edit.undo"].trigger()
    wait_for(qtbot, window, CameraSource.ASSUMED)
    window.commands["edit.redo"].trigger()
    wait_for(qtbot, window, CameraSource.FOUND)


def test_pictures_whose_fits_tell_nothing_keep_their_camera_and_why_is_said(qtbot, window):
    session, said = window.page.session, []
    session.noticed.connect(said.append)
    count = session.undo_stack.count()
    session.set_selected([1, 2])
    window.commands["correct.find_camera"].trigger()
    assert said == [LOOKING]
    qtbot.waitUntil(lambda: len(said) == 2, timeout=60_000)
    assert "expected at least 12" in said[1]
    assert session.undo_stack.count() == count
    assert camera(window).source is CameraSource.ASSUMED
