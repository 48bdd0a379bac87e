"""Random checks: fits drawn at random among those not reviewed, to tell what reviewing leaves."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_SHARE = 0.1
LARGEST_SHARE = 0.5
"""Every second one: a queue has to go on."""


@dataclass(frozen=True)
class Audit:
    """Fits without verdict in an order drawn at random; times are UTC in ISO 8601.

    seed: of the order. share: of the queue that is drawn. fits: how many had no verdict when it
    began. ended_at: None while it is mixed into the queues.
    """

    id: int
    seed: int
    share: float
    started_at: str
    started_by: str
    fits: int
    ended_at: str | None = None


@dataclass(frozen=True, kw_only=True)
class AuditEstimate:
    """What random checks tell of the fits without verdict.

    checked: random fits that were accepted or rejected; wrong: those rejected among them; unsure:
    drawn, but neither. unreviewed: fits without verdict now that the audit may have drawn.
    wrong_left: how many of them are probably wrong, None without a check; lowest and highest: the
    interval of ``confidence``.
    """

    checked: int
    wrong: int
    unsure: int
    unreviewed: int
    wrong_left: float | None
    lowest: int
    highest: int
    confidence: float


def estimate_text(estimate: AuditEstimate) -> str:
    """The estimate as two sentences."""
    if estimate.wrong_left is None:
        return (
            f"None of the random fits has been judged yet; {_count(estimate.unreviewed)} fits "
            "wait for a verdict."
        )
    unsure = f", {_count(estimate.unsure)} unsure" if estimate.unsure else ""
    judged = f"Wrong: {_count(estimate.wrong)} of {_count(estimate.checked)} random fits{unsure}."
    if not estimate.unreviewed:
        return f"{judged} None of the others waits for a verdict."
    return (
        f"{judged} Wrong among the {_count(estimate.unreviewed)} that wait for a verdict: about "
        f"{_count(round(estimate.wrong_left))}; {_count(estimate.lowest)} to "
        f"{_count(estimate.highest)} with {100 * estimate.confidence:.0f} % confidence."
    )


def _count(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
