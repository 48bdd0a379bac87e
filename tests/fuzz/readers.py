"""Every reader of foreign files, with small valid files to damage and how to damage them."""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import cv2
import joblib
import mutations
import numpy as np
import scipy.sparse
import torch
from annotation_files import annotation_readers
from fuzzed_reader import FuzzedReader

from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS
from core.body.smpl_files import load_body_arrays
from core.dictionary.search.query_json import rules_of
from core.dictionary.search.query_parser import query_from_text, text_of_query
from core.dictionary.search.saved_views import _view_from
from core.dictionary.store import Dictionary
from core.engine.evaluation.body_errors import ErrorSummary
from core.engine.evaluation.protocol_files import ProtocolFiles, read_people
from core.engine.evaluation.protocols import protocol_named
from core.engine.failure_detection.logistic_models import Calibration
from core.engine.regression.checkpoints import (
    FORMAT,
    VERSION,
    regressor_from_state,
    regressor_state,
)
from core.engine.regression.lifter import Lifter
from core.engine.regression.lifter_network import LiftingNetwork
from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor
from core.engine.regression.weight_files import read_weight_file
from core.engine.smplify.pose_prior import BODY_POSE_SIZE, PosePrior
from core.engine.training.checkpointing import StoredRun
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.cameras.calibration_files import read_calibration
from core.formats.reader_results import BrokenEntryError
from core.formats.registry import FORMATS, open_format
from core.geometry.rotations import axis_angle_to_matrix
from core.paper.cells import load_result
from core.pictures.decoding import load_picture, picture_size
from core.resource_files import RESOURCES
from core.runs.observers import IterationMetrics
from core.runs.run_folder import RunFolder, read_metrics
from core.runs.training_configuration import PAPER, STUDIO
from spin_gui.commands.key_map import KeyMap
from spin_gui.window.restored_view import ReviewBookmark

RNG = np.random.default_rng(0)


def readers(folder: Path) -> Mapping[str, FuzzedReader]:
    """All of them by name; what they need beside the damaged file is written into ``folder``."""
    cv2.imwrite(str(folder / "one.png"), np.full((100, 200, 3), 90, np.uint8))
    cv2.imwrite(str(folder / "1.png"), np.full((100, 200, 3), 90, np.uint8))
    (folder / "body.npz").write_bytes(npz(body()))
    made = [*_bodies(folder), *_annotations(folder), *_predictions(), *_weights(), *_runs(folder)]
    made += [*_results(), *_rows_of_a_set(folder)]
    made += [*annotation_readers(folder), *_texts(folder), *_pictures()]
    return {item.name: item for item in made}


def npz(arrays: Mapping[str, Any], *, compressed: bool = False) -> bytes:
    """The bytes of an npz."""
    packed = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(packed, **arrays)
    return packed.getvalue()


def body(vertices: int = 30) -> dict[str, Any]:
    """A body's arrays, small."""
    weights, regressor = RNG.random((vertices, 24)), RNG.random((24, vertices))
    parents = np.array([2**32 - 1, *SKELETON_PARENTS[1:]], dtype=np.uint32)
    return {
        "v_template": RNG.normal(size=(vertices, 3)),
        "shapedirs": RNG.normal(size=(vertices, 3, 10)),
        "posedirs": RNG.normal(size=(vertices, 3, 207)).astype(np.float16),
        "J_regressor": regressor / regressor.sum(axis=1, keepdims=True),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "kintree_table": np.stack([parents, np.arange(24, dtype=np.uint32)]),
        "f": RNG.integers(0, vertices, size=(9, 3)).astype(np.uint32),
        "vertex_names": np.array(PICKED_VERTEX_NAMES),
        "vertex_indices": np.arange(len(PICKED_VERTEX_NAMES)),
    }


def _bodies(folder: Path) -> list[FuzzedReader]:
    arrays = body()
    pickled = {**arrays, "J_regressor": scipy.sparse.csc_matrix(arrays["J_regressor"])}
    dumps = [pickle.dumps(pickled, protocol) for protocol in (0, 2, 4)]
    beside = np.zeros((9, 30))
    beside[:, :9] = np.eye(9)
    packed = io.BytesIO()
    np.save(packed, beside)
    prior = {
        "means": RNG.normal(size=(2, BODY_POSE_SIZE)),
        "covars": np.stack([np.eye(BODY_POSE_SIZE)] * 2),
        "weights": np.array([0.4, 0.6]),
    }
    prior_npz = {"means": prior["means"], "covariances": prior["covars"], "weights": [0.4, 0.6]}
    return [
        FuzzedReader(
            "body npz",
            mutations.one_of_files([npz(arrays), npz(arrays, compressed=True)],
                                   mutations.damaged_archive),
            "body_fuzzed.npz",
            load_body_arrays,
        ),
        FuzzedReader(
            "body pickle",
            mutations.one_of_files(dumps, mutations.damaged_pickle)
            | mutations.other_objects(pickled),
            "body_fuzzed.pkl",
            load_body_arrays,
        ),
        FuzzedReader(
            "J_regressor_extra npy",
            mutations.damaged_array(packed.getvalue())
            | mutations.damaged_archive(npz({"a": beside})),
            "J_regressor_extra.npy",
            lambda path: load_body_arrays(path.parent / "body.npz"),
        ),
        FuzzedReader(
            "pose prior npz", mutations.damaged_archive(npz(prior_npz)), "prior.npz", PosePrior.load
        ),
        FuzzedReader(
            "pose prior pickle",
            mutations.damaged_pickle(pickle.dumps(prior, 2)) | mutations.other_objects(prior),
            "prior.pkl",
            PosePrior.load,
        ),
    ]  # fmt: skip


def _annotations(folder: Path) -> list[FuzzedReader]:
    joints = [value for i in range(17) for value in (20 + 5 * i, 30 + i, 2)]
    annotation = {"image_id": 1, "category_id": 1, "bbox": [10, 20, 100, 60], "keypoints": joints}
    coco = {
        "categories": [{"id": 1, "name": "person"}],
        "images": [{"id": 1, "file_name": "one.png", "width": 200, "height": 100}],
        "annotations": [{"id": index, "iscrowd": 0, **annotation} for index in range(1, 3)],
    }
    points = [value for i in range(25) for value in (20.0 + 3 * i, 30.0 + i, 0.9)]
    openpose = {"version": 1.3, "people": [{"pose_keypoints_2d": points}] * 2}

    def through(path: Path, name: str) -> list[str]:
        source = open_format(FORMATS[name], path, folder, dataset="fuzz")
        return [str(result) for entry in source.entries for result in entry]

    return [
        *_calibrations(),
        *(FuzzedReader(
            name,
            mutations.damaged_text(json.dumps(document).encode()),
            file_name,
            lambda path, form=form: through(path, form),
        )
        for name, document, file_name, form in (
            ("COCO annotations", coco, "people.json", "coco"),
            ("COCO results", [{**annotation, "score": 0.9}] * 2, "results.json", "coco"),
            ("OpenPose", openpose, "one_keypoints.json", "openpose"),
        )),
    ]  # fmt: skip


def _calibrations() -> list[FuzzedReader]:
    matrix = {"rows": 3, "cols": 3, "dt": "d", "data": [900, 0, 99.5, 0, 901, 49.5, 0, 0, 1]}
    document = {
        "cameras": [{"name": "one", "camera_matrix": matrix, "distCoef": [-0.1, 0.02, 0, 0, 0]}],
        "images": [{"file_name": "one.png", "width": 200, "height": 100, "focal": [900, 901]}],
    }
    yaml_text = (
        "%YAML:1.0\n---\nimage_width: 200\nimage_height: 100\n"
        "camera_matrix: !!opencv-matrix\n   rows: 3\n   cols: 3\n   dt: d\n"
        "   data: [ 900., 0., 99.5, 0., 901., 49.5, 0., 0., 1. ]\n"
        "distortion_coefficients: !!opencv-matrix\n   rows: 1\n   cols: 5\n   dt: d\n"
        "   data: [ -0.1, 0.02, 0., 0., 0. ]\n"
    )
    xml_text = (
        '<?xml version="1.0"?>\n<opencv_storage>\n<camera_matrix type_id="opencv-matrix">\n'
        "<rows>3</rows><cols>3</cols><dt>d</dt><data>900. 0. 99.5 0. 901. 49.5 0. 0. 1.</data>"
        "</camera_matrix>\n<image_width>200</image_width><image_height>100</image_height>\n"
        "</opencv_storage>\n"
    )

    def read(path: Path) -> object:
        found = read_calibration(path)
        with suppress(BrokenEntryError):
            return found.camera_of(path.parent / "one.png", (200, 100))
        return None

    return [
        FuzzedReader(
            "calibration",
            mutations.one_of_files(
                [json.dumps(document).encode(), yaml_text.encode(), xml_text.encode()],
                mutations.damaged_text,
            ),
            "calibration.yml",
            read,
        )
    ]


def _predictions() -> list[FuzzedReader]:
    poses = RNG.normal(size=(3, 72)).astype(np.float32)
    matrices = axis_angle_to_matrix(torch.from_numpy(poses).double().view(3, 24, 3)).numpy()
    common = {
        "imgname": np.array(["one.png", "1.png", "one.png"]),
        "betas": RNG.normal(size=(3, 10)),
        "center": np.full((3, 2), 50.0),
        "scale": np.full(3, 0.5),
    }
    eft = {
        "data": [
            {"imageName": "one.png", "annotId": index, "parm_pose": matrices[index].tolist(),
             "parm_shape": [0.1] * 10, "parm_cam": [0.9, 0.0, 0.1], "bbox_scale": 0.5,
             "bbox_center": [50.0, 50.0]}
            for index in range(2)
        ]
    }  # fmt: skip
    spin = {"imgname": common["imgname"], "center": common["center"], "scale": common["scale"]}
    files = ProtocolFiles(Path(), Path(), None, None, None, None)

    def read_protocol(path: Path, name: str) -> object:
        return read_people(protocol_named(name), replace(files, annotations=path), path.parent)

    return [
        FuzzedReader(
            "predictions npz",
            mutations.one_of_files(
                [
                    npz({**common, "pose": poses, "pred_cam": np.ones((3, 3))}),
                    npz({**common, "rotmat": matrices, "valid_fit": np.ones(3, bool)}),
                    npz({**common, "pose": poses, "camera_translation": np.ones((3, 3)),
                         "person": np.array(["1", "2", "3"])}, compressed=True),
                    npz({**common, "pose": poses, "crop_translation": np.ones((3, 3)),
                         "crop_camera_px": np.full((3, 5), 112.0)}),
                    npz({**common, "pose": poses, "transl": np.ones((3, 3)),
                         "focal_length": np.full((3, 2), 900.0)}),
                ],
                mutations.damaged_archive,
            ),
            "predictions.npz",
            read_foreign_predictions,
        ),
        FuzzedReader(
            "EFT json",
            mutations.damaged_text(json.dumps(eft).encode()),
            "eft.json",
            read_foreign_predictions,
        ),
        FuzzedReader(
            "protocol npz with joints",
            mutations.damaged_archive(npz({**spin, "S": np.ones((3, 24, 4))})),
            "protocol.npz",
            lambda path: read_protocol(path, "h36m-p1"),
        ),
        FuzzedReader(
            "protocol npz with bodies",
            mutations.damaged_archive(
                npz({**spin, "pose": poses, "shape": common["betas"],
                     "gender": np.array(["m", "f", "m"])})
            ),
            "protocol.npz",
            lambda path: read_protocol(path, "3dpw"),
        ),
    ]  # fmt: skip


def _rows_of_a_set(folder: Path) -> list[FuzzedReader]:
    """Fits of SPIN's that name no pictures, beside the data set whose rows they have."""
    (folder / "set.npz").write_bytes(
        npz({"imgname": np.array(["one.png", "1.png"]), "center": np.full((2, 2), 50.0),
             "scale": np.ones(2), "part": np.zeros((2, 24, 3))})
    )  # fmt: skip
    fits = RNG.normal(size=(2, 82))
    packed = io.BytesIO()
    np.save(packed, fits)
    final = {"pose": fits[:, :72], "betas": fits[:, 72:], "valid_fit": np.ones(2, bool)}
    return [
        FuzzedReader(
            "SPIN fits npy", mutations.damaged_array(packed.getvalue()), "set_fits.npy",
            read_foreign_predictions,
        ),
        FuzzedReader(
            "SPIN fits npz", mutations.damaged_archive(npz(final)), "set_final.npz",
            read_foreign_predictions,
        ),
    ]  # fmt: skip


def _results() -> list[FuzzedReader]:
    """Pickles and npz of other methods' results, as their programs write them."""
    pose, matrix = RNG.normal(size=(2, 72)), np.eye(3)[None].repeat(24, axis=0)
    vibe = {
        3: {"pose": pose, "betas": np.zeros((2, 10)), "pred_cam": np.ones((2, 3)),
            "bboxes": np.full((2, 4), 50.0), "frame_ids": np.arange(2)}
    }  # fmt: skip
    phalp = {
        "one.png": {
            "smpl": [{"global_orient": matrix[:1], "body_pose": matrix[1:], "betas": np.zeros(10)}],
            "camera": [np.ones(3)], "size": [[100, 200]], "center": [np.full(2, 50.0)],
            "scale": [np.full(2, 40.0)], "bbox": [np.full(4, 30.0)], "tid": [1],
            "tracked_time": [0], "conf": [0.9], "time": 0,
        }
    }  # fmt: skip
    sequence = {
        "sequence": "one", "poses": [pose], "trans": [np.ones((2, 3))], "betas": [np.zeros(10)],
        "jointPositions": [RNG.normal(size=(2, 72))], "cam_poses": np.stack([np.eye(4)] * 2),
        "cam_intrinsics": np.eye(3) * 900, "genders": ["m"], "campose_valid": [np.ones(2)],
    }  # fmt: skip
    person = {
        "camera_rotation": np.eye(3)[None], "camera_translation": np.ones((1, 3)),
        "global_orient": np.zeros((1, 3)), "body_pose": pose[:1, 3:66], "betas": np.zeros((1, 10)),
        "jaw_pose": np.zeros((1, 3)),
    }  # fmt: skip
    romp = {
        "cam": np.ones((2, 3)), "smpl_thetas": pose, "smpl_betas": np.zeros((2, 10)),
        "joints": RNG.normal(size=(2, 71, 3)), "pj2d_org": RNG.normal(size=(2, 71, 2)),
    }  # fmt: skip
    joints = RNG.normal(0, 0.3, size=(2, 71, 3))
    seen = joints[..., :2] / (joints[..., 2:] + 3) * 443.4 / 256
    bev = {
        "cam": np.ones((2, 3)), "cam_trans": np.repeat([[0.0, 0, 3]], 2, axis=0), "joints": joints,
        "smpl_thetas": pose, "smpl_betas": np.zeros((2, 11)), "pj2d_org": (seen + 1) * 100,
    }  # fmt: skip
    values = (vibe, phalp, sequence, person)
    human_data = {
        "__key_strict__": False, "image_path": ["one.png", "1.png"],
        "bbox_xywh": np.full((2, 5), 40.0), "keypoints2d": np.ones((2, 190, 3)),
        "keypoints3d": np.ones((2, 190, 4)), "keypoints2d_mask": np.ones(190, np.uint8),
        "smpl": {"body_pose": pose[:, 3:].reshape(2, 23, 3), "global_orient": pose[:, :3],
                 "betas": np.zeros((2, 10)), "transl": np.ones((2, 3))},
        "misc": {"focal_length": np.full(2, 900.0), "principal_point": np.full((2, 2), 50.0)},
        "meta": {"gender": ["male", "female"]},
    }  # fmt: skip
    amass = {
        "poses": np.zeros((2, 156)), "trans": np.ones((2, 3)), "betas": np.zeros(16),
        "gender": np.array("male"), "mocap_framerate": np.array(30.0),
    }  # fmt: skip
    codec = {
        "smplVersion": np.int32(0), "bodyPose": np.zeros((2, 24, 3)), "gender": np.int32(1),
        "bodyTranslation": np.ones((2, 3)), "shapeParameters": np.zeros(10),
        "frameCount": np.int32(2), "frameRate": np.float64(30),
    }  # fmt: skip
    archives = {"HumanData": human_data, "AMASS npz": amass, ".smpl": codec}
    return [
        *(FuzzedReader(
            name,
            mutations.one_of_files([npz(content), npz(content, compressed=True)],
                                   mutations.damaged_archive),
            "one.npz",
            read_foreign_predictions,
        ) for name, content in archives.items()),
        FuzzedReader(
            "pickles of results",
            mutations.one_of_files([pickle.dumps(each, 2) for each in values],
                                   mutations.damaged_pickle)
            | mutations.other_objects(sequence) | mutations.other_objects(person),
            "results.pkl",
            read_foreign_predictions,
        ),
        FuzzedReader(
            "joblib results",
            mutations.one_of_files([_joblib_bytes(each, compress) for each in values
                                    for compress in (0, 3)], mutations.damaged_pickle),
            "results.pkl",
            read_foreign_predictions,
        ),
        FuzzedReader(
            "ROMP and BEV npz",
            mutations.one_of_files(
                [npz({"results": romp}), npz({"results": {"one.png": romp, "1.png": romp}}),
                 npz({"results": bev})],
                mutations.damaged_archive,
            ),
            "one.npz",
            read_foreign_predictions,
        ),
    ]  # fmt: skip


def _joblib_bytes(value: Any, compress: int) -> bytes:
    packed = io.BytesIO()
    joblib.dump(value, packed, compress=compress)
    return packed.getvalue()


def _weights() -> list[FuzzedReader]:
    model = {
        "init_pose": torch.zeros(1, 144),
        "init_shape": torch.zeros(1, 10),
        "init_cam": torch.zeros(1, 3),
        "fc1.bias": torch.zeros(1024).half(),
    }
    state = {
        "format": FORMAT, "version": VERSION, "backbone": "test_resnet", "input_size_px": 64,
        "iterations": 3, "body_name": "x", "model": model, "best": np.float64(59.2),
        "mean": np.arange(3.0), "training": {"iteration": 3, "trust": {"sums": torch.zeros(35)}},
    }  # fmt: skip
    network = LiftingNetwork(width=4, blocks=1)
    lifter = {
        **{name: value.numpy() for name, value in network.state_dict().items()},
        "joint_spread_rad": np.ones(24, np.float32),
        "body_name": np.array("open body"),
    }
    mean = {"pose": np.zeros(144), "shape": np.zeros(10), "cam": np.zeros(3)}
    new, old = (_torch_bytes(state, old=old) for old in (False, True))
    mean_parameters = MeanParameters(torch.zeros(144), torch.zeros(10), torch.zeros(3))
    regressor = Regressor("test_resnet", mean=mean_parameters).half()
    optimiser = torch.optim.Adam(regressor.parameters())
    progress = {
        "iteration": 3,
        "optimiser": optimiser.state_dict(),
        "trust": RegressorErrorEstimate.unknown().to_state(),
    }
    run = _torch_bytes({**regressor_state(regressor), "training": progress}, old=False)

    described, packed = _description_of(run)

    def resume(path: Path) -> None:
        """Of the run's checkpoint with this description; its megabytes of weights stay."""
        checkpoint = path.with_name("last.pt")
        packed(path.read_bytes(), checkpoint)
        stored = StoredRun(checkpoint)
        stored.restore(torch.optim.Adam(stored.regressor().parameters()))

    return [
        FuzzedReader(
            "checkpoint",
            mutations.damaged_archive(new) | mutations.damaged_pickle(old),
            "checkpoint.pt",
            lambda path: regressor_from_state(read_weight_file(path), path),
        ),
        FuzzedReader(
            "training checkpoint", mutations.damaged_pickle(described), "data.pkl", resume
        ),
        FuzzedReader("lifter npz", mutations.damaged_archive(npz(lifter)), "l.npz", Lifter.load),
        FuzzedReader(
            "mean parameters npz",
            mutations.damaged_archive(npz(mean)),
            "mean.npz",
            MeanParameters.from_file,
        ),
    ]


def _description_of(content: bytes) -> tuple[bytes, Callable[[bytes, Path], None]]:
    """The pickle inside a checkpoint, and what saves the checkpoint with another one."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = next(each_member for each_member in members if each_member.endswith("data.pkl"))

    def save(description: bytes, path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for one, member in members.items():
                archive.writestr(one, description if one == name else member)

    return members[name], save


def _torch_bytes(state: Mapping[str, Any], *, old: bool) -> bytes:
    packed = io.BytesIO()
    torch.save(state, packed, _use_new_zipfile_serialization=not old)
    return packed.getvalue()


def _runs(folder: Path) -> list[FuzzedReader]:
    metrics = IterationMetrics(
        iteration=3, epoch=0, losses={"total": 1.5}, error_2d_px=4.0, share_improved=0.5,
        share_valid=1.0, samples=8, fit_seconds=0.1, step_seconds=0.2, learning_rate=1e-4,
    )  # fmt: skip
    line = json.dumps(asdict(metrics)).encode()
    summary = {field_.name: 3.5 for field_ in fields(ErrorSummary)}
    result = {"test": summary, "dictionary": summary, "refitted": {"a": summary}, "seconds": 3.5}
    configurations = [item.to_json().encode() for item in (STUDIO, PAPER)]
    return [
        FuzzedReader(
            "run configuration",
            mutations.one_of_files(configurations, mutations.damaged_text),
            "configuration.json",
            lambda path: RunFolder(path.parent).stored_configuration(),
        ),
        FuzzedReader(
            "metrics.jsonl",
            mutations.damaged_text(line).map(lambda one: line + b"\n" + one + b"\n" + line)
            | mutations.blindly_damaged(b"\n".join([line] * 3)),
            "metrics.jsonl",
            read_metrics,
        ),
        FuzzedReader(
            "flag calibration",
            mutations.damaged_text((RESOURCES / "flags" / "calibration.json").read_bytes()),
            "calibration.json",
            Calibration.load,
        ),
        FuzzedReader(
            "reproduction result",
            mutations.damaged_text(json.dumps(result).encode()),
            "result.json",
            lambda path: load_result(path.parent),
        ),
    ]


def _texts(folder: Path) -> list[FuzzedReader]:
    dictionary = Dictionary.create(folder / "project")
    text = "verdict:rejected,none origin:mean flag:betas run:3 loss:10..50 beta:..2 'two words'"
    text += " fitted:2026-11-01.. dataset:coco with:corrections without:fit"
    query = query_from_text(text)
    rules = json.dumps(rules_of(query)).encode()
    place = ReviewBookmark(query, 7).to_text().encode()
    keys = json.dumps({"review.accept": ["A", "Ctrl+A"], "review.reject": ["X"]}).encode()

    def read_filter(path: Path) -> object:
        found = query_from_text(path.read_bytes().decode(errors="surrogateescape"))
        if query_from_text(text_of_query(found)) != found:
            message = f"{found} is another query when it is read back"
            raise AssertionError(message)
        return dictionary.search.count(found)

    def read_rules(path: Path) -> object:
        view = _view_from(1, "name", text_of(path))
        return view.query is None or dictionary.search.count(view.query)

    def text_of(path: Path) -> str:
        return path.read_bytes().decode(errors="surrogateescape")

    return [
        FuzzedReader(
            "filter text", mutations.blindly_damaged(text.encode()), "filter.txt", read_filter
        ),
        FuzzedReader("saved view", mutations.damaged_text(rules), "rules.json", read_rules),
        FuzzedReader(
            "review place",
            mutations.damaged_text(place),
            "place.json",
            lambda path: ReviewBookmark.from_text(text_of(path)),
        ),
        FuzzedReader(
            "key map",
            mutations.damaged_text(keys),
            "keys.json",
            lambda path: KeyMap.from_text(text_of(path)),
        ),
    ]


def _pictures() -> list[FuzzedReader]:
    small = RNG.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    picture = cv2.resize(small, (56, 40), interpolation=cv2.INTER_CUBIC)
    kinds: dict[str, list[tuple[str, list[int]]]] = {
        "JPEG": [(".jpg", []), (".jpg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
                 (".jpg", [cv2.IMWRITE_JPEG_RST_INTERVAL, 3])],
        "PNG": [(".png", [])],
        "WebP": [(".webp", [cv2.IMWRITE_WEBP_QUALITY, 80]),
                 (".webp", [cv2.IMWRITE_WEBP_QUALITY, 101])],
        "BMP": [(".bmp", [])],
    }  # fmt: skip
    return [
        FuzzedReader(
            kind,
            mutations.one_of_files(
                [cv2.imencode(suffix, picture, options)[1].tobytes() for suffix, options in ways],
                mutations.blindly_damaged,
            ),
            f"picture{ways[0][0]}",
            lambda path: (picture_size(path), load_picture(path)),
        )
        for kind, ways in kinds.items()
    ]
