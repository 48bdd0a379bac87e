"""Which clips or actions the network never sees, to be judged on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from resources.pose_prior.build.mocap import MocapPoses
from resources.pose_prior.build.selection import action_folds

HELD_OUT_CLIPS = 0.2
FEWEST_CLIPS = 3
"""Actions of fewer clips stay in training whole; nothing like them would be left."""


def held_out_clips(poses: MocapPoses, *, seed: int) -> NDArray[np.bool_]:
    """A fifth of every action's clips, ``(N,)``, all frames of a clip together."""
    generator, names = np.random.default_rng(seed), []
    for action in np.unique(poses.actions):
        clips = np.unique(poses.clips[poses.actions == action])
        if len(clips) >= FEWEST_CLIPS:
            generator.shuffle(clips)
            names += clips[: max(1, round(HELD_OUT_CLIPS * len(clips)))].tolist()
    return np.isin(poses.clips, names)


def held_out_actions(poses: MocapPoses, *, seed: int) -> NDArray[np.bool_]:
    """A quarter of the actions, ``(N,)``, with all their clips."""
    return np.isin(poses.actions, list(action_folds(poses.actions, seed=seed)[0]))
