"""SAM 3D Body's tables (parquet): recognised and named, not read.

A row has ``image``, ``person_id``, ``bbox``, ``keypoints_2d``, ``keypoints_3d``, ``cam_int``,
``global_trans``, and a body of MHR: ``global_rot``, ``body_pose_params``, ``hand_pose_params``,
``scale_params``, ``shape_params``, ``expr_params``. MHR's joints turn otherwise than SMPL's and
have other bones, so none of these is a pose of SMPL. Source:
https://github.com/facebookresearch/sam-3d-body, ``data/scripts/create_webdataset.py``.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import AnnotationError

MAGIC = b"PAR1"
_COLUMNS = (b"body_pose_params", b"shape_params", b"scale_params", b"global_rot")
_LOOKED_AT_BYTES = 1 << 20
"""Of the end, where parquet lists its columns."""


def refusal(source: Path) -> AnnotationError:
    """What a parquet file is, and what to do with it."""
    with source.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _LOOKED_AT_BYTES))
        columns = stream.read(_LOOKED_AT_BYTES)
    if all(name in columns for name in _COLUMNS):
        return AnnotationError(
            "is a table of SAM 3D Body: its bodies are of MHR (body_pose_params, shape_params), "
            "which is no body of SMPL's kind.",
            path=source,
            remedy="Convert them with MHR's own tools (https://github.com/facebookresearch/MHR, "
            "tools/mhr_smpl_conversion), and save pose, betas, transl and the camera as an npz "
            "with imgname.",
        )
    return AnnotationError(
        "is a parquet table, which no known program writes bodies in.",
        path=source,
        remedy="Save imgname, pose, betas and the camera as an npz.",
    )
