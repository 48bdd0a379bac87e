"""How well flags tell failures of people of whom keypoints alone are known.

People in recorded poses of clips that neither the lifter, nor the prior, nor the flags' calibration
has seen; fitted from the mean pose by both profiles to a synthetic detector's keypoints. Models and
thresholds come from people of other clips (``resources.flags.build``); nothing is chosen here.

Areas are those under the ROC of the score against the failure. Betas of mean-pose fits
hardly fail, so their flag is judged on fits with weaker shape priors besides, as other programs
make them; and their cameras hardly do, so the depth's flag is judged with moved cameras as well.
With a simulated prediction means: next to the lifter, the truth disturbed as a regressor might be
(12° a joint on average, one root in twenty wrong): an optimistic second estimate.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from benchmarks.common.people import MOCAP
from benchmarks.flagging.outcomes import Outcome, area_under_roc, outcomes
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.failure_detection.assessor import FlagAssessor, FlagScores
from core.engine.failure_detection.inputs import AlternativeEstimate, FlagInputs
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.rotations import (
    axis_angle_to_matrix,
)
from core.geometry.row_selection import take_rows
from core.runs.fitting_profiles import STUDIO
from core.types.flags import FlagName
from resources.flags.build.failures import Errors, errors_of
from resources.flags.build.people import SyntheticPeople, draw_people, unbiased_prior
from resources.flags.build.trials import PROFILES, Trial, make_trial, without_alternatives
from resources.lifter.build.bodies import Recordings

SEED = 12
MOVED_CAMERAS = 0.2
"""Standard deviation of the logarithm of the distance."""
SHAPE_PEOPLE = 600
WEAKER_SHAPE_PRIORS = (1.0, 0.25)
"""Instead of 25: a user's own settings, or another program's fits."""
PREDICTION_TURN_RAD = np.deg2rad(12)
PREDICTION_WRONG_ROOTS = 0.05


@dataclass(frozen=True, eq=False)
class Bench:
    """The people to judge by, and what judges them."""

    model: BodyModel
    prior: PosePrior
    assessor: FlagAssessor
    people: SyntheticPeople


def keypoint_people(*, count: int) -> tuple[dict[str, object], dict[str, float]]:
    """Rows for a reader, and areas under ROC by failure, profile and alternatives."""
    recordings, model = Recordings.load(MOCAP), load_body()
    prior = unbiased_prior(recordings)
    people = draw_people(model, recordings, half="report", count=count, seed=SEED)
    bench = Bench(model, prior, FlagAssessor(KeypointBody(model), prior), people)
    auc: dict[str, float] = {}
    results: dict[str, object] = {"people": count}
    for name, profile in PROFILES.items():
        trial = make_trial(model, prior, profile, people)
        results |= fits(bench, name, trial, auc) | cameras(bench, name, trial, auc)
    results |= shapes(bench, auc)
    return results, auc


def fits(bench: Bench, name: str, trial: Trial, auc: dict[str, float]) -> dict[str, object]:
    """Everything asked of flags on one profile's fits, by which alternatives there are."""
    rows: dict[str, object] = {}
    for alternative, inputs in inputs_of(trial, bench.people).items():
        scores, seconds = assessed(bench.assessor, inputs)
        label = f"{name} {alternative}".strip()
        rows |= judged(label, outcomes(scores, trial.errors), auc)
        if not alternative:
            rows[f"{label} fits assessed a second"] = len(scores) / seconds
            rows |= unknowable(label, scores, trial.errors)
    return rows


def cameras(bench: Bench, name: str, trial: Trial, auc: dict[str, float]) -> dict[str, object]:
    """The depth's flag on the same fits with cameras moved: far too near, or too far."""
    generator = torch.Generator().manual_seed(SEED)
    moved = trial.inputs.fit.camera_translation.clone()
    moved[:, 2] *= torch.exp(MOVED_CAMERAS * torch.randn(len(moved), generator=generator))
    fit = replace(trial.inputs.fit, camera_translation=moved)
    scores = bench.assessor.assess(replace(trial.inputs, fit=fit))
    wrong = errors_of(KeypointBody(bench.model), fit, bench.people.truth).wrong_depth
    depth = FlagName.DEPTH
    one = Outcome(scores.scores[depth], scores.raised[depth], wrong)
    return judged(f"{name} (cameras moved)", {"depth": one}, auc)


def inputs_of(trial: Trial, people: SyntheticPeople) -> Mapping[str, FlagInputs]:
    """The inputs with the lifter's estimate, with none, and with a simulated prediction."""
    prediction = AlternativeEstimate(
        "the prediction", simulated_prediction(people.truth), torch.ones(len(people)).bool()
    )
    alternatives = (*trial.inputs.alternatives, prediction)
    return {
        "": trial.inputs,
        "(no alternative)": without_alternatives(trial.inputs),
        "(simulated prediction)": replace(trial.inputs, alternatives=alternatives),
    }


def simulated_prediction(truth: BodyEstimate) -> BodyEstimate:
    """The truth with disturbed joints, some roots turned round: what a good regressor might say."""
    generator = torch.Generator().manual_seed(SEED)
    rotations = truth.rotations
    turns = torch.randn(len(truth), 24, 3, generator=generator)
    rotations = rotations @ axis_angle_to_matrix(
        turns * float(PREDICTION_TURN_RAD) / (8 / torch.pi) ** 0.5
    )
    around = torch.zeros(len(truth), 3)
    around[:, 1] = torch.pi * (torch.rand(len(truth), generator=generator) < PREDICTION_WRONG_ROOTS)
    rotations[:, 0] = axis_angle_to_matrix(around) @ rotations[:, 0]
    return BodyEstimate(rotations, torch.zeros_like(truth.betas), truth.camera_translation)


def assessed(assessor: FlagAssessor, inputs: FlagInputs) -> tuple[FlagScores, float]:
    """All flags, and how long that took; the lifter's share is not in it."""
    began = time.perf_counter()
    scores = assessor.assess(inputs)
    return scores, time.perf_counter() - began


def judged(label: str, found: Mapping[str, Outcome], auc: dict[str, float]) -> dict[str, object]:
    """Areas into ``auc``; shares, precision and recall as rows."""
    rows: dict[str, object] = {}
    for name, one in found.items():
        hits = (one.raised & one.wrong).sum()
        auc[f"{name}, {label}"] = round(area_under_roc(one.score, one.wrong), 4)
        rows[f"{label} {name}"] = (
            f"auc {auc[f'{name}, {label}']:.3f}, wrong {one.wrong.double().mean():.3f}, "
            f"precision {float(hits / one.raised.sum().clamp_min(1)):.2f}, "
            f"recall {float(hits / one.wrong.sum().clamp_min(1)):.2f}"
        )
    return rows


def unknowable(label: str, scores: FlagScores, errors: Errors) -> dict[str, object]:
    """Depth in metres, whose error is mostly the person's unknown size.

    The bound is the area of a score that knows the error of the scale exactly and lacks only the
    person's true stature.
    """
    wrong = errors.wrong_depth_in_metres
    return {
        f"{label} auc of depth in metres": area_under_roc(scores.scores[FlagName.DEPTH], wrong),
        f"{label} bound without knowing statures": area_under_roc(errors.log_scale.abs(), wrong),
    }


def shapes(bench: Bench, auc: dict[str, float]) -> dict[str, object]:
    """The betas' flag on mean-pose fits with the usual and with weaker shape priors, together."""
    some = first_people(bench.people, SHAPE_PEOPLE)
    found: list[Outcome] = []
    rows: dict[str, object] = {}
    for weight in (STUDIO.weights.shape_prior, *WEAKER_SHAPE_PRIORS):
        weights = replace(STUDIO.weights, shape_prior=weight)
        trial = make_trial(bench.model, bench.prior, replace(STUDIO, weights=weights), some)
        scores, wrong = bench.assessor.assess(trial.inputs), trial.errors.wrong_betas
        betas = FlagName.BETAS
        found.append(Outcome(scores.scores[betas], scores.raised[betas], wrong))
        rows[f"betas wrong at shape weight {weight:g}"] = float(wrong.double().mean())
    together = Outcome(
        *(
            torch.cat([getattr(outcome, name) for outcome in found])
            for name in ("score", "raised", "wrong")
        )
    )
    return rows | judged("three shape priors", {"betas": together}, auc)


def first_people(people: SyntheticPeople, count: int) -> SyntheticPeople:
    """The first ``count``."""
    keypoints, truth = people.keypoints, people.truth
    return SyntheticPeople(
        Keypoints2D(keypoints.positions_crop_px[:count], keypoints.confidence[:count]),
        take_rows(truth, torch.arange(min(count, len(truth)))),
        people.truth_keypoints[:count],
    )
