"""Where the bodies of a comparison come from: fits, predictions, prediction sets, ground truth.

A source is called by a word (``current``, ``first``, ``prediction``, ``truth``) or by the name of a
prediction set, on the command line and in the window alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.bodies import BodyParameters

CURRENT, FIRST, PREDICTION, TRUTH = "current", "first", "prediction", "truth"

WORDS = {
    CURRENT: "Current fit",
    FIRST: "First SMPLify fit",
    PREDICTION: "Prediction",
    TRUTH: "Ground truth",
}
"""What each word is called on the screen."""

Bodies = dict[int, BodyParameters]


@dataclass(frozen=True)
class BodySource:
    """One side of a comparison. key: the word or the set's name; title: as people read it."""

    key: str
    title: str
    bodies: Callable[[Sequence[int]], Bodies]
    """Sample ids to the bodies that exist."""

    @property
    def in_sentence(self) -> str:
        """The title within a sentence; the name of a set stays as it was given."""
        return self.title[0].lower() + self.title[1:] if self.key in WORDS else self.title


def body_source(dictionary: Dictionary, key: str) -> BodySource:
    """The source of a word or of a set's name.

    Raises:
        StudioError: neither a word nor the name of a set.
    """
    readers: dict[str, Callable[[Sequence[int]], Bodies]] = {
        CURRENT: lambda ids: _current(dictionary, ids),
        FIRST: lambda ids: _first(dictionary, ids),
        PREDICTION: lambda ids: _predicted(dictionary, ids),
        TRUTH: lambda ids: _true(dictionary, ids),
    }
    if key in readers:
        return BodySource(key, WORDS[key], readers[key])
    sets = dictionary.prediction_sets
    set_by_name = {prediction_set.name.casefold(): prediction_set for prediction_set in sets.all()}
    found = set_by_name.get(key.strip().casefold())
    if found is None:
        names = ", ".join([*readers, *(f"'{item.name}'" for item in set_by_name.values())])
        raise StudioError(f"There is nothing called '{key}' to compare.", remedy=f"Use: {names}.")
    set_id = found.id
    return BodySource(found.name, found.name, lambda ids: sets.bodies(set_id, ids))


def samples_with_both(left: BodySource, right: BodySource, ids: Iterable[int]) -> list[int]:
    """Those of the ids that both sources have a body for, in their order."""
    sample_ids = [int(sample_id) for sample_id in ids]
    both = set(left.bodies(sample_ids)) & set(right.bodies(sample_ids))
    return [sample_id for sample_id in sample_ids if sample_id in both]


def _current(dictionary: Dictionary, ids: Sequence[int]) -> Bodies:
    return {key: fit.parameters for key, fit in dictionary.fits.current(ids).items()}


def _first(dictionary: Dictionary, ids: Sequence[int]) -> Bodies:
    fits = {sample_id: dictionary.fits.first_of(sample_id) for sample_id in ids}
    return {one: fit.parameters for one, fit in fits.items() if fit is not None}


def _predicted(dictionary: Dictionary, ids: Sequence[int]) -> Bodies:
    return {key: one.parameters for key, one in dictionary.predictions.latest(ids).items()}


def _true(dictionary: Dictionary, ids: Sequence[int]) -> Bodies:
    samples = dictionary.samples.get_many(ids)
    return {
        sample.id: sample.ground_truth.parameters
        for sample in samples
        if sample.ground_truth.parameters is not None
    }
