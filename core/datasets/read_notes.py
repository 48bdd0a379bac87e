"""What a reader tells beside its entries: what it dropped, assumed, or did not use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

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
