"""The directions of bones as a term of the objective: what tells depth where keypoints do not.

    E_d = Σ_b w_b Σ_xyz ρ((X_v − X_u) / L_b − d_b)                     px²,  σ = 0.5

for bone b from keypoint u to keypoint v, with L_b its length in the mean shape and d_b the unit
vector that a detector saw. The residual has no unit: it is 0 where the bone points along d_b, and 2
where it points the other way. ρ is Geman–McClure's, so a bone that the detector has wrong by more
than some 30° pulls little. Directions are in the crop's frame, as the root is.

docs/method.md, "The directions of bones".
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass

import torch
from torch import Tensor

from core.body.bone_directions import BONES
from core.body.keypoint_posing import PosedKeypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.errors import ShapeError
from core.geometry.robust import robust_square, robust_weight
from core.geometry.row_selection import take_rows

SIGMA = 0.5
"""σ of the residual, a share of the bone's length: a right angle off counts as gross."""

_FIRST, _SECOND = (list(ends) for ends in zip(*BONES, strict=True))


@dataclass(frozen=True, eq=False)
class BoneDirections:
    """What is known of the directions of B bodies' bones.

    directions: (B, 12, 3) unit vectors in the crop's frame, in the order of ``BONES``.
    weights: (B, 12) px², 0 where nothing is known.

    Raises:
        ShapeError: a tensor has another shape.
    """

    directions: Tensor
    weights: Tensor

    def __post_init__(self) -> None:
        batch = len(self.directions)
        for name, shape in (
            ("directions", (batch, len(BONES), 3)),
            ("weights", (batch, len(BONES))),
        ):
            if tuple(getattr(self, name).shape) != shape:
                raise ShapeError(name, actual=getattr(self, name).shape, expected=str(shape))

    @classmethod
    def unknown(cls, count: int) -> BoneDirections:
        """Of ``count`` bodies nothing is known."""
        return cls(torch.zeros(count, len(BONES), 3), torch.zeros(count, len(BONES)))

    def __len__(self) -> int:
        return len(self.weights)

    def to(self, *, device: torch.device, dtype: torch.dtype) -> BoneDirections:
        """The same directions on another device or in another precision."""
        return BoneDirections(
            self.directions.to(device=device, dtype=dtype),
            self.weights.to(device=device, dtype=dtype),
        )


class BoneDirectionTerm:
    """The term of B bodies, with its derivatives by the bodies' coordinates."""

    def __init__(self, body: KeypointBody, known: BoneDirections) -> None:
        self.known = known.to(device=body.device, dtype=body.dtype)
        differences = _differences(body)
        rest = torch.eye(3, dtype=body.dtype, device=body.device).expand(1, 24, 3, 3)
        at_rest = body.posed(rest, rest.new_zeros(1, 10)).distinct[0]
        self._lengths_m = torch.linalg.vector_norm(differences @ at_rest, dim=-1, keepdim=True)
        # (12, U): the ends' difference over the bone's length, so that e = _bones @ X − d.
        self._bones = differences / self._lengths_m
        self._combinations = body.each_keypoint.combined(self._bones)
        self._body = body

    def of_rows(self, rows: Tensor) -> BoneDirectionTerm:
        """The term of some of the bodies, those at the indices ``rows`` ``(N,)``."""
        other = copy(self)
        other.known = take_rows(self.known, rows.to(self.known.weights.device))
        return other

    def energy(self, keypoints_3d: Tensor) -> Tensor:
        """E_d ``(B,)`` px² of keypoints ``(B, 49, 3)`` in metres; differentiable."""
        bones = keypoints_3d[:, _SECOND] - keypoints_3d[:, _FIRST]
        errors = robust_square(bones / self._lengths_m - self.known.directions, SIGMA)
        energy: Tensor = (self.known.weights * errors.sum(-1)).sum(1)
        return energy

    def force(self, distinct: Tensor) -> Tensor:
        """Half the gradient of E_d by distinct keypoints ``(B, U, 3)``, in px²/m.

        Both ends of a bone are pushed by opposite amounts, so a translation feels nothing.
        """
        residual = self._residual(distinct)
        force: Tensor = self._bones.T @ (self._weights(residual) * residual)
        return force

    def curvature(self, posed: PosedKeypoints[Tensor], joint_frames: Tensor) -> Tensor:
        """Gauss–Newton's Σ ω ∂e ∂eᵀ ``(B, 82, 82)`` by 72 coordinates of joints and 10 betas.

        Args:
            posed: the bodies.
            joint_frames: ``(B, 24, 3, 3)``, as ``KeypointBody.row_derivatives`` takes them.
        """
        batch, bones = len(posed.distinct), len(BONES)
        # The residual's three components are the rows of the identity, for each bone alike.
        rows = torch.eye(3, dtype=self._body.dtype, device=self._body.device)[None, :, :, None]
        jacobian = self._body.row_derivatives(
            posed, rows.expand(batch, 3, 3, bones), joint_frames, self._combinations
        )
        weights = self._weights(self._residual(posed.distinct)).transpose(1, 2)
        # (B, 82, 3, 12) with (B, 1, 3, 12)
        weighted = (jacobian * weights[:, None]).flatten(2)
        return weighted @ jacobian.flatten(2).transpose(1, 2)

    def _residual(self, distinct: Tensor) -> Tensor:
        """How far each bone is off, e ``(B, 12, 3)``."""
        residual: Tensor = self._bones @ distinct - self.known.directions
        return residual

    def _weights(self, residual: Tensor) -> Tensor:
        """ω = w r(e) ``(B, 12, 3)``: half of ∂(w ρ) is ω e."""
        return self.known.weights[..., None] * robust_weight(residual, SIGMA)


def _differences(body: KeypointBody) -> Tensor:
    """``(12, U)``: −1 at the first end of each bone and 1 at the second."""
    ends = body.distinct_of_keypoint[torch.tensor(BONES, device=body.device)]
    rows = torch.arange(len(BONES), device=body.device)
    differences = torch.zeros(len(BONES), body.num_distinct, dtype=body.dtype, device=body.device)
    differences[rows, ends[:, 0]], differences[rows, ends[:, 1]] = -1, 1
    return differences
