"""The rules by which samples are listed: filters and an order, never the samples themselves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Self

from core.errors import StudioError
from core.types.cameras import CameraSource
from core.types.fits import Origin, Verdict


class SortKey(StrEnum):
    """What a list of samples can be sorted by."""

    ID = "id"
    NAME = "name"
    SUSPICION = "suspicion"
    INFORMATIVENESS = "informativeness"
    LABEL_DOUBT = "label doubt"
    TOUCH_GAIN = "gain of a touch"
    LOSS = "loss"
    ERROR_2D = "2D error"
    ERROR_3D = "3D error"
    MAX_ABS_BETA = "max |beta|"
    DEPTH = "depth"
    POSE_PRIOR = "pose prior"
    DISAGREEMENT = "disagreement"
    KEYPOINTS = "keypoints"
    VERDICT = "verdict"
    FITTED = "fitted"
    IMPORTED = "imported"
    LIKENESS = "likeness"


MEASURES = (
    SortKey.LOSS,
    SortKey.ERROR_2D,
    SortKey.ERROR_3D,
    SortKey.MAX_ABS_BETA,
    SortKey.DEPTH,
    SortKey.POSE_PRIOR,
    SortKey.DISAGREEMENT,
    SortKey.SUSPICION,
    SortKey.INFORMATIVENESS,
    SortKey.LABEL_DOUBT,
    SortKey.TOUCH_GAIN,
    SortKey.KEYPOINTS,
)
"""What is a number of a sample: a range of it can be asked for."""


ANY_GROUP, NO_GROUP, LEFT_OUT = "any", "none", "left-out"
"""In the place of a name: of any group, of none, and of one that the sample was left out of."""


@dataclass(frozen=True)
class ValueRange:
    """Numbers from ``low`` to ``high``, both included; None leaves an end open.

    Raises:
        StudioError: ``low`` is above ``high``.
    """

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.low is not None and self.high is not None and not self.low <= self.high:
            raise StudioError(
                f"The range {self.low:g}..{self.high:g} is empty.", remedy="Give the smaller first."
            )

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class DayRange:
    """Whole days of UTC from ``first`` to ``last``, both included; None leaves an end open.

    Raises:
        StudioError: ``first`` is after ``last``.
    """

    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if self.first is not None and self.last is not None and self.first > self.last:
            raise StudioError(
                f"The range {self.first}..{self.last} is empty.", remedy="Give the earlier first."
            )

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self.first is not None or self.last is not None


@dataclass(frozen=True)
class LikeRule:
    """Samples like one: nearest in pose, mirrored poses too; or near copies of what it shows."""

    sample_id: int
    mirrored: bool = False
    near_copies: bool = False


@dataclass(frozen=True)
class SampleQuery:
    """Which samples, in which order. An empty filter lets everything through.

    text: part of the name or the dataset, upper and lower case alike.
    verdicts, origins, runs: of the current fit; a sample without a fit matches none of them.
    flags: samples that bear at least one of them. flagged: any flag at all, or none; None for both.
    ranges: of ``MEASURES``, in their order; a sample without the number is in no range of it.
    fitted: when the current fit was stored. only_corrected: keypoints or box edited by people.
    moments, subjects: that samples belong to, by their names, or ``ANY_GROUP``, ``NO_GROUP``.
    groups: either of both, or ``LEFT_OUT``. cameras: where their pictures' cameras come from.
    like: samples like one; ``SortKey.LIKENESS`` has the most alike first, and without this rule
    is the order of ids.
    assigned: to these reviewers, or ``ANY_GROUP``, ``NO_GROUP``. waiting_for: those who have a
    verdict or a second opinion to give. judged_by: who gave an opinion on the current fit.
    comments: words in a comment, or ``ANY_GROUP``, ``NO_GROUP``. only_disagreed: fits that are
    unsure because reviewers said different things.
    """

    text: str = ""
    verdicts: frozenset[Verdict] = field(default_factory=frozenset)
    origins: frozenset[Origin] = field(default_factory=frozenset)
    datasets: frozenset[str] = field(default_factory=frozenset)
    flags: frozenset[str] = field(default_factory=frozenset)
    only_without_fit: bool = False
    sort: SortKey = SortKey.ID
    descending: bool = False
    flagged: bool | None = None
    runs: frozenset[int] = field(default_factory=frozenset)
    ranges: tuple[tuple[SortKey, ValueRange], ...] = ()
    fitted: DayRange = field(default_factory=DayRange)
    only_corrected: bool = False
    groups: frozenset[str] = field(default_factory=frozenset)
    moments: frozenset[str] = field(default_factory=frozenset)
    subjects: frozenset[str] = field(default_factory=frozenset)
    cameras: frozenset[CameraSource] = field(default_factory=frozenset)
    like: LikeRule | None = None
    assigned: frozenset[str] = field(default_factory=frozenset)
    waiting_for: frozenset[str] = field(default_factory=frozenset)
    judged_by: frozenset[str] = field(default_factory=frozenset)
    comments: frozenset[str] = field(default_factory=frozenset)
    only_disagreed: bool = False

    def range_of(self, measure: SortKey) -> ValueRange:
        """The range of a measure; without ends where it is not filtered."""
        return dict(self.ranges).get(measure, ValueRange())

    def with_range(self, measure: SortKey, wanted: ValueRange) -> Self:
        """The same query with another range of a measure; one without ends takes it away."""
        ranges = {**dict(self.ranges), measure: wanted}
        kept = tuple((measure, ranges[measure]) for measure in MEASURES if ranges.get(measure))
        return replace(self, ranges=kept)

    def in_order_of(self, other: SampleQuery) -> Self:
        """The same filters in the order of another query."""
        return replace(self, sort=other.sort, descending=other.descending)

    @property
    def filters(self) -> Self:
        """The same filters in the first order: equal for queries that list the same samples."""
        return self.in_order_of(SampleQuery())
