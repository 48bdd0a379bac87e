"""Why a check was raised, in words: which joints, and what says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.body.label_checks.features import (
    HIDDEN_CONFIDENCE,
    LEAST_VISIBILITY,
    OFF,
    Array,
    Evidence,
    LabelSet,
)
from core.body.label_checks.places import PAIR_NAMES, PLACE_NAMES
from core.types.flags import FlagName

Indices = NDArray[np.intp]

_MOST_NAMED = 3
_LIKELY = 0.0
"""The critic's logit above which a joint is named."""
_GAIN = 0.05
_PLAINLY = 0.8


@dataclass(frozen=True, eq=False)
class _Case:
    """One person: what is known of the labels, and what speaks against them."""

    people: LabelSet
    evidence: Evidence
    row: int


def reason_of(kind: FlagName, people: LabelSet, evidence: Evidence, row: int) -> str:
    """One clause on one person, such as ``the left wrist does not suit the other joints``."""
    return _REASONS[kind](_Case(people, evidence, row))


def _sides(_: _Case) -> str:
    return "the detector sees left and right the other way round"


def _pair(case: _Case) -> str:
    evidence, row = case.evidence, case.row
    gains = evidence.pair_gain[row]
    pairs = np.flatnonzero(gains > _GAIN)
    witness = "the detector sees them"
    if not len(pairs):
        pairs, witness = _named(evidence.critic.pair[row]), "the pose is likelier"
    return f"left and right {_listed(pairs, PAIR_NAMES)} seem exchanged: {witness} the other way"


def _mixed(case: _Case) -> str:
    evidence, row = case.evidence, case.row
    borrowed = np.flatnonzero(evidence.borrowed[row])
    if len(borrowed):
        verb = "lies" if len(borrowed) == 1 else "lie"
        return f"the {_listed(borrowed, PLACE_NAMES)} {verb} on those of another person"
    off = np.flatnonzero(evidence.away[row] > OFF)
    places = off if len(off) else _named(evidence.critic.mixed[row])
    verb = "belongs" if len(places) == 1 else "belong"
    return f"the {_listed(places, PLACE_NAMES)} hardly {verb} to the rest of the body"


def _piled(case: _Case) -> str:
    people, evidence, row = case.people, case.evidence, case.row
    piled = people.present[row] & (evidence.pile[row] <= 2 * evidence.pile[row].min() + 1e-3)
    places = np.flatnonzero(piled)
    return f"the {_listed(places, PLACE_NAMES)} lie on one spot"


def _missing(case: _Case) -> str:
    people, evidence, row = case.people, case.evidence, case.row
    absent = people.convention[row] & ~people.present[row]
    seen = absent & (evidence.seen[row] >= _PLAINLY)
    if seen.any():
        places = np.flatnonzero(seen)
        return f"the {_listed(places, PLACE_NAMES)} can be seen, and no label is given"
    places = _named(np.where(absent, evidence.critic.missing[row], -np.inf))
    return f"no label is given for the {_listed(places, PLACE_NAMES)}, which should be in sight"


def _moved(case: _Case) -> str:
    evidence, row = case.evidence, case.row
    away = evidence.away[row]
    place = int(away.argmax())
    if away[place] > OFF:
        return (
            f"the {PLACE_NAMES[place]} lies {100 * away[place]:.0f} % of the body's size from "
            "where the detector sees it"
        )
    place = int(evidence.critic.moved[row].argmax())
    return f"the {PLACE_NAMES[place]} does not suit the other joints"


def _visibility(case: _Case) -> str:
    people, evidence, row = case.people, case.evidence, case.row
    outside = evidence.outside[row]
    if outside.any():
        places = np.flatnonzero(outside)
        return f"the {_are(places)} given as seen at the edge of the picture"
    hidden = people.present[row] & (people.labels[row, :, 2] <= HIDDEN_CONFIDENCE)
    seen = hidden & (evidence.seen[row] >= _PLAINLY)
    if seen.any():
        places = np.flatnonzero(seen)
        return f"the {_are(places)} given as hidden, and the detector sees {_them(places)} well"
    certain = people.present[row] & ~hidden & (evidence.seen[row] < LEAST_VISIBILITY)
    places = _named(np.where(certain, 1 - evidence.seen[row], -np.inf))
    return f"the {_are(places)} given as seen, and the detector hardly sees {_them(places)}"


def _are(places: Indices) -> str:
    return f"{_listed(places, PLACE_NAMES)} {'is' if len(places) == 1 else 'are'}"


def _them(places: Indices) -> str:
    return "it" if len(places) == 1 else "them"


def _named(logits: Array) -> Indices:
    """The places or pairs that are likely so, the likeliest first; one at least."""
    order = np.argsort(-logits)
    likely = [index for index in order[:_MOST_NAMED] if logits[index] > _LIKELY]
    return np.array(likely or order[:1], np.intp)


def _listed(indices: Indices, names: Sequence[str]) -> str:
    chosen = [names[int(index)] for index in indices]
    if len(chosen) > _MOST_NAMED:
        return f"{', '.join(chosen[:_MOST_NAMED])} and {len(chosen) - _MOST_NAMED} more"
    return " and ".join([", ".join(chosen[:-1]), chosen[-1]]) if len(chosen) > 1 else chosen[0]


_REASONS = {
    FlagName.SIDES_EXCHANGED: _sides,
    FlagName.PAIR_EXCHANGED: _pair,
    FlagName.MIXED_PEOPLE: _mixed,
    FlagName.PILED_JOINTS: _piled,
    FlagName.MISSING_JOINTS: _missing,
    FlagName.MISPLACED_JOINT: _moved,
    FlagName.WRONG_VISIBILITY: _visibility,
}
