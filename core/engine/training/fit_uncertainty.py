"""The errors of the dictionary's own fits, joint by joint: keypoints do not tell everything.

    |prediction − truth|² = |prediction − fit|² + |fit − truth|²             on average

A fit is a guess, and it errs on the same side as the regressor: toward what people mostly do. So
the regressor is nearer to fits than to the truth. Where a fit is the best guess from what is known,
its own error is uncorrelated with its difference from any guess that knows less, so the squares add
up (Pythagoras, as for a conditional mean). On 240 people of the demo's kind, with fits from the
lifter: 24.1° of true error over the body's joints, 15.9° of disagreement, 24.5° by this rule
(docs/decisions/0005).
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.regression.lifter import Lifter
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.targets import CurrentFits
from core.types.arrays import NUM_JOINTS


def keypoint_squares() -> Tensor:
    """The mean squared errors ``(24,)`` in rad², root first, of bodies made of keypoints alone.

    They were measured with the lifter on people that it was not trained on, and are stored with it.

    Raises:
        UserFileError: the shipped lifter cannot be read.
    """
    return Lifter.load().joint_spread_rad.double() ** 2


def fit_squares(
    current: CurrentFits, regressor_error: RegressorErrorEstimate, by_keypoints: Tensor
) -> Tensor:
    """The mean squared errors ``(B, 24)`` in rad² of current fits.

    They are 0 for ground truth and for what a person accepted. A fit of the loop knows keypoints
    and a prediction, and its error is smaller than that of either; every other fit has the error
    that keypoints leave. Predictions that became fits are never asked: they are no evidence.

    Args:
        current: B fits.
        regressor_error: the estimated error of predictions so far.
        by_keypoints: ``(24,)`` rad² from ``keypoint_squares``.
    """
    squares = by_keypoints.expand(len(current.loss), NUM_JOINTS)
    if regressor_error.has_enough_samples:
        predicted = regressor_error.mean_squares[:NUM_JOINTS]
        # Independent guesses of variances a and b, weighted by 1/a and 1/b, leave a b / (a + b).
        of_both = by_keypoints * predicted / (by_keypoints + predicted)
        squares = torch.where(current.in_loop[:, None], of_both, squares)
    settled = current.accepted | current.from_truth
    return torch.where(settled[:, None], torch.zeros_like(squares), squares)
