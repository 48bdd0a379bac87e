"""Calibration files of other programs: what is read, whose picture it is, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.cameras.calibration_files import read_calibration
from core.formats.reader_results import BrokenEntryError
from core.types.cameras import CameraSource, PictureCamera

K = [[1200.0, 0.0, 640.5], [0.0, 1204.0, 361.0], [0.0, 0.0, 1.0]]
DISTORTION = [-0.11, 0.07, 0.001, -0.002, 0.01]
SIZE = (1280, 720)
SHARED = Path(__file__).resolve().parents[5] / "shared" / "realdata"


def saved(folder: Path, document: object, name: str = "cameras.json") -> Path:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def camera_of(path: Path, picture: str = "/pictures/a.jpg", size_px=SIZE) -> PictureCamera | None:
    return read_calibration(path).camera_of(Path(picture), size_px)


@pytest.mark.parametrize("suffix", [".yml", ".xml", ".json"])
def test_what_opencv_writes_is_read(tmp_path, suffix):
    path = tmp_path / f"calibration{suffix}"
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_WRITE)
    storage.write("image_width", SIZE[0])
    storage.write("image_height", SIZE[1])
    storage.write("camera_matrix", np.array(K))
    storage.write("distortion_coefficients", np.array([DISTORTION]))
    storage.release()
    camera = camera_of(path)
    assert camera.focal_length_px == pytest.approx(1202.0)
    assert camera.principal_point_px == pytest.approx((640.5, 361.0))
    assert camera.distortion == pytest.approx(tuple(DISTORTION))
    assert (camera.source, camera.note) == (CameraSource.GIVEN, path.name)


def test_what_ros_writes_is_read(tmp_path):
    path = saved(
        tmp_path,
        "image_width: 1280\nimage_height: 720\ncamera_name: head\ncamera_matrix:\n  rows: 3\n"
        "  cols: 3\n  data: [1200, 0, 640.5, 0, 1204, 361, 0, 0, 1]\n"
        "distortion_model: plumb_bob\ndistortion_coefficients:\n  rows: 1\n  cols: 5\n"
        "  data: [-0.11, 0.07, 0.001, -0.002, 0.01]\n",
        "head.yaml",
    )
    assert camera_of(path).distortion == tuple(DISTORTION)


@pytest.mark.parametrize(
    "entry",
    [
        {"K": K},
        {"K": [number for row in K for number in row]},
        {"K": K[:2]},
        {"intrinsics": {"fx": 1200, "fy": 1204, "cx": 640.5, "cy": 361}},
        {"focal": [1200, 1204], "princpt": [640.5, 361]},
        {"f": 1202, "c": [640.5, 361]},
        {"cam_param": {"focal": [1200, 1204], "princpt": [640.5, 361]}},
    ],
)
def test_intrinsics_are_known_in_every_spelling(tmp_path, entry):
    camera = camera_of(saved(tmp_path, entry))
    assert camera.focal_length_px == pytest.approx(1202)
    assert camera.principal_point_px == pytest.approx((640.5, 361))


def test_without_a_principal_point_it_is_the_middle_of_the_picture(tmp_path):
    camera = camera_of(saved(tmp_path, {"focal_length_px": 900}))
    assert camera.principal_point_px == (639.5, 359.5)


def test_intrinsics_are_scaled_with_the_picture(tmp_path):
    path = saved(tmp_path, {"K": K, "resolution": list(SIZE)})
    half = camera_of(path, size_px=(640, 360))
    assert half.focal_length_px == pytest.approx(601.0)
    # The edge of the first pixel, at −0.5, is what stays in its place.
    assert half.principal_point_px == pytest.approx((320.0, 180.25))


def test_a_picture_of_another_shape_is_refused(tmp_path):
    path = saved(tmp_path, {"K": K, "resolution": list(SIZE)})
    with pytest.raises(BrokenEntryError, match="720×1280 px, expected the shape of 1280×720"):
        camera_of(path, size_px=(720, 1280))


def test_each_picture_has_the_camera_whose_name_it_bears(tmp_path):
    path = saved(tmp_path, {name: {"f": focal} for name, focal in (("cam1", 700), ("cam12", 800))})
    assert camera_of(path, "/a/cam1_0003.jpg").focal_length_px == 700
    assert camera_of(path, "/a/CAM12-x.jpg").focal_length_px == 800
    assert camera_of(path, "/a/cam12/cam1/0003.jpg").focal_length_px == 700
    assert camera_of(path, "/a/cam12/0003.jpg").note == "cameras.json, cam12"
    assert camera_of(path, "/a/cam123/0003.jpg") is None


def test_a_camera_that_is_a_number_needs_a_word_before_it(tmp_path):
    path = saved(tmp_path, {"cameras": [{"id": 1, "f": 700}, {"id": 2, "f": 800}]})
    assert camera_of(path, "/a/camera_02/frame_1.jpg").focal_length_px == 800
    assert camera_of(path, "/a/frame_1.jpg") is None


def test_two_cameras_that_fit_alike_are_refused(tmp_path):
    path = saved(tmp_path, {"left": {"f": 700}, "head": {"f": 800}})
    with pytest.raises(BrokenEntryError, match="several cameras: 'left', 'head'"):
        camera_of(path, "/a/left_head.jpg")


def test_images_of_a_coco_like_file_have_cameras_of_their_own_or_name_one(tmp_path):
    path = saved(
        tmp_path,
        {
            "images": [
                {"file_name": "x/1.jpg", "width": 1280, "height": 720, "cam_param": {"K": K}},
                {"file_name": "y/1.jpg", "camera_id": 4},
                {"file_name": "y/2.jpg"},
            ],
            "cameras": {"4": {"f": 800}},
        },
    )
    assert camera_of(path, "/data/x/1.jpg").focal_length_px == 1202
    assert camera_of(path, "/data/y/1.jpg").focal_length_px == 800
    assert camera_of(path, "/data/y/2.jpg") is None


def test_pixels_that_are_no_squares_are_refused_with_both_numbers(tmp_path):
    with pytest.raises(AnnotationError, match="1200 px across and 1300 px down"):
        read_calibration(saved(tmp_path, {"fx": 1200, "fy": 1300}))


def test_one_broken_camera_does_not_stop_the_others(tmp_path):
    found = read_calibration(saved(tmp_path, {"a": {"f": -1}, "b": {"f": 900}}))
    assert list(found.by_name) == ["b"]
    assert found.problems == ("a: focal length: found [-1.0], expected pixels above 0",)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "no camera|expected an object"),
        ("{}", "no camera"),
        ("[1, 2]", "no camera"),
        ('{"K": [[1, 2, 3], [4, 5, 6], [7, 8, 9]]}', "expected the rows"),
        ('{"K": [[1e999, 0, 3], [0, 5, 6], [0, 0, 1]]}', "finite"),
        ('{"K": [[1, 0, 3], [0, 5, 6], [0, 0, 1], [0, 0, 1]]}', "12 numbers, expected 3 × 3"),
        ('{"K": [900, 900, 640, 360]}', "4 numbers, expected 3 × 3"),
        ('{"f": true}', "no camera"),
        ('{"f": 900, "dist": [1, 2, 3, 4, 5, 6, 7, 8, 9]}', "coefficients"),
        ('{"f": 900, "distortion_model": "fisheye"}', "take the distortion out"),
        ("a: &x [1, 2]\nb: *x\n", "anchors"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "entities"),
        ("<a><b>", "no element found|mismatched"),
        ("a: !!python/object/apply:os.system ['true']", "could not determine a constructor"),
        ("- " * 500 + "1", "nested too deep"),
        ("<a>" * 200 + "</a>" * 200, "nested too deep|no camera|expected an object"),
    ],
)
def test_what_is_no_calibration_is_refused_by_name(tmp_path, text, word):
    with pytest.raises(AnnotationError, match=word) as caught:
        read_calibration(saved(tmp_path, text, "broken.txt"))
    assert "broken.txt" in str(caught.value)
    assert caught.value.remedy


def test_a_folder_and_a_missing_file_are_named(tmp_path):
    for path, word in ((tmp_path, "a folder"), (tmp_path / "no.json", "no such file")):
        with pytest.raises(AnnotationError, match=word):
            read_calibration(path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="there are no real calibrations on this machine")
def test_real_calibrations_are_read():
    found = read_calibration(SHARED / "multiview" / "multiview.json")
    camera = found.camera_of(SHARED / "multiview" / "cam03_frame016.jpg", (1080, 1920))
    assert 1600 < camera.focal_length_px < 1750
    assert len(camera.distortion) == 4
    panoptic = SHARED / "panoptic" / "160906_band1" / "calibration_160906_band1.json"
    hd = read_calibration(panoptic).camera_of(Path("/hd/00_05/0001.jpg"), (1920, 1080))
    assert 1200 < hd.focal_length_px < 1700
