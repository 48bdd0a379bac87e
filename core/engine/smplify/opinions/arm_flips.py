"""Arms mirrored in depth: the other body of the same pixels, tried where opinions contradict a fit.

An arm that points toward the camera looks like one that points away from it, and no descent leads
from one to the other. So where the detector's landmarks or the body that the fit is held to have a
bone of the arm elsewhere in depth, the arm is mirrored, whole, in its lower or in its upper half,
and every such body is fitted as far as the fit was. The whole objective decides, with everything
that is known: one that is clearly lower is taken. docs/method.md, "Arms mirrored in depth".
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from core.body.bone_directions import BONE_ENDS, BONE_STARTS, BONES, directions_between_keypoints
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.smplify.direction_starts import swung_along
from core.engine.smplify.inputs import BodyEstimate, BoneDirections, Keypoints2D
from core.engine.smplify.objective import LossParts
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.smplify import FitBatch, Smplify
from core.geometry.row_selection import joined_rows, take_rows
from core.runs.fitting_profiles import Solver

CONTRADICTION = 0.5
"""How far apart two unit vectors are in depth from which an arm is tried: 30° for bones that lie
across the view."""

CLEAR_GAIN_PX2 = 8.0
"""By how much the objective must be lower. Less is where a few more iterations end, too."""

_ARMS = ((0, 1), (2, 3))
"""Upper arm and forearm among ``BONES``, right and left."""

_MIRRORED = ((True, True), (False, True), (True, False))
"""Of an arm, the whole, the lower half, the upper half."""


@torch.no_grad()
def with_arms_tried(
    smplify: Smplify,
    keypoints: Keypoints2D,
    fits: FitBatch,
    estimate_prior: EstimatePrior | None = None,
) -> FitBatch:
    """The same fits, but with arms mirrored in depth where that is clearly the better body.

    Args:
        smplify: that made the fits.
        keypoints: of the B samples; of those without directions of bones no arm is tried.
        fits: B of them; the runner-ups stay.
        estimate_prior: what held the fits, with B targets.
    """
    if smplify.profile.solver is Solver.ADAM or not len(fits):
        return fits
    body = smplify.body
    keypoints = keypoints.to(device=body.device, dtype=body.dtype)
    bodies = fits.under(keypoints.cameras)
    known = keypoints.bone_directions
    if known is None:
        return fits
    contradicted = _contradicted_arms(body, bodies, known, estimate_prior)
    rows, mirrored = _candidates(contradicted)
    if not len(rows):
        return fits
    starts = mirrored_in_depth(body, take_rows(bodies, rows), mirrored)
    tried = smplify.fit(
        take_rows(keypoints, rows),
        starts,
        estimate_prior=estimate_prior and estimate_prior.of_rows(rows),
    )
    share = 1.0 if estimate_prior is None else estimate_prior.pose_prior_share
    return _clearly_better(fits, tried, rows, as_they_are=~mirrored.any(1), pose_prior_share=share)


def mirrored_in_depth(body: KeypointBody, bodies: BodyEstimate, mirrored: Tensor) -> BodyEstimate:
    """Bodies whose marked bones ``(B, 12)`` point as far toward the camera as they pointed away.

    d ← d − 2 (d · r) r with r the viewing ray through the middle of the bone. Far from the camera
    that is z negated, and every joint keeps its pixel; near it, only about, which the fit mends.
    Only limbs can be marked.
    """
    keypoints = body.keypoints(bodies.rotations, bodies.betas) + bodies.camera_translation[:, None]
    directions = directions_between_keypoints(keypoints)
    middles = keypoints[:, BONE_STARTS] + keypoints[:, BONE_ENDS]
    rays = torch.nn.functional.normalize(middles, dim=-1)
    other = directions - 2 * (directions * rays).sum(-1, keepdim=True) * rays
    wanted = torch.where(mirrored[..., None], other, directions)
    # Bones of the same limb that are not mirrored keep their directions, too.
    limbs = torch.ones_like(wanted)
    limbs[:, 8:] = 0
    rotations = swung_along(body, bodies.rotations, bodies.betas, BoneDirections(wanted, limbs))
    return replace(bodies, rotations=rotations)


def _contradicted_arms(
    body: KeypointBody,
    bodies: BodyEstimate,
    known: BoneDirections,
    estimate_prior: EstimatePrior | None,
) -> Tensor:
    """``(B, 2)``: whether landmarks or the target have a bone of the arm elsewhere in depth."""
    depth = _directions(body, bodies)[..., 2]
    # Bones that are not known have no direction.
    is_known = known.weights[..., 2] > 0
    apart = torch.where(is_known, (known.directions[..., 2] - depth).abs(), 0.0)
    if estimate_prior is not None:
        target = estimate_prior.target.to(device=body.device, dtype=body.dtype)
        apart = torch.maximum(apart, (_directions(body, target)[..., 2] - depth).abs())
    is_seen = is_known.any(1)
    return torch.stack([is_seen & (apart[:, arm].amax(1) > CONTRADICTION) for arm in _ARMS], dim=1)


def _candidates(contradicted: Tensor) -> tuple[Tensor, Tensor]:
    """Rows ``(N,)`` of bodies and which bones of each are mirrored, ``(N, 12)`` bool.

    Everyone who has a candidate is also fitted on as they are, or more iterations would be mistaken
    for a better arm.
    """
    samples = torch.arange(len(contradicted), device=contradicted.device)
    rows = [samples[contradicted.any(1)]]
    mirrored = [contradicted.new_zeros(len(rows[0]), len(BONES))]
    for arm, bones in enumerate(_ARMS):
        of_arm = samples[contradicted[:, arm]]
        for halves in _MIRRORED:
            marked = contradicted.new_zeros(len(of_arm), len(BONES))
            for bone, is_mirrored in zip(bones, halves, strict=True):
                marked[:, bone] = is_mirrored
            rows.append(of_arm)
            mirrored.append(marked)
    return torch.cat(rows), torch.cat(mirrored)


def _clearly_better(
    fits: FitBatch,
    tried: FitBatch,
    rows: Tensor,
    *,
    as_they_are: Tensor,
    pose_prior_share: float,
) -> FitBatch:
    """The fits with the best of those that were tried in place of those that it clearly beats."""
    count = len(fits)
    before, after = (_objective(made.losses, pose_prior_share) for made in (fits, tried))
    fitted_on = torch.full_like(before, torch.inf)
    fitted_on[rows[as_they_are]] = after[as_they_are]
    limit = torch.minimum(before, fitted_on) - CLEAR_GAIN_PX2
    # (N, B): the cost of each candidate in the column of its sample; ∞ and NaN never win.
    cost = torch.full((len(rows), count), torch.inf, dtype=limit.dtype, device=limit.device)
    candidates = torch.arange(len(rows), device=rows.device)
    of_mirrored = torch.where(as_they_are, torch.inf, after)
    cost[candidates, rows] = torch.nan_to_num(of_mirrored, nan=torch.inf, posinf=torch.inf)
    least, best = cost.min(0)
    samples = torch.arange(count, device=rows.device)
    chosen = torch.where(least < limit, count + best, samples)
    return replace(
        fits,
        estimate=take_rows(joined_rows([fits.estimate, tried.estimate]), chosen),
        losses=take_rows(joined_rows([fits.losses, tried.losses]), chosen),
        comparison=torch.cat([fits.comparison, tried.comparison])[chosen],
    )


def _objective(losses: LossParts, pose_prior_share: float) -> Tensor:
    """What was minimised ``(N,)``: of the pose prior only the share that the other prior leaves."""
    return losses.total - (1 - pose_prior_share) * losses.pose_prior


def _directions(body: KeypointBody, bodies: BodyEstimate) -> Tensor:
    """Unit vectors ``(B, 12, 3)`` along the bones."""
    return directions_between_keypoints(body.keypoints(bodies.rotations, bodies.betas))
