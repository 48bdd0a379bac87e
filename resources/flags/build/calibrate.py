"""From trials to the calibration: models one after the other, then thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.assessor import calibrated_logits
from core.engine.failure_detection.camera_depth import DEPTH_FEATURES
from core.engine.failure_detection.features import Measures, measure
from core.engine.failure_detection.limb_orientation import PART_FEATURES
from core.engine.failure_detection.logistic_models import (
    BODY,
    Calibration,
    LogisticModel,
    ModelPair,
)
from core.engine.failure_detection.orientation import ORIENTATION_FEATURES
from core.engine.failure_detection.suspicion import BODY_FEATURES, any_part, body_features
from core.engine.smplify.pose_prior import PosePrior
from core.types.flags import CALIBRATED_FLAGS, FlagName
from resources.flags.build.failures import Errors
from resources.flags.build.logistic import best_threshold, fit_logistic, with_hidden_units
from resources.flags.build.trials import Trial, without_alternatives

_FEATURES: dict[str, tuple[str, ...]] = {
    FlagName.ORIENTATION: ORIENTATION_FEATURES,
    FlagName.PART_ORIENTATION: PART_FEATURES,
    FlagName.DEPTH: DEPTH_FEATURES,
    BODY: BODY_FEATURES,
}

_WITH_UNITS = (FlagName.PART_ORIENTATION,)
"""Whether a limb is wrong depends on which limb it is, how foreshortened and how well seen: there a
few hidden units tell more than a sum. The other kinds gain nothing from them."""


@dataclass(frozen=True, eq=False)
class _Measured:
    """A trial's measures with its alternative and without, and its errors."""

    informed: Measures
    alone: Measures
    errors: Errors


def calibrate(body: KeypointBody, prior: PosePrior, trials: Sequence[Trial]) -> Calibration:
    """Models and thresholds from trials, all of them together."""
    measured = [
        _Measured(
            measure(body, prior, trial.inputs),
            measure(body, prior, without_alternatives(trial.inputs)),
            trial.errors,
        )
        for trial in trials
    ]
    models: dict[str, ModelPair] = {}
    for kind in CALIBRATED_FLAGS:
        models[kind] = _pair(kind, measured, models)
    models[BODY] = _pair(BODY, measured, models)
    return Calibration(models=models, thresholds=_thresholds(measured, models))


def _pair(name: str, measured: Sequence[_Measured], models: Mapping[str, ModelPair]) -> ModelPair:
    wrong = torch.cat([_wrong(name, item.errors).flatten() for item in measured])
    return ModelPair(
        _model(name, [item.informed for item in measured], wrong, models),
        _model(name, [item.alone for item in measured], wrong, models),
    )


def _model(
    name: str, measures: Sequence[Measures], wrong: Tensor, models: Mapping[str, ModelPair]
) -> LogisticModel:
    by_trial = [_features(name, each_measure, models) for each_measure in measures]
    names = _FEATURES[name]
    features = {
        feature: torch.cat([mapping[feature].flatten() for mapping in by_trial])
        for feature in names
    }
    known = [feature for feature in names if not bool(features[feature].isnan().all())]
    model = fit_logistic(features, known, wrong)
    return with_hidden_units(model, features, wrong) if name in _WITH_UNITS else model


def _features(
    name: str, measures: Measures, models: Mapping[str, ModelPair]
) -> Mapping[str, Tensor]:
    if name == BODY:
        logits = calibrated_logits(Calibration(models, {}), measures)
        return body_features(measures, logits)
    return {
        FlagName.ORIENTATION: measures.orientation,
        FlagName.PART_ORIENTATION: measures.parts,
        FlagName.DEPTH: measures.depth,
    }[FlagName(name)]


def _wrong(name: str, errors: Errors) -> Tensor:
    return {
        FlagName.ORIENTATION: errors.wrong_root,
        FlagName.PART_ORIENTATION: errors.wrong_limbs,
        FlagName.DEPTH: errors.wrong_depth,
        BODY: errors.wrong_body,
    }[name]


def _thresholds(
    measured: Sequence[_Measured], models: Mapping[str, ModelPair]
) -> dict[FlagName, float]:
    """Where the best F1 lies on the people the models were fitted to."""
    logits = [calibrated_logits(Calibration(models, {}), item.informed) for item in measured]
    thresholds = {}
    for kind in CALIBRATED_FLAGS:
        scores = torch.cat(
            [
                any_part(logit[kind])
                if kind is FlagName.PART_ORIENTATION
                else logit[kind].sigmoid()
                for logit in logits
            ]
        )
        wrong = torch.cat([_wrong(kind, item.errors) for item in measured])
        wrong = wrong.any(1) if wrong.ndim > 1 else wrong
        thresholds[kind] = best_threshold(scores, wrong)
    return thresholds
