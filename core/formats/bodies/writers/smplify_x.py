"""SMPLify-X's results: a file for each person, ``PICTURE/000.pkl`` or ``.npz``, here of SMPL.

The body stands before the whole picture's camera: x_camera = R x + t with ``camera_rotation`` the
identity, ``camera_translation``, and beside SMPLify-X's own fields ``focal_length`` in pixels and
``camera_center``, which its files leave to its settings. Source:
https://github.com/vchoutas/smplify-x/blob/master/smplifyx/fit_single_frame.py
"""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from core.errors import printable
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.formats.bodies.writers.portable_pickle import portable_pickle
from core.types.genders import gender_of_body


def write_smplify_x(stream: BinaryIO, bodies: PlacedBodies, row: int, *, as_npz: bool) -> None:
    """Write one body as a pickle, as SMPLify-X does, or as an npz of the same names."""
    fields = _fields(bodies, row)
    if as_npz:
        np.savez(stream, **fields)
    else:
        stream.write(portable_pickle(fields))


def _fields(bodies: PlacedBodies, row: int) -> dict[str, Any]:
    place, sample = bodies.in_picture, bodies.samples[row]
    single = np.float32
    return {
        "camera_rotation": np.eye(3, dtype=single)[None],
        "camera_translation": place.translation[row : row + 1].astype(single),
        "betas": bodies.betas[row : row + 1].astype(single),
        "global_orient": place.root_axis_angle[row : row + 1].astype(single),
        "body_pose": bodies.pose_axis_angle[row : row + 1, 3:].astype(single),
        "focal_length": place.focal_length_px[row : row + 1].astype(single),
        "camera_center": place.principal_point_px[row].astype(single),
        "gender": str(gender_of_body(bodies.body_name)),
        "body_name": printable(bodies.body_name),
        "picture": printable(sample.picture_path.as_posix()),
        "person": printable(sample.person_key),
        "sample_id": sample.id,
        "crop_root_axis_angle": bodies.pose_axis_angle[row, :3].astype(single),
        "crop_translation": bodies.crop_translation[row].astype(single),
        "crop_camera_px": bodies.crop_camera_px[row].astype(single),
        "box_center_px": bodies.box_centers_px[row].astype(single),
        "box_side_px": float(bodies.box_sides_px[row]),
    }
