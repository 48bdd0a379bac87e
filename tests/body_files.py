"""Files of bodies as other methods release them, made of the demo's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.body.smpl_files import load_open_body_arrays
from core.dictionary.store import Dictionary
from core.formats.bodies.body_models import PELVIS_AT_REST_M, BodyModelName
from core.workflows.export_formats import export_project

PEOPLE = 5


def eft_of(demo: Path, file: Path, *, with_keypoints: bool = True) -> Path:
    """The demo's bodies as EFT releases its own: nothing of this program, keypoints beside."""
    export_project(demo, "eft", file)
    document = json.loads(file.read_text())
    with Dictionary.open(demo) as dictionary:
        keypoints = {
            sample.id: sample.keypoints_px
            for sample in dictionary.samples.get_many(dictionary.search.ids().tolist())
        }
    rows = []
    for entry in document["data"][:PEOPLE]:
        own = {name: entry[name] for name in ("parm_pose", "parm_shape", "parm_cam")}
        own |= {name: entry[name] for name in ("bbox_scale", "bbox_center", "imageName")}
        own |= {"annotId": entry["annotId"], "smpltype": "neutral"}
        if with_keypoints:
            own["gt_keypoint_2d"] = keypoints[entry["sample_id"]].tolist()
        rows.append(own)
    file.write_text(json.dumps({"ver": 0.1, "data": rows}))
    return file


def camera_hmr_of(
    demo: Path, file: Path, *, people: int = PEOPLE, **others: NDArray[np.float64]
) -> Path:
    """The demo's bodies as CameraHMR's labels: whole pictures' cameras, no boxes, no joints."""
    arrays = load_open_body_arrays()
    with Dictionary.open(demo) as dictionary:
        ids = dictionary.search.ids().tolist()
        fits = dictionary.fits.current(ids)
        samples = dictionary.samples.get_many([each for each in ids if each in fits][:people])
    bodies = [fits[sample.id].parameters for sample in samples]
    seen = in_pictures(bodies, arrays)
    cameras = np.zeros((len(bodies), 3, 3))
    for matrix, body, sample in zip(cameras, bodies, samples, strict=True):
        focal_px, x_px, y_px = intrinsics_in_picture(body.camera, sample.box)
        matrix[:] = [[focal_px, 0, x_px], [0, focal_px, y_px], [0, 0, 1]]
    poses = [body.pose_axis_angle[3:] for body in bodies]
    np.savez(
        file,
        imgname=np.array([sample.picture_path.name for sample in samples]),
        pose_cam=np.concatenate([seen.root_axis_angle, np.stack(poses)], axis=1),
        shape=np.zeros((len(bodies), 11)),
        # SMPL's origin is at its chest.
        trans_cam=seen.translation - PELVIS_AT_REST_M[BodyModelName.SMPL],
        cam_int=cameras,
        **others,
    )
    return file
