"""A file of bodies that states the cameras of whole pictures gives them to the pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.types.cameras import CameraSource, PictureCamera, assumed_camera
from core.types.samples import NewSample
from core.workflows.cameras.give_cameras import compare_of
from core.workflows.new_projects import NewProject
from core.workflows.predictions.import_bodies import import_bodies
from core.workflows.predictions.import_bodies_report import ImportBodiesReport
from core.workflows.predictions.stated_cameras import StatedCameras
from core.workflows.shipped_demo import copy_demo_project

DISAGREED = "person_002.jpg"
"""Its two people each have a camera of their own in the demo's file."""


def _cameras(folder: Path) -> dict[str, PictureCamera]:
    with Dictionary.open(folder) as project:
        pictures = project.cameras.of_samples(project.search.ids().tolist())
        return {picture.path.name: picture.camera for picture in pictures}


def _stated(file: Path) -> dict[str, PictureCamera]:
    with np.load(file) as stated:
        return {
            str(name): PictureCamera(
                float(matrix[0, 0]), tuple(matrix[:2, 2].tolist()), note="theirs.npz"
            )
            for name, matrix in zip(stated["imgname"], stated["cam_int"], strict=True)
        }


def test_new_pictures_have_the_camera_that_the_file_states(
    file: Path, imported: tuple[Path, ImportBodiesReport]
) -> None:
    stated = _stated(file)
    cameras = _cameras(imported[0])
    assert set(cameras) == set(stated)
    for name in set(cameras) - {DISAGREED}:
        assert cameras[name] == stated[name]
        assert cameras[name].source is CameraSource.GIVEN
    assert imported[1].people.cameras == {"the file itself": len(cameras) - 1}


def test_bodies_stand_before_the_camera_of_their_picture(
    imported: tuple[Path, ImportBodiesReport],
) -> None:
    with Dictionary.open(imported[0]) as project:
        fits = project.fits.current(project.search.ids().tolist())
        for sample in project.samples.get_many(list(fits)):
            if sample.picture_path.name != DISAGREED:
                assert fits[sample.id].parameters.camera == sample.crop_camera


def test_a_camera_that_people_do_not_share_is_not_the_pictures(
    imported: tuple[Path, ImportBodiesReport],
) -> None:
    assert _cameras(imported[0])[DISAGREED].source is CameraSource.ASSUMED
    (notice,) = (text for text in imported[1].people.notices if "another camera" in text)
    assert notice.startswith("1 picture: ")


def test_the_camera_that_most_people_of_a_picture_share_is_its_own(
    demo: Path, file: Path, tmp_path: Path
) -> None:
    with np.load(file) as stated:
        arrays = dict(stated)
    (first, second) = np.flatnonzero(arrays["imgname"] == DISAGREED)
    rows = [first, first, second]
    for name in arrays:
        arrays[name] = arrays[name][rows]
    arrays["trans_cam"][1, 0] += 0.5
    np.savez(tmp_path / "theirs.npz", **arrays)
    import_bodies(NewProject(tmp_path / "vetted"), tmp_path / "theirs.npz", demo / "pictures")
    assert _cameras(tmp_path / "vetted")[DISAGREED].focal_length_px == arrays["cam_int"][0, 0, 0]


def test_pictures_that_are_there_take_it_unless_something_is_known_of_them(
    demo: Path, file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "people"
    copy_demo_project(folder)
    typed = PictureCamera(900.0, (300.0, 300.0), source=CameraSource.TYPED)
    with Dictionary.open(folder) as project:
        before = {
            picture.path: picture
            for picture in project.cameras.of_samples(project.search.ids().tolist())
        }
        wanted = {path: assumed_camera(picture.size_px) for path, picture in before.items()}
        wanted[folder / "pictures" / "person_000.jpg"] = typed
        wanted[folder / "pictures" / "person_001.jpg"] = replace(typed, source=CameraSource.GIVEN)
        project.cameras.set(wanted, compare=compare_of(project))
    report = import_bodies(folder, file, folder / "pictures")
    cameras = _cameras(folder)
    assert cameras["person_000.jpg"] == typed
    assert cameras["person_001.jpg"] == replace(typed, source=CameraSource.GIVEN)
    assert cameras["person_003.jpg"] == _stated(file)["person_003.jpg"]
    assert cameras["person_004.jpg"].source is CameraSource.ASSUMED
    assert report.people.cameras == {"the file itself": 1}


def test_a_calibration_file_comes_before_what_the_bodies_state(
    demo: Path, file: Path, tmp_path: Path
) -> None:
    calibration = tmp_path / "cameras.json"
    calibration.write_text('{"person_000.jpg": {"K": [[800, 0, 300], [0, 800, 300], [0, 0, 1]]}}')
    folder = tmp_path / "vetted"
    import_bodies(NewProject(folder), file, demo / "pictures", cameras=calibration)
    cameras = _cameras(folder)
    assert cameras["person_000.jpg"].focal_length_px == 800
    assert cameras["person_001.jpg"] == _stated(file)["person_001.jpg"]


@pytest.mark.parametrize("is_assumed", [False, True])
def test_a_programs_own_setting_is_no_pictures_camera(is_assumed: bool, file: Path) -> None:
    found = replace(read_foreign_predictions(file), cameras_are_assumed=is_assumed)
    cameras = StatedCameras(found, file)
    sample = NewSample(
        picture_path=Path("/pictures/person_000.jpg"),
        picture_size_px=(640, 480),
        dataset="bodies",
        person_key="0",
        box_center_px=np.float32([320, 240]),
        box_scale=1.0,
        keypoints_px=np.zeros((49, 3), np.float32),
    )
    cameras.take(0, sample)
    assert (cameras.camera_of(sample.picture_path) is None) is is_assumed
    assert cameras.notices() == []
