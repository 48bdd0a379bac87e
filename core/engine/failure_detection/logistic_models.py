"""Logistic models from features to probabilities, learnt from people whose truth is known.

``resources/flags/build`` makes the file; docs/flags.md has the formula and what it was measured on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.engine.failure_detection.posed_inputs import PosedInputs
from core.files.foreign_files import foreign_file
from core.files.foreign_json import read_json
from core.resource_files import resource_path
from core.types.flags import CALIBRATED_FLAGS, FlagName

BODY = "body"
"""The model of how probably the joints are off by more than 100 mm, all features together."""

MODEL_NAMES: tuple[str, ...] = (*CALIBRATED_FLAGS, BODY)
FARTHEST_SPREADS = 5.0
"""Features count for no more than this many standard deviations from their mean."""

_SHIPPED = "flags/calibration.json"
_MAX_BYTES = 16 << 20
_REMEDY = "Make it again: python -m resources.flags.build MOCAP_FOLDER."


@dataclass(frozen=True)
class HiddenUnit:
    """One unit: what it counts for, ``outer``, and ``tanh(bias + Σ inner z)`` of the features."""

    outer: float
    bias: float
    inner: tuple[float, ...]


@dataclass(frozen=True)
class LogisticModel:
    """``logit p = bias + Σ w z + Σ outer tanh(b + Σ inner z)``, ``z = (x - mean) / spread``.

    A feature that is not known counts as its mean. Most models have no hidden units and are plain
    logistic regressions.
    """

    features: tuple[str, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    units: tuple[HiddenUnit, ...] = ()

    def standardised(self, features: Mapping[str, Tensor]) -> Tensor:
        """Features ``(..., F)`` in spreads from their means, cut at five, zero where unknown."""
        values = torch.stack([features[name] for name in self.features], dim=-1)
        standard = (values - values.new_tensor(self.means)) / values.new_tensor(self.spreads)
        return standard.nan_to_num(nan=0.0).clamp(-FARTHEST_SPREADS, FARTHEST_SPREADS)

    def logit(self, features: Mapping[str, Tensor]) -> Tensor:
        """Logits of features ``(...)``, all of one shape; NaN stands for unknown."""
        standard = self.standardised(features)
        logit: Tensor = standard @ standard.new_tensor(self.weights) + self.bias
        if self.units:
            inner = standard.new_tensor([unit.inner for unit in self.units])
            biases = standard.new_tensor([unit.bias for unit in self.units])
            outer = standard.new_tensor([unit.outer for unit in self.units])
            logit = logit + torch.tanh(standard @ inner.T + biases) @ outer
        return logit


@dataclass(frozen=True)
class ModelSet:
    """A model for each of the ways in which a sample can be known.

    with_picture: where an alternative sees the picture; with_alternative: where there are others
    alone; without_alternative: where there are none.
    """

    with_picture: LogisticModel
    with_alternative: LogisticModel
    without_alternative: LogisticModel

    def logit(self, features: Mapping[str, Tensor], posed: PosedInputs) -> Tensor:
        """Logits ``(B, ...)`` of features of the B fits ``posed``."""
        alone = self.without_alternative.logit(features)
        among = [1] * (alone.ndim - 1)
        chosen, seen = (
            known.view(-1, *among) for known in (posed.has_alternative, posed.has_picture)
        )
        compared = torch.where(chosen, self.with_alternative.logit(features), alone)
        return torch.where(seen, self.with_picture.logit(features), compared)


@dataclass(frozen=True)
class Calibration:
    """A model for each calibrated kind and for suspicion, and the probability to raise each at.

    picture_thresholds hold where an alternative sees the picture, thresholds elsewhere.
    """

    models: Mapping[str, ModelSet]
    thresholds: Mapping[FlagName, float]
    picture_thresholds: Mapping[FlagName, float]

    @classmethod
    def load(cls, path: Path | None = None) -> Calibration:
        """The shipped calibration, or another file written by ``save``.

        Raises:
            UserFileError: the file cannot be read, or a model is missing or not of numbers.
        """
        chosen = resource_path(_SHIPPED) if path is None else path
        with foreign_file(chosen, expected="a calibration of flags", remedy=_REMEDY):
            content = read_json(chosen, max_bytes=_MAX_BYTES)
            return cls(
                models={name: _set(content["models"][name]) for name in MODEL_NAMES},
                thresholds=_thresholds(content["thresholds"]),
                picture_thresholds=_thresholds(content["picture thresholds"]),
            )

    def save(self, path: Path) -> None:
        """Write it as JSON, numbers to six digits."""
        content = {
            "models": {
                name: {
                    "with picture": model_to_json(models.with_picture),
                    "with opinion": model_to_json(models.with_alternative),
                    "without opinion": model_to_json(models.without_alternative),
                }
                for name, models in self.models.items()
            },
            "thresholds": _rounded_by_kind(self.thresholds),
            "picture thresholds": _rounded_by_kind(self.picture_thresholds),
        }
        write_models(path, content)


def write_models(path: Path, content: Mapping[str, object]) -> None:
    """Write models as JSON that people can read."""
    path.write_text(_json(content) + "\n", encoding="utf-8")


def _thresholds(content: Mapping[str, object]) -> dict[FlagName, float]:
    return {kind: _number(content[kind]) for kind in CALIBRATED_FLAGS}


def _rounded_by_kind(thresholds: Mapping[FlagName, float]) -> dict[str, float]:
    return {str(kind): round(threshold, 4) for kind, threshold in thresholds.items()}


def _set(content: Mapping[str, Mapping[str, object]]) -> ModelSet:
    return ModelSet(
        *(
            model_from_json(content[known])
            for known in ("with picture", "with opinion", "without opinion")
        )
    )


def model_from_json(content: Mapping[str, object]) -> LogisticModel:
    """A model of what ``model_to_json`` made; TypeError and ValueError where it is none."""
    rows = content["features"]
    units = content.get("units", [])
    if not (isinstance(rows, Mapping) and isinstance(units, list)):
        message = "'features' is no object, or 'units' no list"
        raise TypeError(message)
    means, spreads, weights = zip(*(_triple(row) for row in rows.values()), strict=True)
    if min(spreads) <= 0:
        message = "a spread is not positive"
        raise ValueError(message)
    return LogisticModel(
        features=tuple(rows),
        means=means,
        spreads=spreads,
        weights=weights,
        bias=_number(content["bias"]),
        units=tuple(_unit(unit, len(rows)) for unit in units),
    )


def _unit(numbers: Sequence[object], features: int) -> HiddenUnit:
    outer, bias, *inner = (_number(number) for number in numbers)
    if len(inner) != features:
        message = f"a unit has {len(inner)} weights, expected {features}"
        raise ValueError(message)
    return HiddenUnit(outer, bias, tuple(inner))


def _triple(row: Sequence[object]) -> tuple[float, float, float]:
    mean, spread, weight = (_number(item) for item in row)
    return mean, spread, weight


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        message = f"{value!r} is not a finite number"
        raise TypeError(message)
    return float(value)


def model_to_json(model: LogisticModel) -> dict[str, object]:
    """Mean, spread and weight of each feature; outer weight, bias, inner weights of each unit."""
    rows = zip(model.features, model.means, model.spreads, model.weights, strict=True)
    content: dict[str, object] = {
        "bias": _rounded(model.bias),
        "features": {name: [_rounded(number) for number in numbers] for name, *numbers in rows},
    }
    if model.units:
        content["units"] = [
            [_rounded(value) for value in (unit.outer, unit.bias, *unit.inner)]
            for unit in model.units
        ]
    return content


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _json(content: object, depth: int = 0) -> str:
    """JSON with objects over several lines and lists of numbers on one."""
    if isinstance(content, Mapping):
        inner = ",\n".join(
            f"{' ' * (depth + 1)}{json.dumps(str(key))}: {_json(value, depth + 1)}"
            for key, value in content.items()
        )
        return f"{{\n{inner}\n{' ' * depth}}}"
    if isinstance(content, list) and content and isinstance(content[0], list):
        inner = ",\n".join(f"{' ' * (depth + 1)}{json.dumps(item)}" for item in content)
        return f"[\n{inner}\n{' ' * depth}]"
    return json.dumps(content)
