"""Fits what errors of landmarks are made of, for the case that there is a witness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.detection.watched_people import WatchedPeople
from core.body.bone_directions import bone_directions
from core.body.bone_trust import corrected_bone_directions, error_causes

Array = NDArray[np.float64]

_KINDS = (0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 6, 6)
_LEAST = 1e-4
"""Squares below it are as good as 0; the logarithm of a likelihood must stay finite."""
_SMALLEST = np.log(1e-6)


def fitted_model(groups: Sequence[WatchedPeople]) -> dict[str, object]:
    """The numbers from one half of the people, and −log likelihoods of the other half."""
    results: dict[str, object] = {}
    for plane, components in (("in the plane", slice(0, 2)), ("in depth", slice(2, 3))):
        parts = [_design(people, components) for people in groups]
        first = [(design[0::2], squares[0::2]) for design, squares in parts]
        second = [(design[1::2], squares[1::2]) for design, squares in parts]
        for witnessed in (False, True):
            learnt, judged = (_joined(half, witnessed=witnessed) for half in (first, second))
            found = _most_likely(*learnt)
            name = f"{plane}, {'with' if witnessed else 'without'} a witness"
            results[f"{name}: −log likelihood"] = _cost(*judged, found)
            everyone = _joined([*first, *second], witnessed=witnessed)
            results[f"{name}: α (7), 1 − v, A, c, h²"] = _most_likely(*everyone).round(4).tolist()
    return results


def _design(people: WatchedPeople, components: slice) -> tuple[Array, Array]:
    """``(N, 12, 11)`` of what may make a bone's error, and its mean square ``(N, 12)``."""
    causes = error_causes(
        bone_directions(people.landmarks_m), people.landmarks_px, people.keypoints_px, people.own
    )
    directions = corrected_bone_directions(people.landmarks_m)
    witness = (people.said["head without landmarks"] - directions) ** 2
    kinds = np.broadcast_to(np.eye(7)[list(_KINDS)], (len(people), 12, 7))
    others = (
        causes.invisible,
        np.broadcast_to(np.asarray(causes.of_person), np.asarray(causes.of_bone).shape),
        causes.of_bone,
        witness[..., components].mean(-1),
    )
    design = np.concatenate([kinds, *(part[..., None] for part in others)], axis=-1)
    return design, ((directions - people.true_directions)[..., components] ** 2).mean(-1)


def _joined(parts: Sequence[tuple[Array, Array]], *, witnessed: bool) -> tuple[Array, Array]:
    designs, squares = zip(*parts, strict=True)
    design = np.concatenate([of.reshape(-1, of.shape[-1]) for of in designs])
    return design if witnessed else design[:, :-1], np.concatenate([of.ravel() for of in squares])


def _most_likely(design: Array, squares: Array) -> Array:
    """What minimises Σ log σ² + e² / σ² with σ² = design · numbers and no number below 0."""

    def cost(logarithms: Array) -> tuple[float, Array]:
        numbers = np.exp(logarithms)
        variance = design @ numbers
        clipped = np.maximum(squares, _LEAST)
        slope = (1 / variance - clipped / variance**2) @ design / len(design)
        return _cost(design, squares, numbers), slope * numbers

    start = np.full(design.shape[1], -3.0)
    bounds = [(_SMALLEST, 3.0)] * design.shape[1]
    found: Array = np.exp(minimize(cost, start, jac=True, method="L-BFGS-B", bounds=bounds).x)
    return found


def _cost(design: Array, squares: Array, numbers: Array) -> float:
    variance = design @ numbers
    return float((np.log(variance) + np.maximum(squares, _LEAST) / variance).mean())
