"""Small valid files of annotation tools, detectors and data sets, and their readers."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutations
import numpy as np
import scipy.io
from fuzzed_reader import FuzzedReader

from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.registry import FORMATS, guess_format

JOINT = [(20.0 + 4 * index, 30.0 + 2 * index) for index in range(20)]
"""In pictures of 200×100 px, one.png and 1.png; more joints lie where these do."""


def annotation_readers(folder: Path) -> list[FuzzedReader]:
    """All of them; the pictures lie in ``folder``."""
    return [
        *_data_sets(folder),
        _spin(folder),
        _human_data(folder),
        *_tools(folder),
        *_labels(folder),
        *_detectors(folder),
    ]


def _reading(name: str, folder: Path) -> Callable[[Path], object]:
    """Reads everything, as a format and as what it is taken for."""

    def read(path: Path) -> list[str]:
        guess_format(path)
        source = FORMATS[name].open(path, folder, dataset="fuzz")
        return [str(result) for entry in source.entries for result in entry]

    return read


def _of_json(name: str, form: str, document: Any, folder: Path, file_name: str) -> FuzzedReader:
    content = json.dumps(document).encode()
    damaged = mutations.damaged_text(content)
    return FuzzedReader(name, damaged, file_name, _reading(form, folder))


def _of_bytes(
    name: str, form: str, files: list[bytes], folder: Path, file_name: str
) -> FuzzedReader:
    damaged = mutations.one_of_files(files, mutations.blindly_damaged)
    return FuzzedReader(name, damaged, file_name, _reading(form, folder))


def _spin(folder: Path) -> FuzzedReader:
    points = np.zeros((2, 49, 3))
    points[:, : len(JOINT)] = [[x, y, 1] for x, y in JOINT]
    rows = {
        "imgname": np.array(["one.png", "1.png"]), "center": np.full((2, 2), 50.0),
        "scale": np.full(2, 0.4),
    }  # fmt: skip
    whole = {**rows, "openpose": points[:, :25], "part": points[:, :24], "S": np.ones((2, 24, 4))}
    short = {**rows, "part": points[:, :17], "S": _of_human36m(points[:, :17])}
    return FuzzedReader(
        "SPIN data set",
        mutations.one_of_files([_npz(whole), _npz(short)], mutations.damaged_archive),
        "one.npz",
        _reading("spin-dataset", folder),
    )


def _of_human36m(pixels: Any) -> Any:
    """True joints (N, 17, 4) whose pelvis lies between the hips of Human3.6M's order."""
    true = np.concatenate([pixels[..., :2] / 100, np.ones((*pixels.shape[:2], 2))], axis=2)
    true[:, 0] = (true[:, 1] + true[:, 4]) / 2
    return true


def _human_data(folder: Path) -> FuzzedReader:
    content = {
        "image_path": np.array(["one.png", "1.png"]), "bbox_xywh": np.full((2, 5), 40.0),
        "keypoints2d": np.full((2, 144, 3), 50.0), "keypoints3d": np.ones((2, 144, 4)),
        "mask": np.ones(144, np.uint8), "config": np.array("coco"),
    }  # fmt: skip
    return FuzzedReader(
        "HumanData keypoints", mutations.damaged_archive(_npz(content)), "one.npz",
        _reading("humandata", folder),
    )  # fmt: skip


def _npz(arrays: dict[str, Any]) -> bytes:
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    return packed.getvalue()


def _data_sets(folder: Path) -> list[FuzzedReader]:
    listed = {
        "image": "one.png",
        "joints": [list(JOINT[i]) for i in range(16)],
        "joints_vis": [1] * 16,
        "center": [60.0, 50.0],
        "scale": 0.4,
    }
    points = _structs(
        [{"x": x, "y": y, "id": i, "is_visible": "1"} for i, (x, y) in enumerate(JOINT[:16])]
    )
    person = {"scale": 0.4, "objpos": {"x": 60.0, "y": 50.0}, "annopoints": {"point": points}}
    image = {"image": {"name": "one.png"}, "annorect": _structs([person, person])}
    release = {"RELEASE": {"annolist": _structs([image]), "version": "12"}}
    joints = {"joints": np.array([[[x, y, 1]] for x, y in JOINT[:14]]).transpose(2, 0, 1)}
    numbers = [number for x, y in JOINT[:14] for number in (x, y, 1)]
    aic = {
        "image_id": "one.png",
        "keypoint_annotations": {"human1": numbers, "human2": numbers},
        "human_annotations": {"human1": [10, 10, 150, 90]},
    }
    ochuman = {
        "keypoint_names": list(JOINT_ORDERS["coco"].joints),
        "keypoint_visible": {"vis": 1},
        "images": [
            {
                "file_name": "one.png",
                "width": 200,
                "height": 100,
                "annotations": [
                    {
                        "bbox": [10, 10, 150, 90],
                        "keypoints": [number for x, y in JOINT[:17] for number in (x, y, 1)],
                    }
                ]
                * 2,
            }
        ],
    }
    return [
        _of_json("AI Challenger", "aic", [aic] * 2, folder, "aic.json"),
        _of_json("OCHuman", "ochuman", ochuman, folder, "ochuman.json"),
        _of_json("MPII list", "mpii", [listed] * 2, folder, "mpii.json"),
        _of_bytes("MPII release", "mpii", _matlab_files(release), folder, "mpii.mat"),
        _of_bytes("LSP joints", "lsp", _matlab_files(joints), folder, "joints.mat"),
    ]  # fmt: skip


def _tools(folder: Path) -> list[FuzzedReader]:
    names = JOINT_ORDERS["coco"].joints
    shapes: list[dict[str, Any]] = [
        {"label": name, "points": [[x + 40 * group, y]], "group_id": group, "shape_type": "point"}
        for group in (0, 1)
        for name, (x, y) in zip(names, JOINT, strict=False)
    ]
    shapes.append(
        {
            "label": "person",
            "points": [[10, 10], [150, 90]],
            "group_id": 1,
            "shape_type": "rectangle",
        }
    )
    labelme = {
        "version": "5.5.0",
        "shapes": shapes,
        "imagePath": "one.png",
        "imageHeight": 100,
        "imageWidth": 200,
    }
    points = "".join(
        f'<points label="{name}" outside="0" points="{x},{y}"/>'
        for name, (x, y) in zip(names, JOINT, strict=False)
    )
    row = ";".join(f"{x},{y}" for x, y in JOINT[:17])
    cvat = (
        '<?xml version="1.0"?><annotations><version>1.1</version><image id="0" name="one.png" '
        f'width="200" height="100"><skeleton label="person" group_id="1">{points}</skeleton>'
        '<box label="person" xtl="5" ytl="5" xbr="150" ybr="95" group_id="1"/>'
        f'<points label="person" points="{row}"/></image></annotations>'
    )
    frames = "".join(
        f'<skeleton frame="{frame}" outside="{int(frame == 9)}">{points}</skeleton>'
        for frame in (0, 4, 9)
    )
    tracks = (
        '<annotations><version>1.1</version><track id="0" label="person" group_id="1">'
        f'{frames}</track><track id="1" label="person" group_id="1">'
        '<box frame="1" xtl="5" ytl="5" xbr="150" ybr="95"/></track></annotations>'
    )
    return [
        _of_json("Datumaro", "datumaro", _datumaro(), folder, "datumaro.json"),
        _of_json("labelme", "labelme", labelme, folder, "labelme.json"),
        FuzzedReader(
            "CVAT",
            mutations.one_of_files([cvat.encode(), tracks.encode()], mutations.damaged_xml),
            "cvat.xml",
            _reading("cvat", folder),
        ),
    ]


def _datumaro() -> dict[str, Any]:
    names = JOINT_ORDERS["coco"].joints
    row = {
        "type": "points",
        "group": 1,
        "label_id": 0,
        "visibility": [2] * 17,
        "points": [number for place in JOINT[:17] for number in place],
    }
    box = {"type": "bbox", "group": 1, "label_id": 0, "bbox": [10, 10, 140, 80]}
    element = {"type": "points", "label_id": 1, "points": [20, 30], "visibility": [2]}
    skeleton = {
        "type": "skeleton",
        "label_id": 0,
        "elements": [element, {**element, "label_id": 2, "points": [60, 70]}],
    }
    item = {
        "id": "one",
        "annotations": [row, box, skeleton],
        "image": {"path": "one.png", "size": [100, 200]},
    }
    categories = {
        "label": {"labels": [{"name": name} for name in ("person", *names)]},
        "points": {"items": [{"label_id": 0, "labels": list(names)}]},
    }
    return {"dm_format_version": "1.0", "infos": {}, "categories": categories, "items": [item]}


def _labels(folder: Path) -> list[FuzzedReader]:
    joints = [number for x, y in JOINT[:17] for number in (x / 200, y / 100, 2)]
    scored = [number for x, y in JOINT[:17] for number in (x / 200, y / 100, 0.7)]
    rows = [["0", *map(str, [0.4, 0.5, 0.6, 0.8, *numbers])] for numbers in (joints, scored)]
    text = "\n".join([" ".join(rows[0]), " ".join([*rows[1], "0.9", "3"])]).encode()
    description = b"kpt_shape: [17, 3]\nnames: {0: person}\nkpt_names: {0: [nose, left_eye]}\n"
    regions = [
        _region(f"{name}{group}", name, x + 50 * group, y, group)
        for group in (0, 1)
        for name, (x, y) in zip(JOINT_ORDERS["coco"].joints, JOINT, strict=False)
    ]
    boxes = [_region(f"box{group}", None, 5 + 50 * group, 5, None) for group in (0, 1)]
    task = {
        "data": {"image": "/data/upload/1/12345678-one.png"},
        "annotations": [{"result": [*regions, *boxes]}],
    }

    def read_description(path: Path) -> object:
        (path.parent / "1.txt").write_bytes(text)
        return _reading("yolo", folder)(path)

    return [
        _of_bytes("YOLO labels", "yolo", [text], folder, "1.txt"),
        FuzzedReader(
            "YOLO description",
            mutations.blindly_damaged(description),
            "data.yaml",
            read_description,
        ),
        _of_json("Label Studio", "label-studio", [task] * 2, folder, "tasks.json"),
    ]


def _region(name: str, label: str | None, x: float, y: float, group: Any) -> dict[str, Any]:
    kind = "rectanglelabels" if label is None else "keypointlabels"
    value = {"x": x / 2, "y": y, "width": 40, "height": 80, kind: [label or "person"]}
    parent = {} if group is None else {"parentID": f"box{group}"}
    return {
        "id": name,
        "type": kind,
        "from_name": "k",
        "to_name": "i",
        "value": value,
        "original_width": 200,
        "original_height": 100,
        **parent,
    }


def _detectors(folder: Path) -> list[FuzzedReader]:
    instance = {
        "keypoints": [list(place) for place in JOINT[:17]],
        "keypoint_scores": [0.8] * 17,
        "bbox": [[10, 10, 150, 90]],
    }
    meta = {"keypoint_id2name": dict(enumerate(JOINT_ORDERS["coco"].joints))}
    video = {"meta_info": meta, "instance_info": [{"frame_id": 1, "instances": [instance] * 2}]}
    row = [number for x, y in JOINT[:17] for number in (x, y, 0.9)]
    result = {
        "image_id": "one.png",
        "category_id": 1,
        "keypoints": row,
        "score": 3.1,
        "box": [10, 10, 140, 80],
        "idx": [0.0],
    }
    body = {"joints": [number for x, y in JOINT[:18] for number in (x, y, 0.9)]}
    forms = {"one.png": {"version": "AlphaPose v0.3", "bodies": [body] * 2}}
    frame = {"0": [[y, x, 0.9] for x, y in JOINT[:17]], "1": [[y, x, 0.9] for x, y in JOINT[:17]]}
    vitpose = {"keypoints": [frame], "skeleton": dict(enumerate(JOINT_ORDERS["coco"].joints))}
    return [
        _of_json("MMPose picture", "mmpose", [instance] * 2, folder, "1.json"),
        _of_json("MMPose video", "mmpose", video, folder, "video.json"),
        _of_json("AlphaPose results", "alphapose", [result] * 2, folder, "results.json"),
        _of_json("AlphaPose CMU", "alphapose", forms, folder, "results.json"),
        _of_json("ViTPose", "vitpose", vitpose, folder, "1_result.json"),
    ]


def _matlab_files(content: dict[str, Any]) -> list[bytes]:
    """Packed and, so that damage reaches what is inside, unpacked."""
    files = []
    for compressed in (False, False, True):
        stream = io.BytesIO()
        scipy.io.savemat(stream, content, do_compression=compressed)
        files.append(stream.getvalue())
    return files


def _structs(values: list[dict[str, Any]]) -> Any:
    names = list(values[0])
    array = np.empty((1, len(values)), dtype=[(name, object) for name in names])
    for index, value in enumerate(values):
        array[0, index] = tuple(value[name] for name in names)
    return array
