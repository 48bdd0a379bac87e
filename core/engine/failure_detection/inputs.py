"""What flags are computed from: keypoints, a fit, and alternative estimates of the same people."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import Tensor

from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.errors import ShapeError


@dataclass(frozen=True, eq=False)
class AlternativeEstimate:
    """Another estimate of the same B bodies, in the same crop cameras.

    who: whom a reason in words names, such as ``the lifter`` or ``the prediction``.
    present: (B,) bool, for whom there is one; rows without may hold anything finite.
    uncertainty_rad: (B, 24) how far each joint turns when the same person is given mirrored; None
        where nothing is known of it.
    spread_rad: (B, 24) the root of the mean square angle by which each rotation is probably off, as
        the estimate says of itself; None where it does not.
    sees_picture: whether it knows more of the picture than the keypoints.
    """

    who: str
    estimate: BodyEstimate
    present: Tensor
    uncertainty_rad: Tensor | None = None
    spread_rad: Tensor | None = None
    sees_picture: bool = False


@dataclass(frozen=True, eq=False)
class FlagInputs:
    """What is known of B fits without any ground truth.

    comparison_px2: (B,) the fits' comparison losses.
    alternatives: none, one or several.
    """

    keypoints: Keypoints2D
    fit: BodyEstimate
    comparison_px2: Tensor
    alternatives: tuple[AlternativeEstimate, ...] = field(default=())

    def __post_init__(self) -> None:
        batch = len(self.keypoints)
        sizes = {
            "fit": len(self.fit),
            "comparison_px2": len(self.comparison_px2),
            **{
                f"alternative of {alternative.who}": len(alternative.estimate)
                for alternative in self.alternatives
            },
        }
        for name, size in sizes.items():
            if size != batch:
                raise ShapeError(name, actual=(size,), expected=f"({batch}, …), one per sample")

    def __len__(self) -> int:
        return len(self.keypoints)
