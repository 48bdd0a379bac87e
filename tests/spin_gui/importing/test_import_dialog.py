"""One door: what is dropped is looked at, shown, asked about, and imported, by clicks and drops."""

from __future__ import annotations

import gzip
import json
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from core.body.conventions import KEYPOINT_NAMES
from core.dictionary.store import Dictionary
from core.formats.bodies.options import BoxLayout, CameraKind, RootFrame, ScaleUnit
from core.formats.read_options import ReadOptions
from core.types.fits import Origin
from core.workflows.shipped_demo import copy_demo_project
from core.workflows.sources.inspect_source import inspect_source
from spin_gui.importing.choices import BodiesUse, PeopleChoice
from spin_gui.importing.import_dialog import ImportDialog
from spin_gui.importing.looking import FAULT
from spin_gui.viewer.keypoint_painter import SIDE_COLORS
from tests.body_files import PEOPLE, eft_of
from tests.coco_people import write_people
from tests.core.workflows.photos.test_import_photos import write_picture
from tests.core.workflows.sources.test_inspect_source import write_bodies, write_calibration
from tests.spin_gui.importing.asking import (
    LEFT,
    agree,
    asked,
    drop,
    settle,
    shown,
    wait_for_end,
)


@pytest.fixture
def door(qtbot: QtBot) -> ImportDialog:
    """The dialog without a window and a project, which is quicker."""
    dialog = ImportDialog()
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def looked_at(qtbot: QtBot, dialog: ImportDialog, *paths: Path) -> ImportDialog:
    """The dialog after a drop on it."""
    assert drop(dialog, *paths)
    settle(qtbot, dialog)
    return dialog


def left_and_right(dialog: ImportDialog) -> dict[str, str]:
    """The side whose colour is painted at each joint that is drawn."""
    image, view = dialog.first.grab().toImage(), dialog.first
    scale = image.width() / view.width()
    names = {color.name(): side for side, color in SIDE_COLORS.items()}
    found = {}
    for index in view.drawing.present:
        at = view.place_of(index) * scale
        found[KEYPOINT_NAMES[index]] = names.get(image.pixelColor(at.toPoint()).name(), "?")
    return found


def spread_people(folder: Path) -> Path:
    """COCO people whose joints lie far apart, so that each is seen."""
    source = write_people(folder)
    document = json.loads(source.read_text())
    (person,) = document["annotations"]
    for joint in range(17):
        person["keypoints"][3 * joint : 3 * joint + 2] = [
            10 + 30 * (joint % 4),
            5 + 18 * (joint // 4),
        ]
    source.write_text(json.dumps(document))
    return source


def write_results(folder: Path, source: Path) -> Path:
    entries = json.loads(source.read_text())["annotations"]
    results = folder / "results.json"
    results.write_text(json.dumps([{**entry, "score": 0.9} for entry in entries]))
    return results


def test_the_first_person_is_drawn_with_joints_by_name_and_side(qtbot, door, tmp_path):
    dialog = looked_at(qtbot, door, spread_people(tmp_path))
    assert dialog.sheet.headline.text() == "COCO keypoints"
    assert dialog.sheet.counts.text() == "1 picture · 1 person · 17 joints by name"
    sides = left_and_right(dialog)
    assert (sides["Left Eye"], sides["Right Eye"]) == ("left", "right")
    assert {name: side for name, side in sides.items() if side == "?"} == {}
    assert "left wrist" in dialog.first.accessibleDescription().lower()


def test_another_order_of_joints_is_drawn_at_once(qtbot, door, tmp_path):
    dialog = looked_at(qtbot, door, spread_people(tmp_path))
    before = dialog.first.drawing.present
    joints = dialog.sheet.annotations.fields.joints
    joints.setCurrentIndex(joints.findData("posetrack"))
    settle(qtbot, dialog)
    assert dialog.first.drawing.present != before
    choice = dialog.choice()
    assert isinstance(choice, PeopleChoice)
    assert choice.import_choice.options == ReadOptions(joints="posetrack")


def test_people_are_drawn_on_paper_until_the_pictures_are_named(qtbot, window, tmp_path):
    (tmp_path / "far" / "away").mkdir(parents=True)
    source = write_people(tmp_path / "far" / "away")
    picture = next(source.parent.glob("*.png"))
    hidden = tmp_path / "hidden" / "deep"
    hidden.mkdir(parents=True)
    picture.rename(hidden / picture.name)
    drop(window, source)
    dialog = asked(qtbot, window)
    assert len(dialog.first.drawing.present) == 17
    assert "blank paper" in dialog.caption.text()
    assert "Name the folder of the pictures" in dialog.state.text()
    assert "1 entry names a picture that cannot be found." in dialog.sheet.not_used.text()
    assert not dialog.agree_button.isEnabled()
    qtbot.keyClicks(dialog.sheet.annotations.images.line, str(hidden))
    settle(qtbot, dialog)
    assert "blank paper" not in dialog.caption.text()
    assert dialog.choice().import_choice.images == hidden
    before = len(window.page.session.sample_ids)
    agree(qtbot, dialog)
    wait_for_end(qtbot, window)
    assert len(window.page.session.sample_ids) == before + 1


def test_pictures_that_lie_beside_the_folder_of_the_annotations_are_found(qtbot, door, tmp_path):
    for name in ("annotations", "val2017"):
        (tmp_path / name).mkdir()
    source = write_people(tmp_path / "annotations")
    picture = next(source.parent.glob("*.png"))
    picture.rename(tmp_path / "val2017" / picture.name)
    dialog = looked_at(qtbot, door, source)
    assert dialog.choice().import_choice.images == tmp_path / "val2017"
    assert dialog.sheet.annotations.images.path == tmp_path / "val2017"


def test_annotations_pictures_and_a_calibration_may_be_dropped_together(qtbot, door, tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
    source = write_people(tmp_path / "a")
    picture = next(source.parent.glob("*.png"))
    picture.rename(tmp_path / "b" / picture.name)
    dialog = looked_at(qtbot, door, tmp_path / "b", write_calibration(tmp_path / "c"), source)
    choice = dialog.choice().import_choice
    assert (choice.source, choice.images) == (source, tmp_path / "b")
    assert choice.cameras == tmp_path / "c" / "calibration.json"


def test_what_else_was_dropped_is_asked_about_when_the_first_is_in(qtbot, window, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    first, second = write_people(tmp_path / "a"), write_people(tmp_path / "b")
    drop(window, first, second)
    dialog = asked(qtbot, window)
    assert dialog.choice().waiting == (second,)
    agree(qtbot, dialog)
    wait_for_end(qtbot, window)
    following = asked(qtbot, window)
    assert following.choice().import_choice.source == second
    following.reject()


def test_without_a_project_one_is_made_of_what_was_dropped(qtbot, window, tmp_path):
    window.close_project()
    (tmp_path / "set").mkdir()
    drop(window, write_people(tmp_path / "set", 2))
    dialog = asked(qtbot, window)
    assert dialog.target.name.text() == "set_project"
    dialog.target.name.selectAll()
    qtbot.keyClicks(dialog.target.name, "mine")
    agree(qtbot, dialog)
    qtbot.waitUntil(lambda: window.page is not None, timeout=20_000)
    assert window.page.session.project == tmp_path / "mine"
    assert len(window.page.session.sample_ids) == 2
    wait_for_end(qtbot, window)


def test_the_place_of_a_new_project_is_chosen_with_a_button(qtbot, door, tmp_path, monkeypatch):
    dialog = looked_at(qtbot, door, write_people(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.setattr(
        QFileDialog, "getExistingDirectory", lambda *_args: str(tmp_path / "elsewhere")
    )
    (button,) = [
        button for button in dialog.target.folder.children() if button.property("text") == "Folder…"
    ]
    qtbot.mouseClick(button, LEFT)
    assert dialog.choice().project.parent == tmp_path / "elsewhere"


def test_a_project_that_is_dropped_opens(qtbot, window, tmp_path):
    Dictionary.create(tmp_path / "other").close()
    drop(window, tmp_path / "other")
    assert window.page.session.project == tmp_path / "other"
    assert not shown(window)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("notes.txt", b"nothing", "a text of no format"),
        ("a.txt", b"0 0.5 0.5 0.3 0.6 0.5 0.3 2\n", "YOLO label file without a body's joints"),
        ("bodies.npz", b"\x12\x34" * 40, "a damaged archive (npz)"),
        ("bodies.npz", b"PK\x03\x04pose.npy", "cut off"),
        ("a.pkl", gzip.compress(pickle.dumps({"apples": 1})), "a packed pickle"),
    ],
    ids=["text", "labels", "damaged", "cut", "packed"],
)
def test_a_file_of_no_use_is_named_for_what_it_is(qtbot, door, tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    dialog = looked_at(qtbot, door, tmp_path / name)
    assert told in dialog.sheet.headline.text()
    assert "JSON" not in dialog.sheet.headline.text()
    assert dialog.sheet.counts.text()  # what to do
    assert not dialog.agree_button.isEnabled()
    drop(dialog, write_people(tmp_path))
    settle(qtbot, dialog)
    assert dialog.agree_button.isEnabled()


def test_a_folder_without_files_is_said_to_be_one(qtbot, door, tmp_path):
    (tmp_path / "inside").mkdir()
    dialog = looked_at(qtbot, door, tmp_path)
    assert dialog.sheet.headline.text() == "It is a folder without files in it."


def test_a_format_may_be_named_where_none_is_recognised(qtbot, door, tmp_path):
    (tmp_path / "a.json").write_text('{"a": 1}')
    dialog = looked_at(qtbot, door, tmp_path / "a.json")
    formats = dialog.sheet.annotations.format
    assert formats.isVisible()
    formats.setCurrentIndex(formats.findData("coco"))
    formats.activated.emit(formats.currentIndex())
    settle(qtbot, dialog)
    assert "no such field, expected a list" in dialog.sheet.headline.text()


def test_a_calibration_alone_is_named_with_what_to_do(qtbot, door, tmp_path):
    dialog = looked_at(qtbot, door, write_calibration(tmp_path))
    assert dialog.sheet.headline.text() == "A calibration of cameras"
    assert "together with the annotations" in dialog.state.text()


def test_what_a_list_of_results_does_not_say_is_asked_for(qtbot, door, tmp_path):
    source = write_people(tmp_path)
    dialog = looked_at(qtbot, door, write_results(tmp_path, source))
    fields = dialog.sheet.annotations.fields
    for field, text in (
        (fields.size, "640x420"),
        (fields.min_score, "0.05"),
        (fields.min_person_score, "0.5"),
        (fields.annotations.line, str(source)),
    ):
        assert field.isVisible()
        qtbot.keyClicks(field, text)
    dialog.sheet.annotations.update_there.click()
    settle(qtbot, dialog)
    choice = dialog.choice().import_choice
    assert choice.update
    assert choice.options == ReadOptions(
        annotations=source, size_px=(640, 420), min_score=0.05, min_person_score=0.5
    )
    qtbot.keyClicks(fields.size, "x")
    assert dialog.choice() is None
    assert "such as 1280x960" in dialog.state.text()


# Bodies


def body_file(window, folder: Path) -> Path:
    """Bodies of the first people of the open project."""
    session = window.page.session
    samples = [session.records.sample(int(row)) for row in session.sample_ids[:2]]
    target = folder / "other.npz"
    upright = np.tile(np.r_[np.pi, np.zeros(71)], (len(samples), 1))
    np.savez(
        target,
        imgname=np.array([sample.picture_path.name for sample in samples]),
        pose=upright,
        betas=np.zeros((len(samples), 10)),
        center=[[sample.box.center_x_px, sample.box.center_y_px] for sample in samples],
        scale=[sample.box.side_px / 200 for sample in samples],
        cam=np.tile([0.9, 0, 0], (len(samples), 1)),
    )
    return target


def heights(dialog: ImportDialog) -> tuple[float, float]:
    """How far down nose and ankles are drawn, in shares of the view."""
    places = dialog.first.drawing.detected
    return float(places[0][1]), float(places[11][1])


def test_the_first_body_turns_over_when_its_frame_is_said_to_be_another(qtbot, window, tmp_path):
    drop(window, body_file(window, tmp_path))
    dialog = asked(qtbot, window)
    assert dialog.sheet.headline.text() == "Bodies of another method"
    assert "which is not there" not in dialog.caption.text()  # the project has the picture
    nose, ankle = heights(dialog)
    assert nose < ankle
    frame = dialog.sheet.bodies.frame
    frame.setCurrentIndex(frame.findData(RootFrame.Y_UP))
    settle(qtbot, dialog)
    nose, ankle = heights(dialog)
    assert nose > ankle
    dialog.reject()


@pytest.mark.parametrize("name", ["eft.npz", "annotations.json"])
def test_bodies_are_asked_about_as_bodies_whatever_their_name(qtbot, window, tmp_path, name):
    folder = tmp_path / "alone" / "here"  # no other test's pictures lie beside it
    folder.mkdir(parents=True)
    source = write_bodies(folder).rename(folder / name)
    drop(window, source)
    dialog = asked(qtbot, window)
    choice = dialog.choice()
    assert (choice.as_fits, choice.predictions.name) == (True, source.stem)
    bodies = dialog.sheet.bodies
    assert not bodies.boxes.isVisible()  # the file has centres and scales
    bodies.scale.setCurrentIndex(1)
    bodies.camera.setCurrentIndex(bodies.camera.findData(CameraKind.WEAK))
    bodies.betas.setCurrentIndex(1)
    qtbot.mouseClick(bodies.button(BodiesUse.PREDICTIONS), LEFT)
    settle(qtbot, dialog)
    choice = dialog.choice()
    options = choice.predictions.options
    assert not choice.as_fits
    assert (options.scale, options.camera) == (ScaleUnit.PIXELS, CameraKind.WEAK)
    assert (options.boxes, choice.predictions.betas) == (BoxLayout.CENTER_SIZE, "keep")
    dialog.reject()


def write_romp(folder: Path) -> Path:
    """Two people of a picture, as simple_romp writes them."""
    results = {
        "cam": np.tile(np.float32([0.9, 0, 0]), (2, 1)),
        "global_orient": np.full((2, 3), 0.1, np.float32),
        "body_pose": np.full((2, 69), 0.1, np.float32),
        "smpl_betas": np.zeros((2, 10), np.float32),
        "smpl_thetas": np.full((2, 72), 0.1, np.float32),
        "center_confs": np.ones((2, 1), np.float32),
        "cam_trans": np.ones((2, 3), np.float32),
    }
    np.savez(folder / "a.npz", results=results)
    return folder / "a.npz"


def write_smplify_x(folder: Path) -> Path:
    """A person of SMPLify-X, in the folder that its results lie in, beside a rendered picture."""
    person = {
        "camera_rotation": np.eye(3)[None].astype(np.float32),
        "camera_translation": np.float32([[0, 0, 30]]),
        "global_orient": np.float32([[3.1, 0, 0]]),
        "body_pose": np.full((1, 63), 0.1, np.float32),
        "betas": np.zeros((1, 10), np.float32),
    }
    place = folder / "results" / "a"
    place.mkdir(parents=True)
    (place / "000.pkl").write_bytes(pickle.dumps(person, 2))
    write_picture(place / "000.png")
    return folder / "results"


def write_packed(folder: Path) -> Path:
    """VIBE's tracks, packed as joblib packs them."""
    track = {
        "pose": np.full((1, 72), 0.1, np.float32),
        "betas": np.zeros((1, 10), np.float32),
        "pred_cam": np.float32([[0.9, 0, 0]]),
        "orig_cam": np.float32([[0.9, 0.9, 0, 0]]),
        "bboxes": np.float32([[100, 100, 150, 150]]),
        "frame_ids": np.array([0]),
    }
    (folder / "vibe.pkl").write_bytes(gzip.compress(pickle.dumps({1: track}, 2)))
    return folder / "vibe.pkl"


@pytest.mark.parametrize("write", [write_romp, write_smplify_x, write_packed])
def test_results_of_other_methods_are_bodies_and_the_first_is_drawn(qtbot, door, tmp_path, write):
    dialog = looked_at(qtbot, door, write(tmp_path))
    assert dialog.sheet.headline.text() == "Bodies of another method"
    assert len(dialog.first.drawing.present) == 25
    assert not dialog.sheet.annotations.format.isVisible()  # bodies say theirs


def test_bodies_become_fits_beside_the_current_ones(qtbot, window, tmp_path):
    session = window.page.session
    drop(window, body_file(window, tmp_path))
    dialog = asked(qtbot, window)
    dialog.sheet.bodies.beside.click()
    agree(qtbot, dialog)
    wait_for_end(qtbot, window)
    first = int(session.sample_ids[0])
    history = session.dictionary.fits.history(first)
    assert any(fit.origin is Origin.IMPORTED for fit in history)
    assert session.dictionary.fits.current([first])[first].origin is not Origin.IMPORTED


def test_bodies_need_their_pictures(qtbot, door, tmp_path):
    alone = tmp_path / "a" / "b"
    alone.mkdir(parents=True)
    dialog = looked_at(qtbot, door, write_bodies(tmp_path).rename(alone / "bodies.npz"))
    assert "Name the folder of the pictures" in dialog.state.text()
    assert not dialog.agree_button.isEnabled()


@pytest.mark.parametrize("with_keypoints", [True, False])
def test_bodies_make_a_project_of_people_and_fits_in_one_step(
    qtbot, window, tmp_path, with_keypoints
):
    window.close_project()
    demo = tmp_path / "demo"
    copy_demo_project(demo)
    source = eft_of(demo, demo / "method.json", with_keypoints=with_keypoints)
    drop(window, source)
    dialog = asked(qtbot, window)
    bodies = dialog.sheet.bodies
    assert bodies.use is BodiesUse.PEOPLE
    assert not bodies.button(BodiesUse.FITS).isEnabled()
    assert ("keypoints of the first person" in dialog.caption.text()) is with_keypoints
    assert ("count nowhere as evidence" in dialog.sheet.not_used.text()) is not with_keypoints
    assert dialog.target.name.isVisible()
    dialog.target.name.selectAll()
    qtbot.keyClicks(dialog.target.name, "vetted")
    agree(qtbot, dialog)
    wait_for_end(qtbot, window)
    session = window.page.session
    assert session.project == demo.parent / "vetted"
    fits = session.dictionary.fits.current(session.sample_ids.tolist())
    assert [fit.origin for fit in fits.values()] == [Origin.IMPORTED] * PEOPLE
    assert [fit.losses.is_measured for fit in fits.values()] == [with_keypoints] * PEOPLE
    drop(window, source)
    again = asked(qtbot, window)
    assert again.sheet.bodies.use is BodiesUse.FITS  # they are here now
    again.reject()


# Looking


def test_a_typed_path_is_looked_at_when_typing_pauses(qtbot, window, tmp_path, monkeypatch):
    write_picture(tmp_path / "a.jpg")
    window.commands["file.find_people"].trigger()
    dialog = asked(qtbot, window)
    begun: list[Path] = []
    monkeypatch.setattr(dialog._looker, "look", lambda request: begun.append(request.paths[0]))
    qtbot.keyClicks(dialog.source.line, str(tmp_path / "a.jpg"))
    assert begun == []  # the first letter alone names the whole disk
    assert not dialog.agree_button.isEnabled()
    qtbot.waitUntil(lambda: bool(begun), timeout=5000)
    assert begun == [tmp_path / "a.jpg"]
    dialog.reject()


def test_a_look_that_takes_long_leaves_the_dialog_alive_and_is_told_no_more(
    qtbot, window, tmp_path, monkeypatch
):
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    for folder in (slow, quick):
        folder.mkdir()
        write_people(folder)
    begun, may_end = threading.Event(), threading.Event()

    def held(source: Path, **given: object) -> object:
        if source.parent == slow:
            begun.set()
            assert may_end.wait(10)
        return inspect_source(source, **given)

    monkeypatch.setattr("spin_gui.importing.looking.inspect_source", held)
    drop(window, next(slow.glob("*.json")))
    assert begun.wait(10)
    (dialog,) = shown(window)
    assert dialog.sheet.headline.text() == "Looking…"
    assert not dialog.agree_button.isEnabled()
    drop(dialog, next(quick.glob("*.json")))
    settle(qtbot, dialog)
    may_end.set()
    qtbot.wait(100)
    assert dialog.choice().import_choice.source.parent == quick
    dialog.reject()


def test_a_fault_of_the_program_ends_the_look_and_is_reported(qtbot, door, tmp_path, monkeypatch):
    def failing(*_args: object, **_given: object) -> object:
        raise ZeroDivisionError

    reported: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: reported.append(args.exc_type))
    monkeypatch.setattr("spin_gui.importing.looking.inspect_source", failing)
    dialog = looked_at(qtbot, door, write_people(tmp_path))
    assert dialog.sheet.headline.text() == FAULT
    assert not dialog.agree_button.isEnabled()
    assert reported == [ZeroDivisionError]
    monkeypatch.undo()
