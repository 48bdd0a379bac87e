"""What flags say against what is true, and the area under the ROC of it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.failure_detection.assessor import FlagScores
from core.types.flags import FlagName
from resources.flags.build.failures import Errors


@dataclass(frozen=True, eq=False)
class Outcome:
    """One kind of failure: the score that should tell it, whether it is raised, what is true."""

    score: Tensor
    raised: Tensor
    wrong: Tensor


def outcomes(scores: FlagScores, errors: Errors) -> dict[str, Outcome]:
    """What the issue asks for, each by the score that is meant to tell it."""
    kinds, raised = scores.scores, scores.raised
    orientation, parts, depth = (
        FlagName.ORIENTATION,
        FlagName.PART_ORIENTATION,
        FlagName.DEPTH,
    )
    half = scores.wrong_body >= 0.5
    return {
        "orientation": Outcome(kinds[orientation], raised[orientation], errors.wrong_root),
        "part orientation": Outcome(
            any_of_eight(scores.parts), raised[parts], errors.wrong_limbs.any(1)
        ),
        "part orientation, limbs seen": Outcome(
            kinds[parts],
            raised[parts],
            (errors.wrong_limbs & scores.measures.limbs_seen).any(1),
        ),
        "each limb": Outcome(
            scores.parts.flatten(), scores.parts.flatten() >= 0.5, errors.wrong_limbs.flatten()
        ),
        "depth": Outcome(kinds[depth], raised[depth], errors.wrong_depth),
        "body": Outcome(scores.wrong_body, half, errors.wrong_body),
        "suspicion": Outcome(
            scores.suspicion,
            scores.suspicion >= 0.5,
            errors.wrong_body | errors.wrong_root,
        ),
    }


def any_of_eight(parts: Tensor) -> Tensor:
    """That some limb is wrong, seen or not, of their probabilities ``(B, 8)``."""
    return 1 - (1 - parts).prod(1)


def area_under_roc(scores: Tensor, wrong: Tensor) -> float:
    """How often a failure scores above a success, ties counting half; NaN without both."""
    values, inverse, counts = torch.unique(scores.double(), return_inverse=True, return_counts=True)
    del values
    ends = counts.cumsum(0).double()
    ranks = (ends - (counts - 1) / 2)[inverse]
    failures = int(wrong.sum())
    successes = len(wrong) - failures
    if failures == 0 or successes == 0:
        return float("nan")
    above = float(ranks[wrong].sum()) - failures * (failures + 1) / 2
    return above / (failures * successes)
