"""How many wrong fits are left among those without verdict, told from the random ones.

docs/method.md, "What verdicts tell of the fits without one".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.proportions import CONFIDENCE, hypergeometric_interval
from core.types.audits import AuditEstimate

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class AuditedFits:
    """The N fits of an audit in the order in which they are drawn, as they stand now.

    suspicion: ``(N,)`` when the audit began; a fit that was not assessed has -1, since queues list
    it last. drawn: ``(N,)`` shown as random ones; accepted, rejected, unsure: their verdicts;
    waiting: without verdict and still current. What is none of these was replaced unseen.
    """

    suspicion: NDArray[np.float32]
    drawn: Mask
    accepted: Mask
    rejected: Mask
    unsure: Mask
    waiting: Mask


def estimated(fits: AuditedFits, *, confidence: float = CONFIDENCE) -> AuditEstimate:
    """The estimate, and an exact interval whatever was reviewed besides, and why.

    The first n fits of a random order are a simple random sample of all of them, as long as n does
    not depend on what they are: so those count that were reviewed otherwise before their turn came,
    and no others. From the sample follows how many of the population were wrong; those rejected are
    known, whatever way they were met, and the rest is left. The population are the fits that are at
    most as suspicious as the most suspicious one that waits: of others none is left, and a queue by
    suspicion must not count as if it told of the rest.
    """
    population = _population(fits)
    sample = population & _in_prefix(fits)
    wrong = int((sample & fits.rejected).sum())
    checked = wrong + int((sample & fits.accepted).sum())
    size, drawn = int(population.sum()), int(sample.sum())
    unsure, waiting = drawn - checked, int(fits.waiting.sum())
    found = int((population & fits.rejected).sum())
    lowest, _ = hypergeometric_interval(wrong, drawn, size, confidence=confidence)
    _, highest = hypergeometric_interval(wrong + unsure, drawn, size, confidence=confidence)
    lowest, highest = (min(max(total - found, 0), waiting) for total in (lowest, highest))
    likely = None
    if checked:
        likely = float(np.clip(wrong / checked * size - found, lowest, highest))
    return AuditEstimate(
        checked=checked,
        wrong=wrong,
        unsure=unsure,
        unreviewed=waiting,
        wrong_left=likely,
        lowest=lowest,
        highest=highest,
        confidence=confidence,
    )


def _population(fits: AuditedFits) -> Mask:
    known = fits.waiting | fits.accepted | fits.rejected | fits.unsure
    if not fits.waiting.any():
        return known
    near_enough: Mask = fits.suspicion <= fits.suspicion[fits.waiting].max()
    return known & near_enough


def _in_prefix(fits: AuditedFits) -> Mask:
    """The fits up to the first whose turn has not come; drawn ones without verdict end no sample.

    But those at its very end do not count: they are the ones on screen.
    """
    judged = fits.accepted | fits.rejected | fits.unsure
    passed = judged | fits.drawn | ~fits.waiting
    ends = np.flatnonzero(~passed)
    length = int(ends[0]) if len(ends) else len(passed)
    told = np.flatnonzero(judged[:length])
    length = int(told[-1]) + 1 if len(told) else 0
    inside: Mask = np.arange(len(passed)) < length
    return inside
