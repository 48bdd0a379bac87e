"""The gain that is expected of a touch, from its features.

    gain = p · gain_if_wrong + (1 − p) · min(gain_if_right, 0)          mm of mean 3D error
    gain = gain_if_missing                                              where there is no keypoint
    gain = gain_if_tried                                                where that was promising

with p the probability that the keypoint is off by more than 10 px of the crop. A keypoint that is
right gains nothing by a click, which is never quite right; hence the minimum. Learnt from rendered
people whose keypoints were corrected one by one, with clicks up to a tenth of the box off
(``resources/flags/build/touches.py``). A promising touch is tried: the person is fitted with the
keypoint where the head has it, and how far the body moves tells more than all features together.
docs/method.md, "What a touch would gain".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from core.engine.failure_detection.logistic_models import (
    LogisticModel,
    model_from_json,
    model_to_json,
    write_models,
)
from core.engine.failure_detection.touches.features import MISSING, TRIAL_MOVE, log_distance
from core.files.foreign_files import foreign_file
from core.files.foreign_json import read_json
from core.resource_files import resource_path

WRONG_PX = 10.0
_SHIPPED = "flags/touches.json"
_MAX_BYTES = 4 << 20
_REMEDY = "Make it again: python -m resources.flags.build.touches MOCAP_FOLDER."
_NAMES = ("wrong", "gain if wrong", "gain if right", "gain if missing", "gain if tried")


@dataclass(frozen=True)
class TouchModel:
    """Models of ``TOUCH_FEATURES``, and one of ``TRIAL_MOVE``.

    wrong: the logit of p. gain_if_wrong, gain_if_right, gain_if_missing, gain_if_tried: mm.
    """

    wrong: LogisticModel
    gain_if_wrong: LogisticModel
    gain_if_right: LogisticModel
    gain_if_missing: LogisticModel
    gain_if_tried: LogisticModel

    def untried_gain_mm(self, features: Mapping[str, Tensor]) -> Tensor:
        """The gain ``(R,)`` of features ``(R,)``; negative where a click would rather harm."""
        wrong = torch.sigmoid(self.wrong.logit(features))
        if_right = self.gain_if_right.logit(features).clamp_max(0.0)
        there = if_right + wrong * (self.gain_if_wrong.logit(features) - if_right)
        return torch.where(features[MISSING] > 0, self.gain_if_missing.logit(features), there)

    def tried_gain_mm(self, moved_mm: Tensor) -> Tensor:
        """The gain ``(R,)`` of touches whose trial moved the joints by so much ``(R,)``."""
        return self.gain_if_tried.logit({TRIAL_MOVE: log_distance(moved_mm)})

    @classmethod
    def load(cls, path: Path | None = None) -> TouchModel:
        """The shipped model, or another file written by ``save``.

        Raises:
            UserFileError: the file cannot be read, or a model is missing or not of numbers.
        """
        chosen = resource_path(_SHIPPED) if path is None else path
        with foreign_file(chosen, expected="a model of touches", remedy=_REMEDY):
            content = read_json(chosen, max_bytes=_MAX_BYTES)
            return cls(*(model_from_json(content[name]) for name in _NAMES))

    def save(self, path: Path) -> None:
        """Write it as JSON, numbers to six digits."""
        models = (
            self.wrong,
            self.gain_if_wrong,
            self.gain_if_right,
            self.gain_if_missing,
            self.gain_if_tried,
        )
        content = {name: model_to_json(model) for name, model in zip(_NAMES, models, strict=True)}
        write_models(path, content)
