"""Which of two bodies of a person is the likelier one, given keypoints and a prediction.

2D error alone cannot tell: a body held to a good prediction is better in 3D and a little worse in
2D, so the dictionary learned nothing from its regressor; and SMPLify's priors are least at the very
bodies that fits without a prediction end in (docs/method.md, "The acceptance rule"; measurements:
docs/decisions/0005).
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

CLEAR_GAIN = 16.0
"""In variances of a keypoint: by so much the likelier body's sum must be lower, eight nats. Less is
noise, above all that of the prediction, which changes with every augmentation."""

LARGEST_SACRIFICE = 2.0
"""In variances of a keypoint: how much more 2D error, per confident joint, the likelier body may
have. It is what a perfect body has from noisy keypoints; beyond that keypoints are contradicted."""


@dataclass(frozen=True, eq=False)
class ScoredBodies:
    """One body for each of B people.

    comparison: (B,) px² per confident joint, as the dictionary compares; pull: (B,) px², energy of
    what holds bodies to the prediction, the same one for both of a person's rivals.
    """

    comparison: Tensor
    pull: Tensor


def is_more_probable(
    offered: ScoredBodies,
    current: ScoredBodies,
    *,
    counted: Tensor,
    keypoint_noise_px: float,
    clear_gain: float = CLEAR_GAIN,
) -> Tensor:
    """``(B,)`` bool: whether the offered body should take the current one's place.

    Both are rated by the negative logarithm of their probability, times twice the keypoints'
    variance: 2D error of all joints plus the pull.

    Args:
        offered: with finite losses.
        current: infinite where there is no body yet.
        counted: ``(B,)`` sum of squared confidences that ``comparison`` was divided by.
        keypoint_noise_px: standard deviation of a keypoint along one axis.
        clear_gain: in variances of a keypoint.
    """
    variance = keypoint_noise_px**2
    gain = counted * (current.comparison - offered.comparison) + current.pull - offered.pull
    sacrifice = offered.comparison - current.comparison
    clear = gain > clear_gain * variance
    likelier: Tensor = clear & (sacrifice < LARGEST_SACRIFICE * variance)
    return likelier
