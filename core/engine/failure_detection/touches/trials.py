"""Touches that are tried before anybody is asked for them.

The keypoint is put where the head behind the detector has it that was not given it, and the person
is fitted again as after a correction. A body that follows far has most to gain, or to lose: what it
gains in the mean was measured (docs/method.md, "What a touch would gain").
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.failure_detection.touches.candidates import LeftOut
from core.engine.failure_detection.touches.inputs import TouchInputs
from core.engine.smplify.corrected_fit import CorrectedFitting
from core.engine.smplify.search_selection import body_distance
from core.geometry.row_selection import take_rows

_TOGETHER = 64


def trial_moves_mm(
    fitting: CorrectedFitting,
    body: KeypointBody,
    inputs: TouchInputs,
    touches: LeftOut,
    places_px: Tensor,
) -> Tensor:
    """How far 14 joints move, after Procrustes, when keypoints are put elsewhere: ``(R,)`` mm.

    Args:
        fitting: what fits people whose keypoints were corrected.
        body: the project's.
        inputs: of B people.
        touches: R pairs of person and keypoint.
        places_px: ``(R, 2)`` of the crops, where each is put, by itself.
    """
    moves = places_px.new_zeros(len(places_px))
    for first in range(0, len(places_px), _TOGETHER):
        rows = slice(first, first + _TOGETHER)
        moves[rows] = _moves_mm(fitting, body, inputs, touches.rows(rows), places_px[rows])
    return moves


def _moves_mm(
    fitting: CorrectedFitting,
    body: KeypointBody,
    inputs: TouchInputs,
    touches: LeftOut,
    places_px: Tensor,
) -> Tensor:
    person = touches.person
    known = inputs.flags.keypoints.to(device=body.device, dtype=body.dtype)
    keypoints = take_rows(known, person)
    seen = take_rows(inputs.people, person)
    same = body.distinct_of_keypoint[None] == touches.keypoint[:, None]
    placed = same & (keypoints.body_confidence > 0)
    marked = placed if keypoints.marked is None else placed | keypoints.marked
    at = torch.where(placed[..., None], places_px[:, None], keypoints.positions_crop_px)
    confidence = torch.where(placed, 1.0, keypoints.confidence)
    moved = replace(keypoints, positions_crop_px=at, confidence=confidence, marked=marked)
    head_sees = replace(
        seen, keypoints_crop_px=at.to(seen.keypoints_crop_px), confidence=confidence.to(seen.trunk)
    )
    start = take_rows(inputs.flags.fit.to(device=body.device, dtype=body.dtype), person)
    fits = fitting.fit(moved, head_sees, start).under(moved.cameras)
    before, after = (body.keypoints(each.rotations, each.betas) for each in (start, fits))
    distance: Tensor = 1e3 * body_distance(after, before)
    return distance
