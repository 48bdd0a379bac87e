"""Bodies that stand for SMPL in tests: the open body's arrays, changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.resource_files import resource_path


def write_longer_body(folder: Path, name: str = "SMPL_STANDIN.npz", *, other_mesh: bool) -> Path:
    """The file of a body with longer legs, broader shoulders and other units of shape.

    other_mesh: without one of its triangles, so that it shares no mesh with the open body.
    """
    with np.load(resource_path("open_body/open_body.npz")) as file:
        arrays = dict(file)
    template = arrays["v_template"].astype(np.float64) * [1.05, 1.0, 1.0]
    template[template[:, 1] < 0, 1] *= 1.04
    arrays["v_template"] = template + np.array([0.0, 0.3, 0.1])
    arrays["shapedirs"] = 1.5 * arrays["shapedirs"].astype(np.float64)
    if other_mesh:
        arrays["f"] = arrays["f"][:-1]
    folder.mkdir(exist_ok=True)
    np.savez(folder / name, **arrays)
    return folder / name
