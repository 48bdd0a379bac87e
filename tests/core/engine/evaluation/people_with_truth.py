"""A project whose people's true bodies are known, made in a moment."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.dictionary.store import Dictionary
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin
from core.types.predictions import NewPrediction
from core.types.samples import GroundTruth, NewSample

PEOPLE = 5


def body(seed, *, pose_change=0.0):
    rng = np.random.default_rng(seed)
    pose = rng.normal(0, 0.2, 72).astype(np.float32)
    pose[0] += np.float32(np.pi)
    pose[3 * 18] += np.float32(pose_change)  # the left elbow
    return BodyParameters(
        pose, rng.normal(0, 1, 10).astype(np.float32), np.float32([0.0, 0.2, 48.0])
    )


def sample(folder, number, *, with_truth=True):
    path = folder / f"{number}.png"
    return NewSample(
        picture_path=path,
        picture_size_px=(224, 224),
        dataset="made",
        person_key=str(number),
        box_center_px=np.float32([112, 112]),
        box_scale=224 / 200,
        keypoints_px=np.zeros((49, 3), np.float32),
        ground_truth=GroundTruth(parameters=body(number)) if with_truth else GroundTruth(),
    )


def fit(sample_id, parameters, loss):
    losses = FitLosses(
        reprojection=1.0, pose_prior=1.0, angle_prior=1.0, shape_prior=1.0, comparison=loss
    )
    return NewFit(sample_id=sample_id, parameters=parameters, losses=losses, origin=Origin.MEAN)


def make_true_project(folder):
    """Five people with truth, one without; first fits bend an elbow, current ones are true."""
    project = folder / "project"
    with Dictionary.create(project) as dictionary:
        added = dictionary.samples.add(
            [sample(folder, number, with_truth=number < PEOPLE) for number in range(PEOPLE + 1)]
        )
        ids = added.added_ids
        dictionary.fits.offer(
            [fit(one, body(number, pose_change=0.8), 9.0) for number, one in enumerate(ids)]
        )
        better = [fit(one, body(number), 4.0) for number, one in enumerate(ids)]
        dictionary.fits.offer([replace(item, origin=Origin.IN_LOOP) for item in better])
        dictionary.predictions.store(
            NewPrediction(sample_id=one, parameters=body(number, pose_change=0.1 * number))
            for number, one in enumerate(ids[:3])
        )
    return project
