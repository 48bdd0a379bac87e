"""HumanData, the npz of OpenMMLab's mmhuman3d and of what followed it: bodies in dicts.

``image_path`` (N) and ``bbox_xywh`` (N, 4 or 5: left, top, width, height, score); ``smpl``,
``smplh`` or ``smplx``: a dict of ``global_orient``, ``body_pose``, ``betas`` and, in some sets,
``transl``; ``meta``: a dict with ``gender``; ``misc``: a dict that may have ``focal_length`` and
``principal_point``. ``keypoints2d…`` (N, J, 3) and ``keypoints3d…`` (N, J, 4), metres about the
pelvis, with a mask (J) of the joints that the set has: J is 190, 144 in files of 2021, or only
those of the mask where ``__keypoints_compressed__``. Sources:
https://github.com/open-mmlab/mmhuman3d/blob/main/mmhuman3d/data/data_structures/human_data.py and
the conventions ``human_data.py`` and ``human_data_10.py`` of its ``keypoints_mapping``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import KEYPOINT_NAMES
from core.errors import AnnotationError
from core.formats.bodies.body_models import BodyModelName
from core.formats.bodies.fields import FileFields, as_text
from core.formats.bodies.file_bodies import FileJoints3D, ForeignPredictions
from core.formats.bodies.human_data_rows import arrays_of_the_file, arrays_to_keep
from core.formats.bodies.named_rows import RowsBesides, bodies_of_rows
from core.formats.bodies.options import BoxLayout, PredictionOptions
from core.formats.bodies.pickles.object_arrays import load_object_npz
from core.formats.bodies.readers.stacked_rows import plain_array
from core.formats.human_data_joints import joints_of_human_data
from core.formats.read_notes import ReadNotes
from core.progress import CancelToken

Array = NDArray[Any]

NAME = "humandata"
_MODELS = {
    "smplx": BodyModelName.SMPL_X,
    "smplh": BodyModelName.SMPL_H,
    "smpl": BodyModelName.SMPL,
}
_OF_BODY = ("global_orient", "body_pose", "betas", "transl")
_BOXES, _PICTURES, _MISC, _META = "bbox_xywh", "image_path", "misc", "meta"
_USED = frozenset(
    (_BOXES, _PICTURES, _MISC, _META, "has_smpl", "body_name", "config", *_MODELS)
)  # fmt: skip
_OWN_MARKS = ("__key_strict__", "__temporal_len__", "__keypoints_compressed__")
_PELVIS = KEYPOINT_NAMES.index("Pelvis (MPII)")
_LARGEST_M, _LARGEST_PX = 1e4, 1e7


def recognises(names: frozenset[str]) -> bool:
    """Whether an npz with arrays of these names is HumanData."""
    is_marked = "__key_strict__" in names
    return is_marked or (_PICTURES in names and bool(names & {_BOXES, *_MODELS}))


def read(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    """The bodies of a file, with its 2D and 3D keypoints.

    Raises:
        AnnotationError: it holds keypoints alone, or an array has another shape.
        Cancelled: the user asked to stop.
    """
    content = load_object_npz(source, cancel)
    model = next((name for name in _MODELS if isinstance(content.get(name), dict)), None)
    pictures = plain_array(content.get(_PICTURES))
    if pictures is None or pictures.ndim != 1:
        raise AnnotationError(f"'{_PICTURES}' is no list of names.", path=source)
    if model is None:
        raise AnnotationError(
            "is HumanData with keypoints alone: it has no 'smpl', 'smplh' or 'smplx'.",
            path=source,
            remedy="Import it as humandata (annotations), or give a file with bodies.",
        )
    notes = ReadNotes()
    arrays = _arrays(content, model)
    arrays["imgname"] = pictures
    keypoints, joints_3d, used = keypoints_in(content, len(pictures), notes)
    fields = FileFields(arrays, source)
    fields.count = len(pictures)
    besides = RowsBesides(
        file_format=NAME,
        body_model=_MODELS[model],
        joints_3d=joints_3d,
        own_export="body_name" in arrays,
        kept=arrays_to_keep(content, arrays, model),
        of_the_file=arrays_of_the_file(content),
    )
    if options.boxes is BoxLayout.CENTER_SIZE:  # what is asked for where nothing is said
        options = replace(options, boxes=BoxLayout.CORNER_SIZE)
    names = [as_text(name) for name in pictures]
    found = bodies_of_rows(fields, names, options, notes, besides)
    notes.leave_unused(
        name for name in content if name not in _USED | used and name not in _OWN_MARKS
    )
    return found if keypoints is None else replace(found, keypoints_px=keypoints[found.entries])


def _arrays(content: Mapping[str, object], model: str) -> dict[str, Array]:
    """The arrays of the body, its camera, box and person, under the usual names."""
    body, misc, meta = (_dict(content.get(name)) for name in (model, _MISC, _META))
    arrays = {
        name: _without_second_side(_array(body.get(name)))
        for name in (*_OF_BODY, "jaw_pose", "expression")
    }
    arrays["focal_length"] = _array(misc.get("focal_length"))
    arrays["principal_point"] = _array(misc.get("principal_point"))
    arrays["gender"] = _array(meta.get("gender"))
    arrays["has_smpl"] = _array(content.get("has_smpl"))
    arrays["body_name"] = _array(content.get("body_name"))
    boxes = _array(content.get(_BOXES))
    if boxes is not None and boxes.ndim == 2 and boxes.shape[1] in (4, 5):
        arrays["bboxes"] = boxes[:, :4]
    return {name: array for name, array in arrays.items() if array is not None}


def _without_second_side(array: Array | None) -> Array | None:
    """Files of 2021 have (N, 1, 23, 3) for (N, 23, 3)."""
    return array[:, 0] if array is not None and array.ndim > 2 and array.shape[1] == 1 else array


_OF_BODIES = ("_smpl", "_smplx")
"""How the names of joints end that HumanData's bodies have themselves."""


def keypoints_in(
    content: Mapping[str, object], count: int, notes: ReadNotes
) -> tuple[NDArray[np.float64] | None, FileJoints3D | None, set[str]]:
    """``(N, 49, 3)`` pixels, the 3D joints, and the names of the arrays that they came from."""
    found: dict[int, NDArray[np.float64]] = {}
    used: set[str] = set()
    is_measured = False
    for width, kind, largest in ((3, "keypoints2d", _LARGEST_PX), (4, "keypoints3d", _LARGEST_M)):
        for name in sorted(content):
            mask = _array(content.get(f"{name}_mask", content.get("mask")))
            array = _array(content[name]) if name.startswith(kind) else None
            if array is None or array.ndim != 3 or array.shape[::2] != (count, width):
                continue
            joints = joints_of_human_data(array.astype(np.float64), mask)
            if joints is None:
                notes.notices.append(f"'{name}' has {array.shape[1]} joints, of no known order")
            elif width not in found:
                joints[~(np.abs(joints) < largest).all(axis=2)] = 0
                found[width] = joints
                is_measured = not name.endswith(_OF_BODIES)
                used |= {name, f"{name}_mask", f"{name}_convention", "mask"}
    if 4 not in found:
        return found.get(3), None, used
    joints = found[4]
    return (
        found.get(3),
        FileJoints3D(
            names=KEYPOINT_NAMES,
            positions_m=_about_pelvis(joints),
            confidence=np.clip(joints[..., 3], 0, 1),
            measured=is_measured,
        ),
        used,
    )


def _about_pelvis(joints: NDArray[np.float64]) -> NDArray[np.float64]:
    """``(N, 49, 3)``: some sets count from the camera."""
    pelvis = np.where(joints[:, _PELVIS, 3:] > 0, joints[:, _PELVIS, :3], 0)
    there = joints[..., 3:] > 0
    about: NDArray[np.float64] = np.where(there, joints[..., :3] - pelvis[:, None], 0)
    return about


def _dict(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _array(value: object) -> Array | None:
    array = plain_array(value)
    return None if array is None or array.dtype.kind not in "biufUS" else array
