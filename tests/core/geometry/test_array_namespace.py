"""Which library an array belongs to, and what a formula may not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.geometry.array_namespace import array_namespace, identity_like

ROOT = Path(__file__).resolve().parents[3]

FORMULAS = """
import sys
import numpy as np
from core.geometry import crop_camera, procrustes, rotation_jacobian, rotations, sixd
vectors = np.zeros((2, 3))
rotations.matrix_to_axis_angle(rotations.axis_angle_to_matrix(vectors))
sixd.sixd_to_matrix(np.zeros((2, 6)))
procrustes.procrustes_error(np.zeros((4, 3)), np.zeros((4, 3)))
crop_camera.project_to_crop(np.ones((4, 3)), np.ones(3))
rotation_jacobian.right_jacobian(vectors)
print("LOADED", [name for name in ("torch", "numpy.f2py", "numpy.testing") if name in sys.modules])
"""


def test_arrays_have_numpys_functions_and_tensors_pytorchs() -> None:
    assert array_namespace(np.zeros(2)) is np
    assert isinstance(array_namespace(torch.zeros(2)).zeros(2), torch.Tensor)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_identity_has_the_precision_that_is_asked_for(array, dtype: str) -> None:
    like = array([1.0], dtype)
    identity = identity_like(like, 3)
    assert identity.dtype == like.dtype
    assert identity.tolist() == np.eye(3).tolist()


def test_formulas_of_arrays_load_neither_pytorch_nor_the_lazy_parts_of_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORMULAS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "LOADED []" in done.stdout
