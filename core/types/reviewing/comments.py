"""What a person wrote about a sample."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Comment:
    """One comment: who wrote what, when (UTC in ISO 8601)."""

    id: int
    sample_id: int
    author: str
    at: str
    text: str


@dataclass(frozen=True, kw_only=True)
class MergedComment:
    """A comment of another copy, on a sample of this one.

    removed_at: when it was taken away in the other copy, None while it is shown there.
    """

    sample_id: int
    author: str
    at: str
    text: str
    removed_at: str | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """Tells it from all others: no one writes two at one time."""
        return self.sample_id, self.author, self.at
