"""Chooses spread and number of components by likelihood on actions left out of the fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from resources.pose_prior.build.mixture import Mixture, fit_pose_prior
from resources.pose_prior.build.mocap import MocapPoses, mirrored

FOLDS = 4
COMPONENTS = (1, 2, 4, 8, 12)
SPREADS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04)
MOCAP_ERROR_RAD = 0.05
"""What a recorded joint angle is uncertain by (3 degrees): unseen poses are scored with this noise.

Hands and, in most clips, collars never move in the recordings. Scored without noise, their share of
the likelihood grows without bound as the spread shrinks, and says nothing of poses.
"""
HELD_OUT_CLIP_SHARE = 0.2


@dataclass(frozen=True)
class Candidate:
    """One setting and how likely unseen poses are under it (nats a pose, actions weighed alike)."""

    components: int
    spread: float
    unseen_actions: float
    unseen_clips: float
    train: float


def action_folds(actions: NDArray[np.str_], *, seed: int) -> list[set[str]]:
    """Every action in exactly one of the folds."""
    names = np.unique(actions)
    np.random.default_rng(seed).shuffle(names)
    return [set(names[fold::FOLDS].tolist()) for fold in range(FOLDS)]


def unseen_clip_mask(poses: MocapPoses, *, seed: int) -> NDArray[np.bool_]:
    """A fifth of the clips, all frames of a clip together."""
    clips = np.unique(poses.clips)
    np.random.default_rng(seed).shuffle(clips)
    chosen = clips[: max(1, int(HELD_OUT_CLIP_SHARE * len(clips)))]
    return np.isin(poses.clips, chosen)


def evaluate(poses: MocapPoses, components: int, spread: float) -> Candidate:
    """Cross-validate one setting over the folds of actions; clips are held out within each."""
    action_scores, clip_scores, train_scores = [], [], []
    for held_out in action_folds(poses.actions, seed=0):
        unseen = np.isin(poses.actions, list(held_out))
        rest = poses.where(~unseen)
        clip_mask = unseen_clip_mask(rest, seed=0)
        mixture = fit_to(rest.where(~clip_mask), components=components, spread=spread, seed=0)
        action_scores.append(score(mixture, poses.where(unseen)))
        clip_scores.append(score(mixture, rest.where(clip_mask)))
        train_scores.append(score(mixture, rest.where(~clip_mask)))
    return Candidate(
        components,
        spread,
        float(np.mean(action_scores)),
        float(np.mean(clip_scores)),
        float(np.mean(train_scores)),
    )


def fit_to(poses: MocapPoses, *, components: int, spread: float, seed: int) -> Mixture:
    """Fit to the poses and their mirror images, actions weighed by their square root."""
    both = np.concatenate([poses.body_pose, mirrored(poses.body_pose)])
    weights = np.tile(poses.action_weights(), 2)
    return fit_pose_prior(
        both, components=components, spread=spread, seed=seed, sample_weights=weights
    )


def score(mixture: Mixture, poses: MocapPoses) -> float:
    """Mean log-likelihood of noisy poses, every action counted alike."""
    noise = np.random.default_rng(0).normal(scale=MOCAP_ERROR_RAD, size=poses.body_pose.shape)
    log_likelihood = mixture.log_likelihood(poses.body_pose + noise)
    per_action = [
        log_likelihood[poses.actions == action].mean() for action in np.unique(poses.actions)
    ]
    return float(np.mean(per_action))


def candidates(poses: MocapPoses) -> Iterator[Candidate]:
    """All settings, one after another, so that a long search can be watched and resumed."""
    for components in COMPONENTS:
        for spread in SPREADS:
            yield evaluate(poses, components, spread)


def as_row(candidate: Candidate) -> dict[str, float | int]:
    """For the JSON record of the search."""
    return asdict(candidate)
