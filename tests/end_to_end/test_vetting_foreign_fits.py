"""Another method's bodies are vetted: taken over, judged, refitted, and written as they came in.

The files are made of the fits of real people, disturbed, in the forms that EFT and CameraHMR have.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.body.kinematics import pelvis_at_rest
from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.body.smpl_files import load_open_body_arrays
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.formats.bodies.body_models import PELVIS_AT_REST_M, BodyModelName
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix
from core.types.bodies import camera_batch
from core.types.fits import Origin, Verdict
from tests.end_to_end.test_headless import run

DISTURBED_RAD = 0.15
CHANGED_FIELDS = (
    {"parm_pose", "parm_cam"},
    {"pose_cam", "trans_cam"},
    {"pose_cam", "cam_ext"},
)


@pytest.fixture(scope="module")
def fitted(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The people of real pictures, fitted."""
    project = tmp_path_factory.mktemp("own") / "project"
    coco = shared_folder / "realdata" / "coco"
    assert run("import", project, "coco", coco / "person_keypoints.json", "--images", coco)[0] == 0
    assert run("fit", project)[0] == 0
    return project


@pytest.fixture
def project(shared_folder: Path, tmp_path: Path) -> Path:
    """The same people, without fits."""
    folder = tmp_path / "project"
    coco = shared_folder / "realdata" / "coco"
    assert run("import", folder, "coco", coco / "person_keypoints.json", "--images", coco)[0] == 0
    return folder


def disturbed(fitted: Path) -> list[dict[str, object]]:
    """What a method says of each person: pose, SMPL's betas and place in the picture's camera."""
    rng, arrays = np.random.default_rng(3), load_open_body_arrays()
    rows = []
    with Dictionary.open(fitted) as dictionary:
        ids = dictionary.search.ids(SampleQuery(sort=SortKey.ID)).tolist()
        fits = dictionary.fits.current(ids)
        for sample in dictionary.samples.get_many([each for each in ids if each in fits]):
            body = fits[sample.id].parameters
            seen = in_pictures([body], arrays)
            focal_px, x_px, y_px = intrinsics_in_picture(body.camera, sample.box)
            pose = np.concatenate([seen.root_axis_angle[0], body.pose_axis_angle[3:]])
            rows.append(
                {
                    "name": sample.picture_path.name,
                    "key": sample.person_key,
                    "box": sample.box,
                    "pose": pose + rng.normal(0, DISTURBED_RAD, 72),
                    "betas": rng.normal(size=10),
                    # SMPL's origin is at its chest.
                    "at": seen.translation[0] - PELVIS_AT_REST_M[BodyModelName.SMPL],
                    "camera": (focal_px, x_px, y_px),
                }
            )
    return rows


def eft_file(rows: list[dict[str, object]], folder: Path) -> Path:
    data = []
    for row in rows:
        box, (focal_px, x_px, y_px), at = row["box"], row["camera"], row["at"]
        pelvis = at + PELVIS_AT_REST_M[BodyModelName.SMPL]
        seen_px = focal_px * pelvis[:2] / pelvis[2] + [x_px, y_px]
        scale = 2 * focal_px / pelvis[2] / box.side_px
        off = (seen_px - [box.center_x_px, box.center_y_px]) * 2 / (scale * box.side_px)
        # EFT's camera is s x + t.
        camera = [scale, *(scale * (off - PELVIS_AT_REST_M[BodyModelName.SMPL][:2]))]
        data.append(
            {
                "parm_pose": axis_angle_to_matrix(row["pose"].reshape(24, 3)).tolist(),
                "parm_shape": row["betas"].tolist(),
                "parm_cam": camera,
                "bbox_scale": box.side_px / 200,
                "bbox_center": [box.center_x_px, box.center_y_px],
                "joint_validity_openpose18": [True] * 18,
                "smpltype": "neutral",
                "annotId": int(row["key"]),
                "imageName": row["name"],
                "subjectId": f"{row['name']} {row['key']}",
            }
        )
    data.append({**data[0], "imageName": "of another set.jpg"})
    path = folder / "coco_eft.json"
    path.write_text(json.dumps({"ver": 0.1, "data": data}))
    return path


def camera_hmr_file(rows: list[dict[str, object]], folder: Path) -> Path:
    matrices = np.zeros((len(rows), 3, 3))
    for row, matrix in zip(rows, matrices, strict=True):
        focal_px, x_px, y_px = row["camera"]
        matrix[:] = [[focal_px, 0, x_px], [0, focal_px, y_px], [0, 0, 1]]
    path = folder / "coco_camsmplify.npz"
    np.savez(
        path,
        imgname=np.array([row["name"] for row in rows]),
        center=np.array([(row["box"].center_x_px, row["box"].center_y_px) for row in rows]),
        scale=np.array([row["box"].side_px / 200 for row in rows]),
        annot_id=np.array([int(row["key"]) for row in rows]),
        pose_cam=np.stack([row["pose"] for row in rows]).astype(np.float32),
        shape=np.stack([np.append(row["betas"], 0.25) for row in rows]),
        trans_cam=np.stack([row["at"] for row in rows]),
        cam_int=matrices,
        dense_kp=np.random.default_rng(0).random((len(rows), 138, 3), np.float32),
        loss=np.linspace(10, 50, len(rows)),
    )
    return path


def rows_of(path: Path) -> dict[str, object]:
    """Rows by what names them, and what the file holds beside them."""
    if path.suffix == ".json":
        document = json.loads(path.read_text())
        rows = {entry["subjectId"] + entry["imageName"]: entry for entry in document.pop("data")}
        return {**rows, "": document}
    with np.load(path) as file:
        return {
            f"{file['imgname'][row]} {file['annot_id'][row]}": {
                name: (file[name].dtype.str, file[name][row].tolist()) for name in file
            }
            for row in range(len(file["imgname"]))
        }


def camera_hmr_file_with_extrinsics(rows: list[dict[str, object]], folder: Path) -> Path:
    """As CameraHMR's own labels: places stand in ``cam_ext``, and there is no ``trans_cam``."""
    path = camera_hmr_file(rows, folder)
    with np.load(path) as file:
        arrays = dict(file)
    extrinsics = np.tile(np.eye(4), (len(rows), 1, 1))
    extrinsics[:, :3, 3] = arrays.pop("trans_cam")
    np.savez(path, cam_ext=extrinsics, **arrays)
    return path


@pytest.mark.parametrize("make", [eft_file, camera_hmr_file, camera_hmr_file_with_extrinsics])
def test_a_file_is_vetted_and_differs_only_where_people_acted(
    fitted: Path, project: Path, tmp_path: Path, make: Callable[[list[dict], Path], Path]
) -> None:
    source = make(disturbed(fitted), tmp_path)
    status, told, _ = run("import-fits", project, source, "--name", "theirs")
    assert status == 0
    assert "12 fits taken over from 'theirs': 12 became current" in told
    with Dictionary.open(project) as dictionary:
        by_suspicion = SampleQuery(
            verdicts=frozenset({Verdict.NONE}), sort=SortKey.SUSPICION, descending=True
        )
        ids = dictionary.search.ids(by_suspicion).tolist()
        fits = dictionary.fits.current(ids)
        assert {fit.origin for fit in fits.values()} == {Origin.IMPORTED}
        suspicions = [row.suspicion for row in dictionary.search.rows(ids)]
        assert suspicions == sorted(suspicions, reverse=True)
        rejected, refitted = ids[:2], ids[2]
        dictionary.verdicts.set(dict.fromkeys(rejected, Verdict.REJECTED), "maria")
        named = [f"{each.picture_path.name} {each.person_key}" for each in
                 dictionary.samples.get_many([*rejected, refitted])]  # fmt: skip
        number = dictionary.samples.get(refitted).name
    assert run("refit", project, "--from", "set:theirs", "--where", f'"{number}"')[0] == 0
    with Dictionary.open(project) as dictionary:
        chosen = dictionary.fits.current_of(refitted)
        assert chosen.origin is Origin.REFIT
        assert chosen.losses.comparison < fits[refitted].losses.comparison
    status, told, _ = run("export", project, "as-imported", tmp_path / "out")
    assert status == 0
    assert "2 rejected" in told
    before, after = rows_of(source), rows_of(tmp_path / "out" / source.name)
    keys = {name: next(key for key in before if key.startswith(name)) for name in named}
    gone = [keys[name] for name in named[:2]]
    assert list(after) == [key for key in before if key not in gone]
    changed = [key for key in after if after[key] != before[key]]
    assert changed == [keys[named[2]]]
    differing = {
        field for field, value in after[changed[0]].items() if value != before[changed[0]][field]
    }
    assert differing in (
        {"parm_pose", "parm_cam"},
        {"pose_cam", "trans_cam"},
        {"pose_cam", "cam_ext"},
    )

    # The changed row is read as the very fit.
    shutil.copytree(tmp_path / "out", tmp_path / "again")
    run("import-predictions", project, "again", tmp_path / "again" / source.name)
    with Dictionary.open(project) as dictionary:
        again = dictionary.prediction_sets.bodies(
            dictionary.prediction_sets.named("again").id, [refitted]
        )[refitted]
    turns = [
        axis_angle_to_matrix(pose[3:].astype(np.float64).reshape(-1, 3))
        for pose in (again.pose_axis_angle, chosen.parameters.pose_axis_angle)
    ]
    assert np.abs(turns[0] - turns[1]).max() < 1e-5
    pelvis_px = [
        project_to_crop(
            pelvis_at_rest(load_open_body_arrays(), body.betas[None])[None],
            body.camera_translation[None].astype(np.float64),
            camera_batch([body.camera]).converted(lambda part: part.astype(np.float64)),
        )[0, 0]
        for body in (again, chosen.parameters)
    ]
    assert np.linalg.norm(pelvis_px[0] - pelvis_px[1]) < 0.1
