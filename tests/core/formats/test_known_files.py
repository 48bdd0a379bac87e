"""Files of other programs are named, with what to do; annotations are never taken for one."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import AnnotationError
from core.formats.known_files import recognise
from core.formats.registry import FORMATS, open_format, options_for, recognise_source
from tests.core.formats.people import PICTURE_SIZE, annotation, document, joints, openpose, result

PAIRS = [point[:2] for point in joints()]
JSONS: dict[str, Any] = {
    "EFT": {"ver": 1, "data": [{"parm_pose": []}]},
    "VGG": {"a.jpg": {"filename": "a.jpg", "regions": [{"region_attributes": {}}]}},
    "Ultralytics": [{"name": "person", "class": 0, "box": {"x1": 1.0}, "keypoints": {"x": []}}],
    "Supervisely": {"size": {}, "objects": [{"classTitle": "person"}]},
}  # fmt: skip
YOLO_ROW = "0 0.5 0.5 0.3 0.6"
TEXTS = {
    "YOLO label": YOLO_ROW,
    "label file": f"{YOLO_ROW}\r\n{YOLO_ROW}\n",
    "Pascal VOC": "<annotation><object/></annotation>",
    "XML": "<svg></svg>",
    "DeepLabCut": "scorer,DLC,DLC,DLC\nbodyparts,nose,nose,nose\ncoords,x,y,likelihood\n",
    "text of no format": "people of the holiday",
    "web page": "<!DOCTYPE html><html><body>Sign in</body></html>",
    "mesh": "ply\nformat ascii 1.0\n",
    "PDF": "%PDF-1.7\n",
    "an empty file": "",
}
BYTES = {
    "pickle": b"\x80\x04\x95\x00\x00",
    "HDF5": b"\x89HDF\r\n\x1a\n",
    "MATLAB file, neither MPII's": b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM",
    "MATLAB file of version 7.3": b"MATLAB 7.3 MAT-file",
    "NumPy array": b"\x93NUMPY\x01\x00",
    "database": b"SQLite format 3\0",
    "video": b"\0\0\0\x18ftypmp42",
    "packed archive": b"\x1f\x8b\x08",
    "archive (tar)": b"a.txt".ljust(257, b"\0") + b"ustar",
    "no kind that is known": b"\x01\x02" * 40,
}


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name in names:
            file.writestr(name, b"")
    return stream.getvalue()


NPZ = {
    "HumanData": archive("image_path.npy", "bbox_xywh.npy", "config.npy"),
    "data set of SPIN": archive("imgname.npy", "center.npy", "part.npy"),
    "archive of bodies": archive("pose.npy", "betas.npy"),
    "NumPy arrays": archive("a.npy"),
    "Unpack": archive("people.json"),
    "checkpoint": archive("regressor/data.pkl"),
    "body model": archive("v_template.npy", "shapedirs.npy", "J_regressor.npy"),
    "office document": archive("[Content_Types].xml", "xl/workbook.xml"),
    "is cut off": archive("image_path.npy", "keypoints2d.npy", "smpl.npy", "betas.npy")[:-30],
}
CONTENTS: dict[str, bytes] = {
    **{name: json.dumps(content).encode() for name, content in JSONS.items()},
    **{name: text.encode() for name, text in TEXTS.items()},
    **BYTES,
    **NPZ,
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_of_another_program_is_named_with_what_to_do(
    tmp_path: Path, name: str, format_name: str
) -> None:
    file = tmp_path / "file.dat"
    file.write_bytes(CONTENTS[name])
    with pytest.raises(AnnotationError) as caught:
        open_format(FORMATS[format_name], file, None, dataset="x")
    assert name in str(caught.value)
    assert caught.value.remedy
    assert "complete" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a.npz", "a damaged archive (npz)"),
        ("a.npy", "a damaged array"),
        ("a.pkl", "a damaged pickle"),
        ("a.mat", "a damaged MATLAB file"),
        ("a.zip", "a damaged archive: "),
        ("a.json", "no JSON file"),
    ],
)
def test_a_damaged_file_is_named_for_what_it_was(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / name).write_bytes(b"\x12\x34" * 40)
    known = recognise(tmp_path / name)
    assert known is not None
    assert told in known.what
    assert known.remedy


def test_a_picture_is_one_in_any_format(tmp_path: Path) -> None:
    for suffix in ("jpg", "png", "webp", "bmp"):
        file = tmp_path / f"a.{suffix}"
        cv2.imwrite(str(file), np.zeros((8, 8, 3), np.uint8))
        known = recognise(file)
        assert known is not None
        assert known.what == "a picture"


def test_a_folder_is_what_its_files_are(
    tmp_path: Path, write_json: Callable[[str, Any], Path], picture: Callable[..., Path]
) -> None:
    picture("a.png")
    assert recognise(tmp_path) is None
    (tmp_path / "a.txt").write_text(TEXTS["YOLO label"])
    known = recognise(tmp_path)
    assert known is not None
    assert known.what == "a folder whose a.txt is a YOLO label file without a body's joints"
    write_json("a.json", openpose(joints("body25", 0.9)))
    assert recognise(tmp_path) is None
    write_json("b.json", JSONS["VGG"])
    assert recognise(tmp_path) is None
    write_json("a.json", JSONS["VGG"])
    known = recognise(tmp_path)
    assert known is not None
    assert known.what == "a folder whose a.json is a file of the VGG Image Annotator"


@pytest.mark.parametrize(
    "content",
    [
        document(annotation()),
        {"annotations": [], "images": []},
        [result()],
        [result(keypoints=PAIRS, keypoint_scores=[0.9] * 17)],
        [],
        openpose(joints("body25", 0.9)),
        [openpose(joints("coco18", 0.9), canvas_width=200, canvas_height=130)],
    ],
)
def test_annotations_are_taken_for_nothing_else(
    tmp_path: Path, write_json: Callable[[str, Any], Path], content: Any
) -> None:
    assert recognise(write_json("a.json", content)) is None
    marked = tmp_path / "marked.json"
    marked.write_bytes(b"\xef\xbb\xbf \n" + json.dumps(content).encode())
    assert recognise(marked) is None
    wide = tmp_path / "wide.json"
    wide.write_bytes(json.dumps(content).encode("utf-16"))
    assert recognise(wide) is None


def test_what_cannot_be_looked_at_is_left_to_the_reader(tmp_path: Path) -> None:
    assert recognise(tmp_path / "absent") is None
    assert recognise(Path("a\0b")) is None


def test_annotations_of_the_other_format_are_named(
    tmp_path: Path, write_json: Callable[[str, Any], Path], picture: Callable[..., Path]
) -> None:
    picture("a.png", PICTURE_SIZE)
    people = write_json("a.json", openpose(joints("body25", 0.9)))
    for source in (people, tmp_path):
        with pytest.raises(AnnotationError, match="this is OpenPose, not COCO keypoints") as caught:
            open_format(FORMATS["coco"], source, None, dataset="x")
        assert caught.value.remedy == "Import it as openpose."
    coco = write_json("coco/people.json", document(annotation()))
    with pytest.raises(AnnotationError, match="this is COCO keypoints, not OpenPose"):
        open_format(FORMATS["openpose"], coco, None, dataset="x")


@pytest.mark.parametrize("name", FORMATS)
def test_of_a_folder_of_coco_keypoints_the_file_is_asked_for(
    tmp_path: Path, write_json: Callable[[str, Any], Path], name: str
) -> None:
    write_json("people.json", document(annotation()))
    write_json("settings.json", {"a": 1})
    with pytest.raises(AnnotationError, match=r"a folder whose people\.json is COCO") as caught:
        open_format(FORMATS[name], tmp_path, None, dataset="x")
    assert caught.value.remedy == "Import people.json as coco."


def test_a_folder_with_some_of_openpose_is_openpose(
    tmp_path: Path, write_json: Callable[[str, Any], Path]
) -> None:
    write_json("a_people.json", document(annotation()))
    write_json("b_keypoints.json", openpose(joints("body25", 0.9)))
    assert recognise_source(tmp_path) is None


def test_options_are_those_that_mean_something_for_the_source(
    tmp_path: Path, write_json: Callable[[str, Any], Path]
) -> None:
    coco, other = FORMATS["coco"], FORMATS["openpose"]
    assert options_for(coco, write_json("a.json", document(annotation()))) == {"joints"}
    assert "annotations" in options_for(coco, write_json("b.json", [result()]))
    assert options_for(coco, tmp_path / "absent.json") == coco.options
    assert options_for(other, tmp_path) == {"joints", "size_px", "min_score"}


@pytest.mark.parametrize(
    "arrays",
    [
        ("imgname", "pose", "betas"),
        ("imgname", "pose_cam", "trans_cam", "cam_int"),
        ("poses", "trans", "betas"),
        ("bodyPose", "shapeParameters", "bodyTranslation"),
    ],
)
def test_archives_of_bodies_are_known_as_such(tmp_path, arrays):
    file = tmp_path / "file"
    file.write_bytes(archive(*(f"{name}.npy" for name in arrays)))
    known = recognise(file)
    assert known is not None
    assert known.holds_bodies


def test_other_archives_hold_no_bodies(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(archive("arr_0.npy"))
    known = recognise(file)
    assert known is not None
    assert not known.holds_bodies
