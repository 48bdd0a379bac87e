"""What happened to a sample."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Event:
    """One change of what is known of a sample: when, who, what, from, to.

    what: ``verdict`` (before and after are verdicts), ``current fit`` (they are fit ids, None
    for no fit), ``keypoints``, ``box``, ``camera``, ``sample`` or ``group`` (they are JSON).
    author: a user's name, or ``program``.
    """

    at: str
    author: str
    sample_id: int
    fit_id: int | None
    what: str
    before: str | None
    after: str | None
