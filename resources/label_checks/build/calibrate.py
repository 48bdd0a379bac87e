"""From people with right and with wrong labels to a model and a threshold for each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from core.body.label_checks.critic import LabelCritic
from core.body.label_checks.features import LabelSet, evidence_of, label_features
from core.body.label_checks.places import FEWEST_PLACES
from core.body.label_checks.scores import KindModel, LabelCalibration
from core.types.flags import LABEL_FLAGS, FlagName
from resources.label_checks.build.made_errors import (
    MadeError,
    drop_joints,
    exchange_pair,
    exchange_sides,
    mistake_visibility,
    mix_people,
    move_joint,
    pile_joints,
)
from resources.label_checks.build.seen_people import LabelledSeenPeople, label_set_of

Array = NDArray[np.float64]

_BLIND: dict[FlagName, tuple[str, ...]] = {
    FlagName.SIDES_EXCHANGED: ("critic_sides",),
    FlagName.PAIR_EXCHANGED: ("critic_pair", "critic_sides"),
    FlagName.MIXED_PEOPLE: ("critic_mixed", "critic_moved", "critic_pair", "borrowed_count"),
    FlagName.PILED_JOINTS: ("pile",),
    FlagName.MISSING_JOINTS: ("critic_missing",),
    FlagName.MISPLACED_JOINT: ("critic_moved", "critic_mixed", "critic_pair"),
    FlagName.WRONG_VISIBILITY: ("outside_count", "pile", "critic_moved", "critic_missing"),
}
_SEEN: dict[FlagName, tuple[str, ...]] = {
    FlagName.SIDES_EXCHANGED: ("critic_sides", "sides"),
    FlagName.PAIR_EXCHANGED: (
        *_BLIND[FlagName.PAIR_EXCHANGED], "pair_gain", "pair_gain_2", "away_1", "away_middle",
    ),
    FlagName.MIXED_PEOPLE: (
        *_BLIND[FlagName.MIXED_PEOPLE], "away_1", "away_2", "away_3", "away_middle", "off_count",
        "pair_gain",
    ),
    FlagName.PILED_JOINTS: ("pile", "away_3"),
    FlagName.MISSING_JOINTS: ("critic_missing", "seen_1", "seen_2", "away_middle"),
    FlagName.MISPLACED_JOINT: (
        *_BLIND[FlagName.MISPLACED_JOINT], "away_1", "away_2", "away_middle", "pair_gain",
    ),
    FlagName.WRONG_VISIBILITY: (
        *_BLIND[FlagName.WRONG_VISIBILITY], "hidden_seen", "unseen_1", "unseen_2", "unseen_3",
        "away_1",
    ),
}  # fmt: skip
FALSE_ALARMS = 0.005
"""Share of right labels that each kind may raise by its threshold."""
_RIDGE = 1e-3


@dataclass(frozen=True, eq=False)
class LabelTrials:
    """Features of right labels, and of wrong ones by kind."""

    right: Mapping[str, Array]
    wrong: Mapping[FlagName, Mapping[str, Array]]


def made_wrong(kind: FlagName, people: LabelledSeenPeople, rng: np.random.Generator) -> MadeError:
    """The people's labels with an error of a kind."""
    labels = people.people.labels
    makers: dict[FlagName, Callable[[], MadeError]] = {
        FlagName.SIDES_EXCHANGED: lambda: exchange_sides(labels, rng),
        FlagName.PAIR_EXCHANGED: lambda: exchange_pair(labels, rng),
        FlagName.MIXED_PEOPLE: lambda: mix_people(labels, people.neighbours, rng),
        FlagName.PILED_JOINTS: lambda: pile_joints(labels, rng),
        FlagName.MISSING_JOINTS: lambda: drop_joints(labels, people.places.visible, rng),
        FlagName.MISPLACED_JOINT: lambda: move_joint(labels, rng),
        FlagName.WRONG_VISIBILITY: lambda: mistake_visibility(
            labels, people.positions_px, people.places, rng
        ),
    }
    return makers[kind]()


def with_labels(people: LabelledSeenPeople, made: MadeError) -> LabelSet:
    """What the checks are shown of the people with changed labels."""
    return label_set_of(
        made.labels,
        people.places,
        people.people.landmarks,
        people.neighbours,
        people.neighbour_labelled,
    )


def unseen(people: LabelSet) -> LabelSet:
    """The same people without a picture."""
    return replace(people, landmarks=np.zeros_like(people.landmarks))


def label_trials(
    critic: LabelCritic, sets: Iterable[tuple[LabelledSeenPeople, int]], *, seeing: bool
) -> LabelTrials:
    """People of several sets, each with the seed of its errors; ``seeing`` with their pictures."""
    right: list[Mapping[str, Array]] = []
    wrong: dict[FlagName, list[Mapping[str, Array]]] = {kind: [] for kind in LABEL_FLAGS}
    for people, seed in sets:
        rng = np.random.default_rng(seed)
        enough = people.people.present.sum(axis=1) >= FEWEST_PLACES
        if seeing:
            enough &= people.people.has_picture
        right.append(_features(critic, people.people, enough, seeing=seeing))
        for kind in LABEL_FLAGS:
            made = made_wrong(kind, people, rng)
            changed = with_labels(people, made)
            wrong[kind].append(_features(critic, changed, enough & made.changed, seeing=seeing))
    return LabelTrials(_joined(right), {kind: _joined(parts) for kind, parts in wrong.items()})


def _features(
    critic: LabelCritic, people: LabelSet, rows: NDArray[np.bool_], *, seeing: bool
) -> Mapping[str, Array]:
    shown = people if seeing else unseen(people)
    features = label_features(shown, evidence_of(shown, critic))
    return {name: values[rows] for name, values in features.items()}


def _joined(parts: Sequence[Mapping[str, Array]]) -> Mapping[str, Array]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def calibrate(seen: LabelTrials, blind: LabelTrials) -> LabelCalibration:
    """Models of all kinds from both kinds of trials."""
    return LabelCalibration(
        {
            "with picture": _models(seen, _SEEN),
            "without picture": _models(blind, _BLIND),
        }
    )


def _models(
    trials: LabelTrials, names: Mapping[FlagName, Sequence[str]]
) -> dict[FlagName, KindModel]:
    return {kind: fit_kind(trials.right, trials.wrong[kind], names[kind]) for kind in LABEL_FLAGS}


def fit_kind(
    right: Mapping[str, Array], wrong: Mapping[str, Array], names: Sequence[str]
) -> KindModel:
    """A logistic regression, right and wrong counting alike, and its threshold."""
    rows = np.concatenate(
        [np.stack([part[name] for name in names], axis=1) for part in (right, wrong)]
    )
    count = len(rows) - (changed := len(next(iter(wrong.values()))))
    target = np.repeat([0.0, 1.0], [count, changed])
    weights = np.repeat([0.5 / count, 0.5 / changed], [count, changed])
    means, spreads = rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-3)
    standard = ((rows - means) / spreads).clip(-5, 5)

    def loss(parameters: Array) -> tuple[float, Array]:
        logit = standard @ parameters[:-1] + parameters[-1]
        error = weights * (1 / (1 + np.exp(-logit)) - target)
        value = (weights * (np.logaddexp(0, logit) - target * logit)).sum()
        penalty = _RIDGE * parameters[:-1]
        gradient = np.append(standard.T @ error + penalty, error.sum())
        return value + 0.5 * (penalty * parameters[:-1]).sum(), gradient

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B").x
    numbers = zip(means.tolist(), spreads.tolist(), found[:-1].tolist(), strict=True)
    model = KindModel(dict(zip(names, numbers, strict=True)), float(found[-1]), 1.0)
    scores = model.probability(right)
    threshold = max(0.5, float(np.quantile(scores, 1 - FALSE_ALARMS)))
    return replace(model, threshold=threshold)
