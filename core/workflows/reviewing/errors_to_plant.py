"""What is asked of the making of errors, and what came of it; without PyTorch."""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.search.query import SampleQuery
from core.types.counted_nouns import counted
from core.types.reviewing.made_errors import ErrorKind

_EVERYTHING = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class ErrorsToPlant:
    """What is asked for.

    count: of errors, at most. kinds: each as often as the others, where it can be made. seed: of
    the draw. ask_everyone: those who accepted the fits, too. where: among whom to draw.
    """

    count: int
    kinds: tuple[ErrorKind, ...] = tuple(ErrorKind)
    seed: int = 0
    ask_everyone: bool = False
    where: SampleQuery = _EVERYTHING


@dataclass(frozen=True, kw_only=True)
class PlantedErrors:
    """What was done. sample_ids: who is shown with an error. candidates: accepted fits there were.

    by_kind: how many of each.
    """

    sample_ids: tuple[int, ...] = ()
    candidates: int = 0
    by_kind: dict[ErrorKind, int]

    def summary(self) -> str:
        """Sentences for the user."""
        if not self.sample_ids:
            return "No accepted fit that an error could be made in."
        made = counted(len(self.sample_ids), "made error is", "made errors are")
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.by_kind.items())
        return f"{made} mixed into what reviewers judge: {kinds}."
