"""The full-mesh body: the real ``smplx.SMPL`` plus the 49 keypoints.

    v        = v_template + shapedirs β + posedirs vec(R − I)            rest vertices
    J        = J_regressor (v_template + shapedirs β)                    joints at rest
    vertex_i = Σ_j weights_ij (G_j (v_i − J_j) + c_j)                    linear blend skinning

with G_j and c_j the rotation and the posed joint of bone j. Loper et al. 2015, section 3, equations
2 to 10; docs/method.md, "SMPL".
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
    """smplx's own class without its warning about files that have fewer than 300 betas."""

    SHAPE_SPACE_DIM = 10


@dataclass(frozen=True, eq=False)
class PosedBody:
    """B posed bodies, in metres.

    All are in the frame that the root rotation leads to, which is the camera's for a fit, and not
    translated.

    vertices: (B, V, 3). joints: (B, 24, 3), the skeleton's. keypoints: (B, 49, 3).
    """

    vertices: Tensor
    joints: Tensor
    keypoints: Tensor


class BodyModel:
    """A body from checked arrays; fitting, training and rendering share it.

    name: which body it is. It is stored with a project, because the betas of different bodies are
        not interchangeable.
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
        """The regressor ``(9, V)`` of raw joints 45 to 53.

        It is the file's own, or derived from the skeleton where the file has none.
        """
        return extra_regressor_for(self.arrays)

    @property
    def faces(self) -> NDArray[np.int64]:
        """The three vertices of each triangle, ``(F, 3)``."""
        return self.arrays.f

    @property
    def picked_vertices(self) -> list[int]:
        """The 21 vertices that are raw joints 24 to 44, in order."""
        return [self.arrays.vertex_ids[name] for name in PICKED_VERTEX_NAMES]

    def __call__(self, pose_matrices: Tensor, betas: Tensor) -> PosedBody:
        """Pose the full mesh.

        Args:
            pose_matrices: ``(B, 24, 3, 3)`` rotations relative to the parent, root first.
            betas: ``(B, 10)``.

        Raises:
            ShapeError: the pose or the betas have another shape.
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
        # Raw joints: 24 of the skeleton and 21 vertices from smplx, then nine of the regressor,
        # (9, V) @ (B, V, 3). KEYPOINT_TO_RAW_JOINT picks the 49: (B, 54, 3) -> (B, 49, 3)
        extra = torch.einsum("jv,bvc->bjc", self._extra_regressor, output.vertices)
        raw = torch.cat([output.joints, extra], dim=1)
        return PosedBody(output.vertices, output.joints[:, :24], raw[:, self._keypoint_to_raw])

    def posed(self, pose_axis_angle: Tensor, betas: Tensor) -> PosedBody:
        """Pose the full mesh with rotation vectors ``(B, 72)`` in radians, root first."""
        return self(pose_to_matrices(pose_axis_angle), betas)
