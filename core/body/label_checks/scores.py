"""From evidence to probabilities: a logistic model for each kind of error, and what is raised.

Learnt by ``resources/label_checks/build`` from people whose labels were made wrong; a threshold is
the score that a stated share of right labels exceeds (docs/labels.md, docs/method.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from core.body.label_checks.critic import LabelCritic
from core.body.label_checks.features import (
    Array,
    Evidence,
    LabelSet,
    Mask,
    evidence_of,
    label_features,
)
from core.body.label_checks.places import FEWEST_PLACES
from core.body.label_checks.reasons import reason_of
from core.files.foreign_files import foreign_file
from core.files.foreign_json import read_json
from core.resource_files import resource_path
from core.types.flags import LABEL_FLAGS, FlagName

_SHIPPED = "label_checks/calibration.json"
_MAX_BYTES = 1 << 20
_FARTHEST = 5.0
"""Features count for no more than this many spreads from their mean."""
KNOWLEDGE = ("with picture", "without picture")


@dataclass(frozen=True)
class KindModel:
    """``p = 1 / (1 + exp(−(bias + Σ w z)))``, ``z = (x − mean) / spread``, and where it is raised.

    features: name to mean, spread and weight. threshold: of p.
    """

    features: Mapping[str, tuple[float, float, float]]
    bias: float
    threshold: float

    def probability(self, features: Mapping[str, Array]) -> Array:
        """Probabilities of features ``(N,)`` by name."""
        logit = np.full(len(next(iter(features.values()))), self.bias)
        for name, (mean, spread, weight) in self.features.items():
            standard = ((features[name] - mean) / spread).clip(-_FARTHEST, _FARTHEST)
            logit = logit + weight * standard
        probability: Array = 1 / (1 + np.exp(-logit))
        return probability


@dataclass(frozen=True)
class LabelCalibration:
    """A model for each kind, of people whom the detector saw and of others."""

    models: Mapping[str, Mapping[FlagName, KindModel]]

    @classmethod
    def load(cls, path: Path | None = None) -> LabelCalibration:
        """The shipped calibration, or another file that ``save`` wrote.

        Raises:
            UserFileError: the file cannot be read, or lacks a model.
        """
        chosen = resource_path(_SHIPPED) if path is None else path
        with foreign_file(chosen, expected="a calibration of label checks"):
            content = read_json(chosen, max_bytes=_MAX_BYTES)
            return cls(
                {
                    known: {kind: _model(content[known][kind]) for kind in LABEL_FLAGS}
                    for known in KNOWLEDGE
                }
            )

    def save(self, path: Path) -> None:
        """Write it as JSON, numbers to five digits."""
        content = {
            known: {
                str(kind): {
                    "bias": _rounded(model.bias),
                    "threshold": _rounded(model.threshold),
                    "features": {
                        name: [_rounded(number) for number in numbers]
                        for name, numbers in model.features.items()
                    },
                }
                for kind, model in models.items()
            }
            for known, models in self.models.items()
        }
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True, eq=False)
class LabelScores:
    """What the checks say of N people's labels from one hand.

    scores: (N,) probability by kind, 0 of people with fewer than five labels. raised: (N,).
    """

    people: LabelSet
    evidence: Evidence
    scores: Mapping[FlagName, Array]
    raised: Mapping[FlagName, Mask]

    def __len__(self) -> int:
        return len(self.people)

    @cached_property
    def doubt(self) -> Array:
        """How probably the labels have an error of any kind, ``(N,)``: the largest score."""
        largest: Array = np.stack(list(self.scores.values())).max(axis=0)
        return largest

    def reasons(self, row: int) -> dict[FlagName, str]:
        """Why each check was raised for one person."""
        return {
            kind: reason_of(kind, self.people, self.evidence, row)
            for kind, raised in self.raised.items()
            if raised[row]
        }


class LabelChecker:
    """Checks labels by one critic and one calibration."""

    def __init__(
        self, critic: LabelCritic | None = None, calibration: LabelCalibration | None = None
    ) -> None:
        self._critic = critic or LabelCritic.load()
        self._calibration = calibration or LabelCalibration.load()

    def check(self, people: LabelSet) -> LabelScores:
        """Scores of people; a person's own do not depend on the others."""
        evidence = evidence_of(people, self._critic)
        features = label_features(people, evidence)
        enough = people.present.sum(axis=1) >= FEWEST_PLACES
        scores: dict[FlagName, Array] = {}
        raised: dict[FlagName, Mask] = {}
        for kind in LABEL_FLAGS:
            seen, blind = (self._calibration.models[known][kind] for known in KNOWLEDGE)
            score = np.where(
                people.has_picture, seen.probability(features), blind.probability(features)
            )
            limit = np.where(people.has_picture, seen.threshold, blind.threshold)
            if kind is FlagName.SIDES_EXCHANGED:
                # Keypoints alone cannot tell a person from behind from an exchanged one: detectors
                # mark faces that they do not see.
                score = np.where(people.has_picture, score, 0.0)
            scores[kind] = np.where(enough, score, 0.0)
            raised[kind] = enough & (score >= limit)
        return LabelScores(people, evidence, scores, _told_once(raised))


_EXPLAINED = {
    FlagName.SIDES_EXCHANGED: (FlagName.PAIR_EXCHANGED, FlagName.MISPLACED_JOINT),
    FlagName.PAIR_EXCHANGED: (FlagName.MISPLACED_JOINT,),
    FlagName.MIXED_PEOPLE: (FlagName.MISPLACED_JOINT,),
    FlagName.PILED_JOINTS: (FlagName.MISPLACED_JOINT, FlagName.MIXED_PEOPLE),
}
"""What a kind explains: joints on one spot are off their places, too."""


def _told_once(raised: Mapping[FlagName, Mask]) -> dict[FlagName, Mask]:
    told = dict(raised)
    for kind, others in _EXPLAINED.items():
        for other in others:
            told[other] = told[other] & ~raised[kind]
    return told


def _model(content: Mapping[str, object]) -> KindModel:
    features = content["features"]
    if not isinstance(features, Mapping):
        message = "'features' is no object"
        raise TypeError(message)
    return KindModel(
        {str(name): _triple(numbers) for name, numbers in features.items()},
        float(content["bias"]),  # type: ignore[arg-type]
        float(content["threshold"]),  # type: ignore[arg-type]
    )


def _triple(numbers: object) -> tuple[float, float, float]:
    mean, spread, weight = (float(number) for number in numbers)  # type: ignore[attr-defined]
    if spread <= 0:
        message = "a spread is not positive"
        raise ValueError(message)
    return mean, spread, weight


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")
