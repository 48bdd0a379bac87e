"""What a merge of parts did, in numbers and sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.types.counted_nouns import counted
from core.types.fits import NewFit, OfferOutcome, OfferResult

SHOWN_REFUSALS = 20


@dataclass(frozen=True)
class MergeReport:
    """What a merge did.

    parts: merged, of ``shards``; missing: the shards without a part among them. fits: became
    current, kept in the history, locked by an accepted one, refused, and those that the history
    held already. predictions, detections: stored now. groups: one body for several pictures each;
    groups_waiting: those that wait for the missing parts. refusals: a line for each of the first
    refused offers.
    """

    parts: int = 0
    shards: int = 0
    missing: tuple[int, ...] = ()
    became_current: int = 0
    kept: int = 0
    locked: int = 0
    refused: int = 0
    there_already: int = 0
    predictions: int = 0
    detections: int = 0
    groups: int = 0
    groups_refused: int = 0
    groups_waiting: int = 0
    refusals: tuple[str, ...] = ()
    seconds: float = 0.0
    cancelled: bool = False

    def summary(self) -> str:
        """Sentences for the command line."""
        counts = [
            f"{count} {words}"
            for count, words in (
                (self.became_current, "became current"),
                (self.kept, "kept in history"),
                (self.locked, "kept behind an accepted fit"),
                (self.refused, "refused"),
                (self.there_already, "there already"),
                (self.predictions, "predictions"),
                (self.detections, "people measured"),
                (self.groups, "groups with one body"),
                (self.groups_refused, "groups refused"),
            )
            if count
        ]
        text = f"Merged {self.parts} of {counted(self.shards, 'part', 'parts')} in "
        text += f"{self.seconds:.1f} s: {', '.join(counts) or 'nothing new'}"
        if self.missing:
            text += f"; missing: {', '.join(f'part-{index}' for index in self.missing)}"
        if self.groups_waiting:
            waiting = counted(self.groups_waiting, "group waits", "groups wait")
            text += f"; {waiting} for the missing parts: merge all parts together then"
        return f"{text}; cancelled: call it again to go on." if self.cancelled else f"{text}."

    def counting(self, results: Sequence[OfferResult], offers: Sequence[NewFit]) -> MergeReport:
        """This report with the results of some more offers."""
        outcomes = Counter(result.outcome for result in results)
        there = sum(map(_was_there, results))
        refused = [
            f"sample {fit.sample_id}: {result.reason}"
            for fit, result in zip(offers, results, strict=True)
            if result.outcome is OfferOutcome.REFUSED
        ]
        return replace(
            self,
            became_current=self.became_current + outcomes[OfferOutcome.BECAME_CURRENT],
            kept=self.kept + outcomes[OfferOutcome.KEPT] - there,
            locked=self.locked + outcomes[OfferOutcome.LOCKED],
            refused=self.refused + outcomes[OfferOutcome.REFUSED],
            there_already=self.there_already + there,
            refusals=(*self.refusals, *refused)[:SHOWN_REFUSALS],
        )


def _was_there(result: OfferResult) -> bool:
    return result.outcome is OfferOutcome.KEPT and bool(result.reason)
