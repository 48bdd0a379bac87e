"""Cameras of pictures as rows of the table ``cameras``; a picture without a row has the assumed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable

from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.stored_values import REMEDY_CHANGED
from core.errors import DictionaryError, StudioError
from core.types.camera_poses import CameraPose
from core.types.cameras import CameraSource, PictureCamera, assumed_camera

CAMERA_COLUMNS = """picture_width_px, picture_height_px, focal_length_px, principal_x_px,
    principal_y_px, distortion, source, note, extrinsics"""
"""Of ``samples``, left joined with ``cameras``."""

_INSERT = """
INSERT INTO cameras (
    picture_path, focal_length_px, principal_x_px, principal_y_px, distortion, source, note,
    extrinsics
) SELECT
    :picture_path, :focal_length_px, :principal_x_px, :principal_y_px, :distortion, :source, :note,
    :extrinsics
WHERE"""
_ADD_NEW = f"""{_INSERT} NOT EXISTS (SELECT 1 FROM samples WHERE picture_path = :picture_path)
ON CONFLICT (picture_path) DO NOTHING"""  # noqa: S608 - own names
_PUT = f"""{_INSERT} TRUE ON CONFLICT (picture_path) DO UPDATE SET
    focal_length_px = excluded.focal_length_px, principal_x_px = excluded.principal_x_px,
    principal_y_px = excluded.principal_y_px, distortion = excluded.distortion,
    source = excluded.source, note = excluded.note, extrinsics = excluded.extrinsics"""


def camera_of_row(row: Row) -> PictureCamera:
    """The camera of a row with ``CAMERA_COLUMNS``; all of its own are NULL where none is stored.

    Raises:
        DictionaryError: the numbers are no camera.
    """
    if row["source"] is None:
        return assumed_camera((row["picture_width_px"], row["picture_height_px"]))
    try:
        source = CameraSource(row["source"])
        focal_length_px = row["focal_length_px"]
        return PictureCamera(
            math.inf if focal_length_px is None else focal_length_px,
            (row["principal_x_px"], row["principal_y_px"]),
            tuple(float(number) for number in json.loads(row["distortion"])),
            source,
            row["note"],
            _pose_of(row["extrinsics"]),
        )
    except (StudioError, ValueError, TypeError, KeyError) as error:
        raise DictionaryError(
            f"The table cameras holds a camera that is none: {error}.", remedy=REMEDY_CHANGED
        ) from error


def row_of_camera(stored_path: str, camera: PictureCamera) -> Row:
    """The columns of ``cameras`` for the camera of a picture."""
    is_long = camera.source is CameraSource.LONG_LENS
    x_px, y_px = camera.principal_point_px
    return {
        "picture_path": stored_path,
        "focal_length_px": None if is_long else float(camera.focal_length_px),
        "principal_x_px": float(x_px),
        "principal_y_px": float(y_px),
        "distortion": json.dumps([float(number) for number in camera.distortion]),
        "source": str(camera.source),
        "note": camera.note,
        "extrinsics": _pose_json(camera.pose),
    }


def add_new_cameras(
    connection: Connection, cameras: Iterable[tuple[str, PictureCamera | None]]
) -> None:
    """Store cameras by the stored path of their picture; the first of a picture counts.

    A picture that has people already keeps the camera that their fits were measured under, even
    where that is the assumed one and has no row. The caller holds the transaction, and adds the
    pictures' people after it.
    """
    first: dict[str, Row] = {}
    for stored_path, camera in cameras:
        if camera is not None and camera.source is not CameraSource.ASSUMED:
            first.setdefault(stored_path, row_of_camera(stored_path, camera))
    connection.execute_many(_ADD_NEW, first.values())


def put_camera(connection: Connection, stored_path: str, camera: PictureCamera | None) -> None:
    """Store the camera of a picture; an assumed one, or None, by removing what is stored."""
    if camera is None or camera.source is CameraSource.ASSUMED:
        connection.execute("DELETE FROM cameras WHERE picture_path = ?", (stored_path,))
    else:
        connection.execute(_PUT, row_of_camera(stored_path, camera))


def camera_json(camera: PictureCamera) -> str:
    """A camera as the log of edits keeps it; an assumed one as ``null``."""
    if camera.source is CameraSource.ASSUMED:
        return "null"
    row = row_of_camera("", camera)
    del row["picture_path"]
    if row["extrinsics"] is None:
        del row["extrinsics"]  # as it was written before poses were kept
    return json.dumps({**row, "distortion": list(camera.distortion)})


def camera_from_json(text: str) -> PictureCamera | None:
    """The inverse of ``camera_json``; None for the assumed one.

    Raises:
        ValueError, KeyError, TypeError: the text is damaged.
        DictionaryError: its numbers are no camera.
    """
    stored = json.loads(text)
    if stored is None:
        return None
    written = {"extrinsics": None, **stored, "distortion": json.dumps(stored["distortion"])}
    return camera_of_row(written)


def _pose_json(pose: CameraPose | None) -> str | None:
    if pose is None:
        return None
    return json.dumps(
        {
            "rotation": list(pose.rotation),
            "translation": list(pose.translation),
            "world": pose.world,
            "metres_per_unit": pose.metres_per_unit,
        },
        ensure_ascii=False,
    )


def _pose_of(text: str | None) -> CameraPose | None:
    if text is None:
        return None
    stored = json.loads(text)
    unit = stored["metres_per_unit"]
    return CameraPose(
        tuple(float(number) for number in stored["rotation"]),
        tuple(float(number) for number in stored["translation"]),
        str(stored["world"]),
        None if unit is None else float(unit),
    )
