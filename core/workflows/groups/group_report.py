"""What fitting groups of pictures together did, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.types.counted_nouns import counted

_NAMED = 5
"""Moments that a summary names."""


@dataclass(frozen=True)
class GroupReport:
    """What became of groups.

    fitted: groups that got one body; people: their members, accepted ones left out. kept: groups
    whose body stayed, because no better one was found. refused: groups of which a member refused
    the fit, and why for the first. doubtful: by sample, the moment whose pictures one body does not
    explain. contradicting: by sample, the moment whose pictures were not taken from where the
    calibration says, and which was fitted as if it said nothing.
    """

    fitted: int = 0
    people: int = 0
    kept: int = 0
    refused: int = 0
    reason: str = ""
    doubtful: Mapping[int, str] = field(default_factory=dict)
    contradicting: Mapping[int, str] = field(default_factory=dict)
    cancelled: bool = False

    def with_group(self, people: int) -> GroupReport:
        """One more group got one body."""
        return replace(self, fitted=self.fitted + 1, people=self.people + people)

    def with_refusal(self, reason: str) -> GroupReport:
        """One more group refused its fit."""
        return replace(self, refused=self.refused + 1, reason=self.reason or reason)

    def with_doubtful(self, moments: Mapping[int, str]) -> GroupReport:
        """More samples of moments that stayed apart."""
        return replace(self, doubtful={**self.doubtful, **moments})

    def with_contradictions(self, moments: Mapping[int, str]) -> GroupReport:
        """More samples of moments that their calibration does not explain."""
        return replace(self, contradicting={**self.contradicting, **moments})

    def summary(self) -> str:
        """Half a sentence to follow another, which ends without a full stop; may be empty."""
        parts = []
        if self.fitted:
            groups = counted(self.fitted, "group", "groups")
            people = counted(self.people, "person", "people")
            parts.append(f"{groups} of {people} fitted together")
        if self.kept:
            parts.append(f"{counted(self.kept, 'group', 'groups')} kept")
        if self.refused:
            refused = counted(self.refused, "group", "groups")
            parts.append(f"{refused} refused, the first because: {self.reason}")
        if self.contradicting:
            count, names = _counted_and_named(self.contradicting)
            parts.append(
                f"{count} not taken from where the calibration says, whose places were left out: "
                f"{names}"
            )
        if self.doubtful:
            count, names = _counted_and_named(self.doubtful)
            verb = "does" if count.startswith("1 ") else "do"
            parts.append(f"{count} {verb} not look like one body and stayed apart: {names}")
        return "".join(f"; {part}" for part in parts)


def _counted_and_named(moments: Mapping[int, str]) -> tuple[str, str]:
    """``2 moments``, and the names of the first of them."""
    names = sorted(set(moments.values()))
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return counted(len(names), "moment", "moments"), f"{', '.join(names[:_NAMED])}{more}"
