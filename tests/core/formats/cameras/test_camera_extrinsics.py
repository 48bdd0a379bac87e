"""Where the cameras of a calibration stood: every spelling, its unit, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.formats.cameras.calibration_files import read_calibration
from core.types.camera_poses import CameraPose

K = [[1200.0, 0.0, 640.0], [0.0, 1200.0, 360.0], [0.0, 0.0, 1.0]]
RVEC = np.array([0.3, -0.8, 0.2])
R = cv2.Rodrigues(RVEC)[0]
T = np.array([0.5, -1.0, 4.0])
WHOLE = np.column_stack([R, T])
BACK = np.linalg.inv(np.vstack([WHOLE, [0, 0, 0, 1]]))
SHARED = Path(__file__).resolve().parents[5] / "shared" / "realdata"


def pose_of(folder: Path, entry: dict[str, object], **document: object) -> CameraPose | None:
    path = folder / "set.json"
    path.write_text(json.dumps({**document, "cameras": [{"name": "cam1", "K": K, **entry}]}))
    camera = read_calibration(path).camera_of(Path("cam1_7.jpg"), (1280, 720))
    assert camera is not None
    return camera.pose


@pytest.mark.parametrize(
    "entry",
    [
        {"R": R.tolist(), "t": T.tolist()},
        {"R": R.ravel().tolist(), "T": T[:, None].tolist()},
        {"rvec": RVEC.tolist(), "tvec": T.tolist()},
        {"rotation": RVEC[:, None].tolist(), "translation": T.tolist()},
        {"rotation_matrix": {"rows": 3, "cols": 3, "data": R.ravel().tolist()}, "t": T.tolist()},
        {"camrot": R.tolist(), "campos": (-R.T @ T).tolist()},
        {"extrinsics": WHOLE.tolist()},
        {"RT": [*WHOLE.tolist(), [0, 0, 0, 1]]},
        {"c2w": BACK.tolist()},
        {"extrinsic": {"R": R.tolist(), "t": T.tolist()}},
    ],
)
def test_a_pose_is_known_in_every_spelling(tmp_path: Path, entry: dict[str, object]) -> None:
    pose = pose_of(tmp_path, entry)
    assert pose is not None
    np.testing.assert_allclose(pose.rotation_matrix, R, atol=1e-9)
    np.testing.assert_allclose(pose.translation, T, atol=1e-9)
    assert pose.metres_per_unit is None


@pytest.mark.parametrize(
    ("entry", "document", "metres"),
    [
        ({"t_mm": T.tolist()}, {}, 0.001),
        ({"t_metres": T.tolist()}, {}, 1.0),
        ({"t": T.tolist(), "unit": "cm"}, {}, 0.01),
        ({"t": T.tolist()}, {"units": "millimeters"}, 0.001),
        ({"t": T.tolist(), "unit": "MM"}, {}, 0.001),
        ({"t": T.tolist()}, {"units": "Meters "}, 1.0),
        ({"t": T.tolist(), "unit": "inch"}, {}, 0.0254),
        ({"t": T.tolist()}, {"units": "squares"}, None),
    ],
)
def test_the_unit_is_what_the_file_says_of_it(tmp_path, entry, document, metres) -> None:
    pose = pose_of(tmp_path, {"R": R.tolist(), **entry}, **document)
    assert pose is not None
    assert pose.metres_per_unit == metres


@pytest.mark.parametrize(
    ("entry", "document", "told"),
    [
        ({"unit": "furlong"}, {}, ["cam1: the unit 'furlong' is not known, expected m, cm"]),
        ({}, {"units": "squares"}, ["the file: the unit 'squares' is not known"]),
        ({"unit": "furlong", "units": "mm"}, {}, []),
        ({"unit": "furlong"}, {"units": "mm"}, []),
        ({}, {}, []),
    ],
)
def test_a_unit_that_is_not_known_is_named(tmp_path, entry, document, told) -> None:
    cameras = {name: {"f": 900, "R": R.tolist(), "t": T.tolist(), **entry} for name in ("cam1",)}
    path = tmp_path / "rig.json"
    path.write_text(json.dumps({"cameras": cameras, **document}))
    found = read_calibration(path)
    assert len(found.problems) == len(told)
    assert all(said in problem for said, problem in zip(told, found.problems, strict=True))
    assert len(found.places) == 1


@pytest.mark.parametrize("entry", [{}, {"R": R.tolist()}, {"t": T.tolist()}])
def test_half_a_pose_is_none(tmp_path: Path, entry: dict[str, object]) -> None:
    assert pose_of(tmp_path, entry) is None


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"R": (2 * R).tolist(), "t": T.tolist()}, "no rotation"),
        ({"R": (-R).tolist(), "t": T.tolist()}, "no rotation"),
        ({"R": R.tolist(), "t": [1, 2]}, "2 numbers, expected 3"),
        ({"R": [[1, 0], [0, 1]], "t": T.tolist()}, "4 numbers, expected 3 × 3"),
        ({"RT": [*WHOLE.tolist(), [0, 0, 1, 1]]}, "last row"),
    ],
)
def test_a_place_that_cannot_be_read_is_told_and_the_lens_taken(tmp_path, entry, why) -> None:
    assert pose_of(tmp_path, entry) is None
    assert why in read_calibration(tmp_path / "set.json").problems[0]


def test_digits_that_were_cut_make_a_rotation_again(tmp_path: Path) -> None:
    pose = pose_of(tmp_path, {"R": np.round(R, 3).tolist(), "t": T.tolist()})
    assert pose is not None
    matrix = pose.rotation_matrix
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(matrix, R, atol=2e-3)


def test_cameras_of_one_file_share_a_world_that_other_files_of_its_name_do_not(tmp_path) -> None:
    def worlds(folder: str, shift: float) -> set[str]:
        path = tmp_path / folder / "set.json"
        path.parent.mkdir()
        entries = [
            {"name": f"cam{number}", "K": K, "R": R.tolist(), "t": [number, shift, 4]}
            for number in range(2)
        ]
        path.write_text(json.dumps(entries))
        found = read_calibration(path)
        cameras = [found.camera_of(Path(f"cam{n}_7.jpg"), (1280, 720)) for n in range(2)]
        return {camera.pose.world for camera in cameras if camera and camera.pose}

    first, second = worlds("a", 0.0), worlds("b", 1.0)
    assert len(first) == len(second) == 1
    assert first != second


def test_cameras_of_files_of_their_own_share_the_world_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "session 3"
    folder.mkdir()
    path = folder / "cam1.json"
    path.write_text(json.dumps({"K": K, "R": R.tolist(), "t": T.tolist()}))
    camera = read_calibration(path).camera_of(Path("cam1_7.jpg"), (1280, 720))
    assert camera is not None
    assert camera.pose is not None
    assert camera.pose.world == "session 3/"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/realdata next to the checkout")
def test_real_calibrations_are_read_with_their_places() -> None:
    clip = read_calibration(SHARED / "multiview" / "multiview.json")
    poses = [each.extrinsics for each in clip.by_name.values()]
    assert [pose and pose.metres_per_unit for pose in poses] == [1.0] * 4
    (panoptic,) = (SHARED / "panoptic" / "160906_band1").glob("calibration_*.json")
    found = read_calibration(panoptic)
    assert not found.problems
    assert all(each.extrinsics is not None for each in found.by_name.values())
