"""What taking a prediction set over as fits would do, and did, in numbers; loads no PyTorch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.dictionary.fits.prediction_sets import PredictionSet, SetKind
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.counted_nouns import counted
from core.types.fits import Verdict
from core.types.foreign.imported_bodies import Conversion

_EVERYTHING = SampleQuery()


def people_of_set(
    dictionary: Dictionary,
    chosen: PredictionSet,
    *,
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
) -> list[int]:
    """The ids of a set's people whom a filter lets through, or of exactly those that are named.

    Raises:
        StudioError: there is none.
    """
    covered = set(dictionary.prediction_sets.sample_ids(chosen.id).tolist())
    asked = dictionary.search.ids(where).tolist() if sample_ids is None else list(sample_ids)
    ids = [int(sample_id) for sample_id in asked if int(sample_id) in covered]
    if not ids:
        raise StudioError(
            f"None of these {counted(len(asked), 'person', 'people')} is in the prediction set "
            f"'{chosen.name}', which has {counted(len(covered), 'person', 'people')}.",
            remedy="Loosen the filter, or choose another set.",
        )
    return ids


@dataclass(frozen=True, kw_only=True)
class TakeOverPlan:
    """What is known before anything is measured.

    people: in the set, of those asked for. without_fit: they have no fit yet. rejected: their
    current fit is rejected. accepted: it is accepted. others: it bears no such verdict. taken: of
    all these, who have this very body as a fit already. together: of a moment or a subject.
    conversions: how bodies were made of those in the file. kind: of the set.
    """

    set_name: str
    kind: SetKind
    people: int
    without_fit: int
    rejected: int
    accepted: int
    others: int
    taken: int
    together: int
    conversions: Mapping[str, int]

    def _by_rules(self) -> tuple[tuple[int, str], ...]:
        return (
            (self.without_fit, "without a fit: becomes current."),
            (self.rejected, "whose fit is rejected: becomes current."),
            (
                self.others,
                "with another fit: the better one becomes current, the other stays in the history.",
            ),
            (self.accepted, "with an accepted fit: that stays, the body enters the history."),
            (
                self.together,
                "of moments or subjects, whose pictures share one body: enters the history.",
            ),
        )

    def lines(self, *, beside: bool) -> list[str]:
        """What will happen, in sentences with numbers."""
        people = counted(self.people, "person", "people")
        lines = [f"{people} of '{self.set_name}' will be taken over as fits."]
        if beside:
            lines.append("All of them enter the histories; what is current stays current.")
        else:
            lines += [f"{count} {words}" for count, words in self._by_rules() if count]
        if self.taken:
            lines.append(f"{self.taken} have this very body already; nothing is stored twice.")
        return lines + conversion_lines(self.conversions)


_CONVERSION_WORDS = {
    Conversion.SAME_BODY: "is the project's own body: nothing is converted",
    Conversion.THROUGH_JOINTS: "is converted through its joints: shape and pose are fitted "
    "to them, and rotations stay within a few degrees",
    Conversion.MEAN_SHAPE: "gets the mean shape, as the file of its own body is not there: the "
    "pose stays, and how far that is off is not known",
    Conversion.TAKEN_OVER: "keeps its betas as if they were the project's body's",
}


def conversion_lines(conversions: Mapping[str, int]) -> list[str]:
    """How many bodies are converted how; nothing where all are the project's own."""
    if set(conversions) <= {Conversion.SAME_BODY}:
        return []
    return [
        f"{counted(count, 'body', 'bodies')}: {_CONVERSION_WORDS[Conversion(rule)]}."
        for rule, count in conversions.items()
    ]


def plan_take_over(
    dictionary: Dictionary,
    set_name: str,
    *,
    where: SampleQuery = _EVERYTHING,
    sample_ids: Sequence[int] | None = None,
) -> TakeOverPlan:
    """Count what taking a set over would meet; raises as ``take_over`` does."""
    chosen = dictionary.prediction_sets.named(set_name)
    ids = people_of_set(dictionary, chosen, where=where, sample_ids=sample_ids)
    together = {each for group in dictionary.groups.fitted_together(ids) for each in group}
    verdicts = dictionary.fits.current_verdicts(ids)
    alone = [sample_id for sample_id in ids if sample_id not in together]
    of_alone = [verdicts.get(sample_id) for sample_id in alone]
    return TakeOverPlan(
        set_name=chosen.name,
        kind=chosen.kind,
        people=len(ids),
        without_fit=of_alone.count(None),
        rejected=of_alone.count(Verdict.REJECTED),
        accepted=of_alone.count(Verdict.ACCEPTED),
        others=of_alone.count(Verdict.NONE) + of_alone.count(Verdict.UNSURE),
        taken=dictionary.imported_bodies.count_taken(chosen.id, ids),
        together=len(ids) - len(alone),
        conversions=dictionary.imported_bodies.conversions(chosen.id, ids),
    )


@dataclass(frozen=True, kw_only=True)
class TakeOverReport:
    """What taking a set over did.

    people: asked for. became_current, kept, locked: what the dictionary made of their fits; locked
    beside an accepted one. refused: why others were not stored. unmeasured: people without
    keypoints that a body could be measured by. converted: bodies that were converted
    through their joints, with the mean and the largest of their errors.
    """

    set_name: str
    people: int
    became_current: int = 0
    kept: int = 0
    locked: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    unmeasured: int = 0
    converted: int = 0
    mean_error_mm: float = 0.0
    largest_error_mm: float = 0.0
    cancelled: bool = False

    def summary(self) -> str:
        """What came of it, in a few lines."""
        stored = self.became_current + self.kept + self.locked
        parts = [f"{counted(stored, 'fit', 'fits')} taken over from '{self.set_name}'"]
        parts += [
            f"{count} {words}"
            for count, words in (
                (self.became_current, "became current"),
                (self.kept, "kept in the history"),
                (self.locked, "kept beside an accepted fit"),
            )
            if count
        ]
        lines = [": ".join([parts[0], ", ".join(parts[1:])]) if len(parts) > 1 else parts[0]]
        lines += [f"{count} refused: {reason}" for reason, count in self.refused.items()]
        if self.unmeasured:
            lines.append(
                f"{self.unmeasured} without keypoints to measure the body by: "
                "their error is unknown"
            )
        if self.converted:
            lines.append(
                f"{self.converted} converted through joints, which lie {self.mean_error_mm:.1f} mm "
                f"off on average, {self.largest_error_mm:.1f} mm at most"
            )
        if self.cancelled:
            lines.append("cancelled; what was taken over stays")
        return "\n".join(lines)
