"""What a reader tells beside its entries: what it dropped, assumed, or did not use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

_MANY_WEAK = 0.4
"""Where more joints than this are dropped, the threshold is as doubtful as they are."""
_MAX_FIELDS = 50
"""Names of fields are foreign text: a file may have a million of them."""


@dataclass(eq=False)
class ReadNotes:
    """Counted in words while the entries are read; complete when the last one was.

    dropped: joints and the like that were taken for absent, by what and why. assumed: what the
    source does not say, by assumption. unused_fields: entries by the field that was not used.
    notices: what looks wrong with the source as a whole, in sentences.
    """

    dropped: Counter[str] = field(default_factory=Counter)
    assumed: Counter[str] = field(default_factory=Counter)
    unused_fields: Counter[str] = field(default_factory=Counter)
    notices: list[str] = field(default_factory=list)
    scored_joints: int = 0
    weak_joints: int = 0

    def drop_weak(self, weak: int, *, of: int, min_score: float) -> None:
        """Count the joints of one person that a detector scores below a threshold."""
        self.scored_joints += of
        self.weak_joints += weak
        self.drop(f"joints with a score below {min_score:g}", weak)

    def take(self, other: ReadNotes) -> None:
        """Add what was noted of one entry, once it is certain that the entry is used."""
        # Of most entries there is nothing to say, and a counter is slow to find that out.
        if other.dropped:
            self.dropped.update(other.dropped)
        if other.assumed:
            self.assumed.update(other.assumed)
        self.leave_unused(other.unused_fields)
        self.scored_joints += other.scored_joints
        self.weak_joints += other.weak_joints

    def conclude(self, notices: Iterable[str]) -> None:
        """Add what can be said once everything was read."""
        self.notices += notices
        if self.weak_joints > _MANY_WEAK * self.scored_joints:
            self.notices.append(
                f"{self.weak_joints} of {self.scored_joints} joints have a score below the "
                "threshold; some detectors score all joints low, right ones, too. --min-score says "
                "another threshold."
            )

    def drop(self, what: str, count: int = 1) -> None:
        """Count something left out; nothing for a count of 0."""
        if count:
            self.dropped[what] += int(count)

    def assume(self, what: str) -> None:
        """Count an entry that relies on an assumption."""
        self.assumed[what] += 1

    def leave_unused(self, fields: Iterable[str]) -> None:
        """Count the fields of one entry that were not used, by name as it is shown."""
        for name in fields:
            if name in self.unused_fields or len(self.unused_fields) < _MAX_FIELDS:
                self.unused_fields[name] += 1
