"""Constants of formulas lie where their tensors lie, checked without a graphics card.

Tensors of PyTorch's ``meta`` device hold no numbers, but refuse to meet one of the processor.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.body.reprojection_loss import normalised_reprojection_loss
from core.body.usable_keypoints import has_usable_keypoints, without_absent
from core.geometry import crop_camera, procrustes, rotation_jacobian, rotations, sixd
from core.geometry.camera_translation import least_squares_translation

MATRICES, VECTORS = (4, 3, 3), (4, 3)

FORMULAS: list[tuple[Callable[..., torch.Tensor], tuple[tuple[int, ...], ...]]] = [
    (rotations.axis_angle_to_matrix, (VECTORS,)),
    (rotations.matrix_to_axis_angle, (MATRICES,)),
    (rotations.geodesic_angle, (MATRICES, MATRICES)),
    (rotations.nearest_rotation, (MATRICES,)),
    (rotations.facing_root, ((4,),)),
    (rotations.wrap_rotation_vector, (VECTORS,)),
    (rotation_jacobian.right_jacobian, (VECTORS,)),
    (sixd.sixd_to_matrix, ((4, 6),)),
    (sixd.sixd_rows_to_matrix, ((4, 6),)),
    (procrustes.procrustes_error, ((4, 9, 3), (4, 9, 3))),
    (crop_camera.projection_rows, ((4, 9, 3), VECTORS)),
    (least_squares_translation, ((4, 49, 3), (4, 49, 2), (4, 49))),
    (normalised_reprojection_loss, ((4, 49, 3), (4, 49, 2), (4, 49))),
    (has_usable_keypoints, ((4, 49),)),
    (without_absent, ((4, 49, 3),)),
]


@pytest.mark.parametrize(
    ("formula", "shapes"), FORMULAS, ids=lambda part: getattr(part, "__name__", "")
)
def test_results_stay_on_the_device_of_the_arguments(
    formula: Callable[..., torch.Tensor], shapes: tuple[tuple[int, ...], ...]
) -> None:
    found = formula(*(torch.zeros(shape, device="meta") for shape in shapes))
    assert found.device.type == "meta"
