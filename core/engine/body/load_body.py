"""Open bodies from files: the one shipped with the program, or a user's own SMPL file."""

from __future__ import annotations

from pathlib import Path

import torch

from core.body.conventions import OPEN_BODY_NAME
from core.body.smpl_files import (
    EXTRA_REGRESSOR_FILE,
    body_name,
    load_body_arrays,
    load_named_arrays,
    load_open_body_arrays,
)
from core.engine.body.smpl_body import BodyModel

__all__ = [
    "EXTRA_REGRESSOR_FILE",
    "OPEN_BODY_NAME",
    "body_name",
    "load_body",
    "load_body_arrays",
    "load_open_body_arrays",
]


def load_body(
    path: Path | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> BodyModel:
    """Load the open body, or the user's own SMPL file where ``path`` names one.

    Raises:
        BodyFileError: the file is no SMPL body; the message says which array is wrong and how.
        UnsafePickleError: the file is a pickle that asks for more than arrays.
    """
    arrays, name = load_named_arrays(path)
    return BodyModel(arrays, name=name, dtype=dtype, device=device)
