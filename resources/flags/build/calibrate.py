"""From trials to the calibration: models one after the other, then thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.assessor import calibrated_logits, features_by_kind
from core.engine.failure_detection.camera_depth import DEPTH_FEATURES
from core.engine.failure_detection.features import Measures, measure
from core.engine.failure_detection.limb_orientation import PART_FEATURES
from core.engine.failure_detection.logistic_models import (
    BODY,
    MODEL_NAMES,
    Calibration,
    LogisticModel,
    ModelSet,
)
from core.engine.failure_detection.orientation import ORIENTATION_FEATURES
from core.engine.failure_detection.picture_opinions import (
    PICTURE_BODY_FEATURES,
    PICTURE_PART_FEATURES,
)
from core.engine.failure_detection.posture import POSTURE_FEATURES, POSTURE_PART_FEATURES
from core.engine.failure_detection.suspicion import BODY_FEATURES, any_part, body_features
from core.engine.smplify.pose_prior import PosePrior
from core.types.flags import CALIBRATED_FLAGS, FlagName
from resources.flags.build.failures import Errors
from resources.flags.build.logistic import (
    best_threshold,
    fit_by_errors,
    fit_logistic,
    with_hidden_units,
)
from resources.flags.build.trials import Trial, without_alternatives

_FEATURES: dict[str, tuple[str, ...]] = {
    FlagName.ORIENTATION: ORIENTATION_FEATURES,
    FlagName.PART_ORIENTATION: PART_FEATURES,
    FlagName.DEPTH: DEPTH_FEATURES,
    BODY: BODY_FEATURES,
}
_PICTURE_FEATURES: dict[str, tuple[str, ...]] = {
    FlagName.ORIENTATION: (*ORIENTATION_FEATURES, *PICTURE_BODY_FEATURES),
    FlagName.PART_ORIENTATION: (
        *PART_FEATURES,
        *PICTURE_PART_FEATURES,
        *POSTURE_PART_FEATURES,
    ),
    FlagName.DEPTH: (*DEPTH_FEATURES, *PICTURE_BODY_FEATURES, *POSTURE_FEATURES),
    BODY: (*BODY_FEATURES, *PICTURE_BODY_FEATURES, *POSTURE_FEATURES),
}
_WITH_UNITS = (FlagName.PART_ORIENTATION,)
"""Whether a limb is wrong depends on which limb it is, how foreshortened and how well seen: there a
few hidden units tell more than a sum. The other kinds gain nothing from them."""

_FLOORS = {FlagName.ORIENTATION: 2.0, FlagName.DEPTH: 0.05, BODY: 5.0}
"""Errors in degrees, in the logarithm, in mm, below which fits are about alike."""

_PRECISION = {FlagName.DEPTH: 2.0}
"""How much more precision counts than recall where a threshold is chosen: one fit in a hundred has
a wrong camera, and a flag that is mostly wrong is soon ignored."""

Models = Mapping[str, LogisticModel]


def calibrate(
    body: KeypointBody,
    prior: PosePrior,
    keypoint_trials: Sequence[Trial],
    picture_trials: Sequence[Trial],
) -> Calibration:
    """Models and thresholds.

    Args:
        body: of the fits.
        prior: by which poses are judged.
        keypoint_trials: people of whom keypoints alone are known.
        picture_trials: people whom the head sees.
    """
    informed = [_Measured.of(body, prior, trial) for trial in keypoint_trials]
    alone = [
        _Measured.of(body, prior, replace(trial, inputs=without_alternatives(trial.inputs)))
        for trial in keypoint_trials
    ]
    seen = [_Measured.of(body, prior, trial).seeing_the_picture() for trial in picture_trials]
    by_knowledge = (_picture_models(seen), _keypoint_models(informed), _keypoint_models(alone))
    models = {name: ModelSet(*(found[name] for found in by_knowledge)) for name in MODEL_NAMES}
    thresholds = _thresholds(informed, models)
    return Calibration(models, thresholds, _thresholds(seen, models))


def with_picture_models(
    shipped: Calibration, body: KeypointBody, prior: PosePrior, picture_trials: Sequence[Trial]
) -> Calibration:
    """Another calibration whose models for people with a picture are fitted again."""
    seen = [_Measured.of(body, prior, trial).seeing_the_picture() for trial in picture_trials]
    found = _picture_models(seen)
    models = {
        name: replace(of_kind, with_picture=found[name]) for name, of_kind in shipped.models.items()
    }
    thresholds = _thresholds(seen, models)
    return Calibration(models, shipped.thresholds, thresholds)


@dataclass(frozen=True, eq=False)
class _Measured:
    """A trial's measures and errors, of the fits in ``rows``; by_solver: see ``Trial``."""

    measures: Measures
    errors: Errors
    rows: Tensor
    by_solver: bool

    @classmethod
    def of(cls, body: KeypointBody, prior: PosePrior, trial: Trial) -> _Measured:
        measures = measure(body, prior, trial.inputs)
        return cls(measures, trial.errors, torch.arange(len(measures.posed)), trial.by_solver)

    def seeing_the_picture(self) -> _Measured:
        """The fits of which an alternative sees the picture."""
        return replace(self, rows=self.measures.posed.has_picture.nonzero()[:, 0])

    def features(self, name: str, models: Mapping[str, ModelSet]) -> dict[str, Tensor]:
        """Features of one model, ``(N,)`` or ``(N, 8)``."""
        if name == BODY:
            found = body_features(self.measures, _logits(models, self.measures))
        else:
            found = features_by_kind(self.measures)[FlagName(name)]
        return {feature: value[self.rows] for feature, value in found.items()}

    def amounts(self, name: str) -> tuple[Tensor, Tensor]:
        """Errors and what is wrong, ``(N,)`` or ``(N, 8)``."""
        errors = self.errors
        amount, wrong = {
            FlagName.ORIENTATION: (errors.root_deg, errors.wrong_root),
            FlagName.PART_ORIENTATION: (errors.limbs_deg, errors.wrong_limbs),
            FlagName.DEPTH: (errors.log_scale.abs(), errors.wrong_depth),
            BODY: (errors.body_mm, errors.wrong_body),
        }[name]
        return amount[self.rows], wrong[self.rows]

    def failed(self, kind: FlagName) -> Tensor:
        """Which fits ``(N,)`` should bear a flag: of limbs, those of which one that is seen is."""
        wrong = self.amounts(kind)[1]
        if wrong.ndim == 1:
            return wrong
        return (wrong & self.measures.limbs_seen[self.rows]).any(1)


def _keypoint_models(measured: Sequence[_Measured]) -> dict[str, LogisticModel]:
    models: dict[str, LogisticModel] = {}
    for name in MODEL_NAMES:
        features, _, wrong = _together(name, measured, models)
        model = fit_logistic(features, _known(features, _FEATURES[name]), wrong)
        models[name] = _with_units(name, model, features, wrong)
    return models


def _picture_models(measured: Sequence[_Measured]) -> dict[str, LogisticModel]:
    """Fits that see the picture fail rarely: their errors tell more than which of them fail."""
    models: dict[str, LogisticModel] = {}
    for name in MODEL_NAMES:
        features, amounts, wrong = _together(name, measured, models)
        known = _known(features, _PICTURE_FEATURES[name])
        if name in _WITH_UNITS:
            model = with_hidden_units(fit_logistic(features, known, wrong), features, wrong)
        else:
            model = fit_by_errors(
                features,
                known,
                amounts,
                wrong,
                floor=_FLOORS[name],
                with_units=name == BODY,
            )
        models[name] = model
    return models


def _together(
    name: str, measured: Sequence[_Measured], models: Models
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Features ``(N,)`` by name, errors and what is wrong, of all trials."""
    sets = {kind: ModelSet(model, model, model) for kind, model in models.items()}
    by_trial = [each.features(name, sets) for each in measured]
    features = {
        feature: torch.cat([mapping[feature].flatten() for mapping in by_trial])
        for feature in by_trial[0]
    }
    amounts = torch.cat([each.amounts(name)[0].flatten() for each in measured])
    wrong = torch.cat([each.amounts(name)[1].flatten() for each in measured])
    return features, amounts, wrong


def _known(features: Mapping[str, Tensor], names: Iterable[str]) -> list[str]:
    return [name for name in names if not bool(features[name].isnan().all())]


def _with_units(
    name: str, model: LogisticModel, features: Mapping[str, Tensor], wrong: Tensor
) -> LogisticModel:
    return with_hidden_units(model, features, wrong) if name in _WITH_UNITS else model


def _logits(models: Mapping[str, ModelSet], measures: Measures) -> dict[FlagName, Tensor]:
    return calibrated_logits(Calibration(models, {}, {}), measures)


def _thresholds(
    measured: Sequence[_Measured], models: Mapping[str, ModelSet]
) -> dict[FlagName, float]:
    """Where the best F lies on the people the models were fitted to, as solvers left them."""
    measured = [each for each in measured if each.by_solver]
    logits = [_logits(models, each.measures) for each in measured]
    thresholds = {}
    for kind in CALIBRATED_FLAGS:
        scores = torch.cat(
            [
                (
                    any_part(logit[kind], each.measures.limbs_seen)
                    if kind is FlagName.PART_ORIENTATION
                    else logit[kind].sigmoid()
                )[each.rows]
                for each, logit in zip(measured, logits, strict=True)
            ]
        )
        wrong = torch.cat([each.failed(kind) for each in measured])
        thresholds[kind] = best_threshold(scores, wrong, precision=_PRECISION.get(kind, 1.0))
    return thresholds
