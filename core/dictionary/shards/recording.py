"""What a shard's job would have stored, in the order in which it came.

A number of something recorded is below 0: −1 is the first of its kind. So it cannot be mistaken for
the number of anything that the snapshot holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.dictionary.fits.prediction_sets import SetKind
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import NewFit
from core.types.predictions import NewPrediction


@dataclass(frozen=True, eq=False)
class RecordedOffer:
    """A fit on offer. together: the number of its group's offer, all or none; None for one alone.

    ``fit.run_id`` is a recorded run's; ``fit.supersedes_fit_id`` the snapshot's or a recorded one.
    """

    fit: NewFit
    together: int | None = None


@dataclass(frozen=True, eq=False)
class RecordedPrediction:
    """A prediction to be stored. set_id: the recorded set it goes into, None for the latest."""

    prediction: NewPrediction
    set_id: int | None = None


@dataclass(frozen=True)
class RecordedRun:
    """A run that was begun."""

    kind: str
    configuration: Mapping[str, object]
    versions: Mapping[str, str]
    seed: int | None = None


@dataclass(frozen=True)
class RecordedSet:
    """A prediction set that was opened; run_id: one of the snapshot's."""

    name: str
    kind: SetKind
    source: str
    run_id: int | None = None


@dataclass(eq=False)
class ShardRecord:
    """Everything of one shard. body_name: whose bodies; empty where none were made."""

    body_name: str = ""
    runs: list[RecordedRun] = field(default_factory=list)
    sets: list[RecordedSet] = field(default_factory=list)
    offers: list[RecordedOffer] = field(default_factory=list)
    predictions: list[RecordedPrediction] = field(default_factory=list)
    detections: dict[int, DetectedLandmarks] = field(default_factory=dict)
    groups_offered: int = 0

    def add_offers(self, fits: Sequence[NewFit], *, is_group: bool = False) -> list[int]:
        """Record offers, those of a group as one; returns their numbers."""
        together = None
        if is_group:
            together, self.groups_offered = self.groups_offered, self.groups_offered + 1
        first = len(self.offers)
        self.offers += [RecordedOffer(fit, together) for fit in fits]
        return [number_of(index) for index in range(first, len(self.offers))]


def number_of(index: int) -> int:
    """The number of what was recorded ``index``-th, from 0, of its kind."""
    return -1 - index


def index_of(number: int) -> int:
    """The inverse of ``number_of``."""
    return -1 - number
