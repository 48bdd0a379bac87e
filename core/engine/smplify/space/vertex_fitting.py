"""The pose and shape of a mesh whose vertices are those of the body model, by closed forms in turn.

Each turn takes the mesh v̂ of the present body to the given one v. Every bone k turns its share of
the mesh by the rotation that brings it nearest (weighted Procrustes), and the betas with the
translation follow by least squares, in which the mesh is linear at a given pose::

    Δ_k = argmin_R Σ_v s_vk |R (v̂_v − v̂_k) − (v_v − v_k)|²      G_k ← Δ_k G_k
    β, t = argmin Σ_v |v̂_v(β) + t − v_v|²

with s_vk the skinning weights and v̂_k, v_k the weighted centres. A body of the model is a fixed
point. After Sárándi and Pons-Moll 2024, <https://arxiv.org/abs/2407.07532>; docs/method.md,
"Fitting to points in space".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.conventions import SKELETON_PARENTS
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.space.points_3d import Points3D
from core.engine.smplify.space.space_fitting import SpaceFitting
from core.errors import ShapeError
from core.geometry.rotations import nearest_rotation
from core.types.arrays import NUM_BETAS

TURNS = 40
_RIDGE = 1e-6
"""m² a unit of beta: keeps betas of bodies with fewer than ten finite."""
_JOINT_SIGMA_M = 0.01
"""How well the joints that are regressed from a posed mesh tell where the model's are."""


@dataclass(frozen=True, eq=False)
class VertexFits:
    """B bodies in the frame of their meshes; mean_distance_m: (B,), from vertex to vertex."""

    estimate: BodyEstimate
    mean_distance_m: Tensor


class VertexFitting:
    """Fits one kind of body to meshes of its own topology."""

    def __init__(self, model: BodyModel, prior: PosePrior) -> None:
        self._model, self._of_joints = model, SpaceFitting(model, prior)
        self._skin = torch.tensor(model.arrays.weights, dtype=model.dtype, device=model.device)
        self._regressor = torch.tensor(
            model.arrays.J_regressor, dtype=model.dtype, device=model.device
        )

    @torch.no_grad()
    def fit(
        self,
        vertices_m: Tensor,
        start: BodyEstimate | None = None,
        *,
        turns: int = TURNS,
        holds_shapes: bool = False,
    ) -> VertexFits:
        """Fit bodies to meshes.

        Args:
            vertices_m: ``(B, V, 3)`` metres, in any frame.
            start: B bodies that are near; None: those nearest to the joints of the meshes.
            turns: how often pose and shape are found in turn.
            holds_shapes: whether the betas of ``start`` stay.

        Raises:
            ShapeError: the meshes have another number of vertices.
        """
        expected = self._skin.shape[0]
        if vertices_m.ndim != 3 or vertices_m.shape[1:] != (expected, 3):
            raise ShapeError("vertices_m", actual=vertices_m.shape, expected=f"(B, {expected}, 3)")
        meshes = vertices_m.to(device=self._model.device, dtype=self._model.dtype)
        if start is None:
            points = Points3D.of_joints(self._regressor @ meshes, sigma_m=_JOINT_SIGMA_M)
            start = self._of_joints.fit(points).estimate
        estimate = start
        rest = self._placed if holds_shapes else self._with_shape
        for _ in range(turns):
            estimate = rest(self._turned(estimate, meshes), meshes)
        distances = torch.linalg.vector_norm(self._posed(estimate) - meshes, dim=-1)
        return VertexFits(estimate, distances.mean(1))

    def _posed(self, estimate: BodyEstimate) -> Tensor:
        vertices = self._model(estimate.rotations, estimate.betas).vertices
        return vertices + estimate.camera_translation[:, None]

    def _turned(self, estimate: BodyEstimate, meshes: Tensor) -> BodyEstimate:
        """Every bone turned towards the mesh."""
        share = (self._skin / self._skin.sum(0).clamp_min(1e-12)).T
        # About the middle of the mesh: far from the origin its moments would lose their digits.
        middle = meshes.mean(1, keepdim=True)
        posed, meshes = self._posed(estimate) - middle, meshes - middle
        # (24, V) @ (B, V, 3) -> (B, 24, 3); and Σ_v s (v − v_k)(v̂ − v̂_k)ᵀ  (B, 24, 3, 3)
        center, goal = share @ posed, share @ meshes
        moments = torch.einsum("kv,bvi,bvj->bkij", share, meshes, posed)
        moments = moments - goal[..., :, None] * center[..., None, :]
        # Rounding grows from turn to turn where a product of rotations is taken for one.
        bones = nearest_rotation(nearest_rotation(moments) @ self._bones(estimate.rotations))
        parents = bones[:, list(SKELETON_PARENTS[1:])]
        local = torch.cat([bones[:, :1], parents.mT @ bones[:, 1:]], dim=1)
        return BodyEstimate(local, estimate.betas, estimate.camera_translation)

    def _bones(self, rotations: Tensor) -> Tensor:
        no_shape = rotations.new_zeros(len(rotations), NUM_BETAS)
        return self._of_joints.body.posed(rotations, no_shape).bone_rotations

    def _placed(self, estimate: BodyEstimate, meshes: Tensor) -> BodyEstimate:
        """The translation alone by least squares: the mean of what is left."""
        left = (meshes - self._posed(estimate)).mean(1)
        return BodyEstimate(estimate.rotations, estimate.betas, estimate.camera_translation + left)

    def _with_shape(self, estimate: BodyEstimate, meshes: Tensor) -> BodyEstimate:
        """Betas and translation by least squares; the mesh is linear in both."""
        batch = len(meshes)
        none = torch.zeros_like(estimate.betas)
        base = self._model(estimate.rotations, none).vertices
        slopes = []
        for beta in range(NUM_BETAS):
            unit = none.clone()
            unit[:, beta] = 1
            slopes.append((self._model(estimate.rotations, unit).vertices - base).flatten(1))
        shifts = torch.eye(3).to(base).repeat(1, base.shape[1]).expand(batch, -1, -1)
        design = torch.cat([torch.stack(slopes, dim=1), shifts], dim=1).double()
        ridge = torch.zeros(NUM_BETAS + 3).to(design)
        ridge[:NUM_BETAS] = _RIDGE
        residual = (meshes - base).flatten(1).double()
        solved = torch.linalg.solve(
            design @ design.mT + torch.diag(ridge), (design @ residual[..., None])
        )[..., 0].to(base)
        return BodyEstimate(estimate.rotations, solved[:, :NUM_BETAS], solved[:, NUM_BETAS:])
