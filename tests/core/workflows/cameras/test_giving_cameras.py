"""Cameras of a project: read at import, typed in, from files; fits are measured again."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken
from core.types.bodies import LONG_LENS, BodyParameters
from core.types.cameras import CameraSource, assumed_camera
from core.types.fits import FitLosses, NewFit, Origin
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.cameras.give_cameras import (
    FromFile,
    give_cameras,
    long_lens,
    looked_up,
    typed,
)
from core.workflows.cameras.picture_cameras import TypedLens, camera_from_exif
from tests.core.formats.people import annotation, flat, joints

SIZE = (1000, 130)


def photograph(path: Path, *, equivalent_mm: int | None = None) -> Path:
    exif = Image.Exif()
    if equivalent_mm is not None:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = equivalent_mm
        exif[ExifTags.Base.Orientation] = 1
    path.parent.mkdir(exist_ok=True)
    Image.new("RGB", SIZE).save(path, exif=exif)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file with a person in each of three pictures: cam1/a.jpg, cam2/b.jpg, phone/c.jpg."""
    folder = tmp_path / "pictures"
    names = ("cam1/a.jpg", "cam2/b.jpg", "phone/c.jpg")
    folder.mkdir()
    for name in names:
        photograph(folder / name, equivalent_mm=26 if "phone" in name else None)
    people = [
        annotation(number, image_id=number, bbox=[50, 5, 100, 60], keypoints=flat(joints()))
        for number in range(3)
    ]
    images = [{"id": number, "file_name": name} for number, name in enumerate(names)]
    path = folder / "people.json"
    path.write_text(json.dumps({"images": images, "annotations": people}))
    return path


@pytest.fixture
def calibration(tmp_path: Path) -> Path:
    path = tmp_path / "cameras.json"
    path.write_text(json.dumps({"cam1": {"f": 700, "dist": [-0.1]}, "cam2": {"f": 800}}))
    return path


def stored_cameras(project: Path) -> list[tuple[str, float]]:
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(sorted(dictionary.search.ids().tolist()))
        cameras = [sample.camera for sample in samples]
        return [(str(camera.source), round(camera.focal_length_px, 1)) for camera in cameras]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    Dictionary.create(tmp_path / "project").close()
    return tmp_path / "project"


DIAGONAL = math.hypot(*SIZE)
ASSUMED = ("assumed", round(assumed_camera(SIZE).focal_length_px, 1))
PHONE = ("exif", round(26 / math.hypot(36, 24) * DIAGONAL, 1))


def test_an_import_reads_exif_and_assumes_the_rest(project, source):
    report = import_annotations(project, "coco", source)
    assert stored_cameras(project) == [ASSUMED, ASSUMED, PHONE]
    assert report.cameras == {"EXIF": 1}
    assert "1 picture has a camera from EXIF" in report.summary()


def test_an_import_opens_each_picture_once(project, source, monkeypatch):
    opened: list[str] = []
    open_file = Path.open

    def noting(path: Path, *args: Any, **kwargs: Any) -> Any:
        if path.suffix == ".jpg":
            opened.append(path.name)
        return open_file(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", noting)
    import_annotations(project, "coco", source)
    assert sorted(opened) == ["a.jpg", "b.jpg", "c.jpg"]


def test_an_import_takes_the_cameras_of_a_file_before_exif(project, source, calibration):
    report = import_annotations(project, "coco", source, cameras=calibration)
    assert stored_cameras(project) == [("given", 700.0), ("given", 800.0), PHONE]
    assert report.cameras == {"the calibration file": 2, "EXIF": 1}


def test_a_second_import_gives_pictures_that_are_there_their_cameras(project, source, calibration):
    import_annotations(project, "coco", source)
    import_annotations(project, "coco", source, cameras=calibration)
    assert stored_cameras(project) == [("given", 700.0), ("given", 800.0), PHONE]


def test_a_file_gives_the_pictures_of_a_project_their_cameras(project, source, calibration):
    import_annotations(project, "coco", source)
    with Dictionary.open(project) as dictionary:
        pictures = dictionary.cameras.of_samples(dictionary.search.ids())
        from_file = FromFile(calibration)
        report = give_cameras(dictionary, pictures, from_file, author="maria")
        assert dictionary.samples.get(1).camera.distortion == (-0.1,)
        assert dictionary.events.of(1)[-1].author == "maria"
    assert (len(report.before), from_file.unnamed) == (2, 1)
    assert report.summary() == (
        "2 pictures have another camera now, 1 the same as before (1 exif, 2 given)."
    )


def test_a_camera_for_pictures_of_another_shape_is_told_and_not_used(project, source, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"cam1": {"f": 700, "resolution": [640, 480]}}))
    report = import_annotations(project, "coco", source, cameras=path)
    assert stored_cameras(project)[0] == ASSUMED
    (notice,) = report.notices
    assert notice.startswith("a.jpg: found a picture of 1000×130 px, expected the shape of 640×480")


def test_typed_lenses_mean_the_same_in_pixels_millimetres_and_degrees():
    focal = 900.0
    mm = focal * math.hypot(36, 24) / math.hypot(640, 480)
    angle = math.degrees(2 * math.atan(320 / focal))
    for lens in (TypedLens(focal), TypedLens(None, mm), TypedLens(None, None, angle)):
        camera = lens.camera((640, 480))
        assert camera.focal_length_px == pytest.approx(focal)
        assert (camera.principal_point_px, camera.source) == ((319.5, 239.5), CameraSource.TYPED)


@pytest.mark.parametrize(
    "lens",
    [(), (900, 30), (-1,), (math.nan,), (1e9,), (None, 0), (None, 1e5), (None, None, 175)],
)
def test_a_lens_that_is_none_is_refused(lens):
    with pytest.raises(StudioError, match="expected"):
        TypedLens(*lens)


def test_a_picture_that_cannot_be_read_tells_no_camera(tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8nothing")
    assert camera_from_exif(broken) is None
    assert camera_from_exif(tmp_path / "none.jpg") is None


def a_fit(sample_id: int) -> NewFit:
    pose = np.zeros(72, np.float32)
    pose[0] = math.pi
    return NewFit(
        sample_id=sample_id,
        parameters=BodyParameters(pose, np.zeros(10, np.float32), np.float32([0, 0, 50])),
        losses=FitLosses(
            reprojection=1.0, pose_prior=1.0, angle_prior=0.0, shape_prior=0.0, comparison=3.0
        ),
        origin=Origin.MEAN,
    )


def test_fits_are_measured_again_and_keep_their_camera(project, source):
    import_annotations(project, "coco", source)
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([a_fit(1)])
        pictures = dictionary.cameras.of_samples([1])
        report = give_cameras(dictionary, pictures, typed(TypedLens(900.0)))
        fit = dictionary.fits.current_of(1)
        assert report.sample_ids == (1,)
        assert fit.losses.comparison != 3.0
        assert fit.parameters.camera == LONG_LENS


def test_a_project_of_before_can_be_looked_at(project, source):
    import_annotations(project, "coco", source)
    with Dictionary.open(project) as dictionary:
        every = dictionary.cameras.of_samples(dictionary.search.ids(SampleQuery()))
        give_cameras(dictionary, every, long_lens)
        assert dictionary.cameras.counts() == {CameraSource.LONG_LENS: 3}
        every = dictionary.cameras.of_samples(dictionary.search.ids(SampleQuery()))
        give_cameras(dictionary, every, looked_up)
    assert stored_cameras(project) == [ASSUMED, ASSUMED, PHONE]


def test_what_was_given_stays_when_the_work_is_cancelled(project, source):
    import_annotations(project, "coco", source)
    cancel = CancelToken()
    cancel.cancel()
    with Dictionary.open(project) as dictionary:
        pictures = dictionary.cameras.of_samples([1])
        report = give_cameras(dictionary, pictures, long_lens, cancel=cancel)
    assert report.cancelled
    assert report.summary().startswith("Cancelled: 0 pictures have another camera now")


def cli(*words: object) -> tuple[int, list[str]]:
    console = Console(out=io.StringIO(), log=io.StringIO())
    options = build_parser().parse_args([str(word) for word in words])
    return options.run(options, console), console.out.getvalue().splitlines()


def test_the_command_lists_and_gives_cameras(project, source, calibration):
    import_annotations(project, "coco", source)
    code, lines = cli("cameras", project)
    assert (code, len(lines)) == (0, 2)
    assert lines[0] == "     2  assumed: 807 px, pictures of 1000×130 px"
    _, lines = cli("cameras", project, "--focal-length-35mm", "50", "--where", "b.jpg")
    assert lines[0].startswith("1 picture has another camera now")
    assert stored_cameras(project)[1][0] == "typed"
    _, lines = cli("cameras", project, calibration, "--json")
    assert json.loads(lines[0])["sources"] == {"given": 2, "exif": 1}
    assert json.loads(cli("cameras", project, "--json")[1][0])
    with pytest.raises(StudioError, match="expected one of them"):
        cli("cameras", project, calibration, "--assume")


def test_a_file_that_names_no_picture_fails_and_says_its_names(project, source, tmp_path):
    import_annotations(project, "coco", source)
    file = tmp_path / "rig.json"
    file.write_text(json.dumps({"head": {"f": 900}, "chest": {"f": 901}}))
    console = Console(out=io.StringIO(), log=io.StringIO())
    options = build_parser().parse_args(["cameras", str(project), str(file)])
    assert options.run(options, console) == 1
    log = console.log.getvalue()
    assert "names no picture of the project. Its cameras are called head, chest" in log


def test_black_pictures_are_no_trouble(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((3, 4, 3), np.uint8))
    assert camera_from_exif(tmp_path / "a.png") is None
