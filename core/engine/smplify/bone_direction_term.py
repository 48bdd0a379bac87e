"""The directions of bones as a term of the objective: what tells depth where keypoints do not.

    E_d = Σ_b Σ_xyz w_b ρ((X_v − X_u) / L_b − d_b)                     px²,  σ = 0.5

for bone b from keypoint u to keypoint v, with L_b its length in the mean shape and d_b the unit
vector that a detector saw. The residual has no unit: it is 0 where the bone points along d_b, and 2
where it points the other way. ρ is Geman–McClure's, so a bone that the detector has wrong by more
than some 30° pulls little. Directions are in the crop's frame, as the root is.

docs/method.md, "The directions of bones".
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.body.bone_directions import BONE_ENDS, BONE_STARTS, BONES
from core.body.keypoint_posing import PosedKeypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.inputs import BodyEstimate, BoneDirections
from core.geometry.robust import robust_square, robust_weight
from core.geometry.row_selection import take_rows

SIGMA = 0.5
"""σ of the residual, a share of the bone's length: a right angle off counts as gross."""


class BoneGeometry:
    """The twelve bones of a body: their lengths in the mean shape, and what their derivatives need.

    lengths_m: (12, 1). matrix: (12, U), the difference of a bone's ends over its length.
    """

    def __init__(self, body: KeypointBody) -> None:
        self.body = body
        differences = _differences(body)
        rest = torch.eye(3, dtype=body.dtype, device=body.device).expand(1, 24, 3, 3)
        at_rest = body.posed(rest, rest.new_zeros(1, 10)).distinct[0]
        self.lengths_m = torch.linalg.vector_norm(differences @ at_rest, dim=-1, keepdim=True)
        self.matrix = differences / self.lengths_m
        self.combinations = body.combinations(self.matrix)


class BoneDirectionTerm:
    """The term of B bodies, with its derivatives by the bodies' coordinates."""

    def __init__(self, geometry: BoneGeometry, known: BoneDirections) -> None:
        self._geometry = geometry
        self._known = known.to(device=geometry.body.device, dtype=geometry.body.dtype)

    def of_rows(self, rows: Tensor) -> BoneDirectionTerm:
        """The term of some of the bodies, those at the indices ``rows`` ``(N,)``."""
        here = rows.to(self._known.weights.device)
        return BoneDirectionTerm(self._geometry, take_rows(self._known, here))

    def of_bodies(self, bodies: BodyEstimate) -> Tensor:
        """E_d ``(B,)`` px² of the B bodies, on the CPU."""
        body = self._geometry.body
        here = bodies.to(device=body.device, dtype=body.dtype)
        return self.energy(body.keypoints(here.rotations, here.betas)).cpu()

    def energy(self, keypoints_3d: Tensor) -> Tensor:
        """E_d ``(B,)`` px² of keypoints ``(B, 49, 3)`` in metres; differentiable."""
        bones = keypoints_3d[:, BONE_ENDS] - keypoints_3d[:, BONE_STARTS]
        errors = robust_square(bones / self._geometry.lengths_m - self._known.directions, SIGMA)
        energy: Tensor = (self._known.weights * errors).sum((1, 2))
        return energy

    def normal_equations(
        self, posed: PosedKeypoints[Tensor], joint_frames: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Half the derivatives of E_d by 72 coordinates of joints and 10 betas.

        Args:
            posed: the bodies.
            joint_frames: ``(B, 24, 3, 3)``, as ``KeypointBody.row_derivatives`` takes them.

        Returns:
            Gradient ``(B, 82)`` without the share of the pose blend shapes, Gauss–Newton's
            Σ ω ∂e ∂eᵀ ``(B, 82, 82)``, and half the gradient by distinct keypoints ``(B, U, 3)`` in
            px²/m. Both ends of a bone are pushed by opposite amounts, so a translation feels
            nothing.
        """
        batch, bones, body = len(posed.distinct), len(BONES), self._geometry.body
        residual: Tensor = self._geometry.matrix @ posed.distinct - self._known.directions
        # ω = w r(e) (B, 12, 3): half of ∂(w ρ) is ω e.
        weights = self._known.weights * robust_weight(residual, SIGMA)
        pulls = weights * residual
        # The residual's three components are the rows of the identity, for each bone alike.
        rows = torch.eye(3, dtype=body.dtype, device=body.device)[None, :, :, None]
        jacobian = body.row_derivatives(
            posed, rows.expand(batch, 3, 3, bones), joint_frames, self._geometry.combinations
        )[:, :82].flatten(2)
        # (B, 12, 3) -> (B, 1, 3·12), the order of the columns.
        on_columns = weights.transpose(1, 2).flatten(1)[:, None]
        gradient = jacobian @ pulls.transpose(1, 2).flatten(1)[..., None]
        curvature = (jacobian * on_columns) @ jacobian.mT
        return gradient[..., 0], curvature, self._geometry.matrix.T @ pulls


def _differences(body: KeypointBody) -> Tensor:
    """``(12, U)``: −1 at the first end of each bone and 1 at the second."""
    ends = body.distinct_of_keypoint[torch.tensor(BONES, device=body.device)]
    rows = torch.arange(len(BONES), device=body.device)
    differences = torch.zeros(len(BONES), body.num_distinct, dtype=body.dtype, device=body.device)
    differences[rows, ends[:, 0]], differences[rows, ends[:, 1]] = -1, 1
    return differences
