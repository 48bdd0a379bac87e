"""The full-mesh body: the real ``smplx.SMPL`` plus the 49 keypoints.

Loper et al. 2015, section 3; docs/method.md, "SMPL".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import smplx
import torch
from numpy.typing import NDArray
from smplx.utils import Struct
from torch import Tensor

from core.body.arrays import BodyArrays
from core.body.conventions import KEYPOINT_TO_RAW_JOINT, PICKED_VERTEX_NAMES
from core.body.extra_joints import extra_regressor_for
from core.errors import ShapeError
from core.geometry.rotations import pose_to_matrices

_SMPLX_ARRAYS = (
    "v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f",
)  # fmt: skip


class _TenBetasSMPL(smplx.SMPL):  # type: ignore[misc]
    """smplx's own class, told that ten betas are all there are; it prints a warning otherwise."""

    SHAPE_SPACE_DIM = 10


@dataclass(frozen=True, eq=False)
class PosedBody:
    """Vertices ``(B, V, 3)``, skeleton joints ``(B, 24, 3)`` and keypoints ``(B, 49, 3)``.

    Metres, in the frame the root rotation leads to (the camera frame for fits), not translated.
    """

    vertices: Tensor
    joints: Tensor
    keypoints: Tensor


class BodyModel:
    """A body from checked arrays; shared by fitting, training and rendering.

    ``name`` says which body it is and is stored with a project, because betas of different bodies
    are not interchangeable.
    """

    def __init__(
        self,
        arrays: BodyArrays,
        *,
        name: str,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.arrays, self.name, self.dtype = arrays, name, dtype
        self.device = torch.device(device)
        self._smpl = _TenBetasSMPL(
            "",
            data_struct=Struct(**{key: getattr(arrays, key) for key in _SMPLX_ARRAYS}),
            vertex_ids=dict(arrays.vertex_ids),
            create_global_orient=False,
            create_body_pose=False,
            create_betas=False,
            create_transl=False,
            dtype=dtype,
        ).to(self.device)
        for parameter in self._smpl.parameters():
            parameter.requires_grad_(requires_grad=False)
        self._extra_regressor = self._tensor(self.extra_regressor)
        self._keypoint_to_raw = torch.tensor(KEYPOINT_TO_RAW_JOINT, device=self.device)

    def _tensor(self, array: NDArray[np.floating]) -> Tensor:
        return torch.as_tensor(array, dtype=self.dtype, device=self.device)

    @cached_property
    def extra_regressor(self) -> NDArray[np.float64]:
        """``(9, V)``: the file's own, or one derived from the skeleton where it has none."""
        return extra_regressor_for(self.arrays)

    @property
    def faces(self) -> NDArray[np.int64]:
        """``(F, 3)`` vertex indices."""
        return self.arrays.f

    @property
    def picked_vertices(self) -> list[int]:
        """The 21 vertices behind raw joints 24..44, in order."""
        return [self.arrays.vertex_ids[name] for name in PICKED_VERTEX_NAMES]

    def __call__(self, pose_matrices: Tensor, betas: Tensor) -> PosedBody:
        """Pose the full mesh.

        Args:
            pose_matrices: ``(B, 24, 3, 3)``, root first.
            betas: ``(B, 10)``.

        Raises:
            ShapeError: for other shapes.
        """
        if pose_matrices.shape[1:] != (24, 3, 3):
            raise ShapeError("pose_matrices", actual=pose_matrices.shape, expected="(B, 24, 3, 3)")
        if betas.shape != (len(pose_matrices), 10):
            raise ShapeError("betas", actual=betas.shape, expected=f"({len(pose_matrices)}, 10)")
        output = self._smpl(
            global_orient=pose_matrices[:, :1],
            body_pose=pose_matrices[:, 1:],
            betas=betas,
            pose2rot=False,
        )
        extra = torch.einsum("jv,bvc->bjc", self._extra_regressor, output.vertices)
        raw = torch.cat([output.joints, extra], dim=1)
        return PosedBody(output.vertices, output.joints[:, :24], raw[:, self._keypoint_to_raw])

    def posed(self, pose_axis_angle: Tensor, betas: Tensor) -> PosedBody:
        """The same for axis-angle poses ``(B, 72)`` in radians."""
        return self(pose_to_matrices(pose_axis_angle), betas)
