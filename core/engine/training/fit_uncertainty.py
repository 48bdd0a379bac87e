"""How far the dictionary's own fits are off, joint by joint: keypoints do not tell everything.

A fit is a guess, and it errs on the same side as the regressor: towards what people mostly do. So
the regressor lies nearer to fits than to the truth. Where a fit is the best guess from what is
known, its own error stands at right angles to its distance from any guess that knows less, and the
squares add up: what the regressor is off by, squared, is its disagreement with fits, squared, plus
the fits' own error, squared. On 240 people of the demo's kind, fits from the lifter: 24.1° of true
error over the body's joints, 15.9° of disagreement, 24.5° by this rule (docs/decisions/0005).
"""

from __future__ import annotations

import torch
from torch import Tensor

from core.engine.regression.lifter import Lifter
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.targets import CurrentFits
from core.types.arrays import NUM_JOINTS


def keypoint_squares() -> Tensor:
    """``(24,)`` rad², root first: how far bodies made of keypoints alone are off.

    Measured by the lifter on people it was not trained on; stored with it.

    Raises:
        UserFileError: the shipped lifter cannot be read.
    """
    return Lifter.load().joint_spread_rad.double() ** 2


def fit_squares(known: CurrentFits, trust: RegressorErrorEstimate, by_keypoints: Tensor) -> Tensor:
    """``(B, 24)`` rad²: how far current fits are off.

    Truth is not, nor what a person accepted. A fit of the loop was held to a prediction as well as
    to keypoints, and is off by less than either; every other one as keypoints leave it.

    Args:
        known: B fits.
        trust: how far predictions are off, as believed so far.
        by_keypoints: ``(24,)`` from ``keypoint_squares``.
    """
    squares = by_keypoints.expand(len(known.loss), NUM_JOINTS)
    if trust.known:
        predicted = trust.mean_squares[:NUM_JOINTS]
        of_both = by_keypoints * predicted / (by_keypoints + predicted)
        squares = torch.where(known.in_loop[:, None], of_both, squares)
    settled = known.accepted | known.from_truth
    return torch.where(settled[:, None], torch.zeros_like(squares), squares)
