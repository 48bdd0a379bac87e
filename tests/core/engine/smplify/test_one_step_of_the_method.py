"""docs/method.md, "One step of the solver", followed from the page's formulas with the full mesh.

Written from the page and not from the code: where the two differ, one of them is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.body_stage import BodyStage
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.smplify.objective import Objective
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.prediction_prior import EstimatePrior
from core.engine.smplify.state import BodyState
from core.geometry.levenberg_marquardt import _adapted, _damped_step
from core.geometry.rotations import axis_angle_to_matrix as exp
from core.geometry.rotations import matrix_to_axis_angle as log
from core.runs.fitting_profiles import STUDIO

MakePeople = Callable[..., object]

PEOPLE = 3
SIGMA = 15.0
IGNORED = [1, 9, 12, 27, 28]
ELBOWS_AND_KNEES = {52: 1.0, 55: -1.0, 9: -1.0, 12: -1.0}
PULL = {"root": 250.0, "pose": 120.0, "betas": 7.0, "depth": 2.0}


@dataclass(frozen=True)
class Step:
    """A state of stage 2 of a few people, with all that its objective needs."""

    mesh: BodyModel
    prior: PosePrior
    keypoints: Keypoints2D
    state: BodyState
    estimate: BodyEstimate
    depth_start: Tensor
    stage: BodyStage

    def cost(self, unknowns: Tensor) -> Tensor:
        """E₂ of the page ``(B,)`` after a step ``(B, 85)``."""
        state = self.state
        theta = state.body_pose + unknowns[:, 3:72]
        beta = state.betas + unknowns[:, 72:82]
        t = state.camera_translation + unknowns[:, 82:]
        root = state.root @ exp(unknowns[:, :3])
        rotations = torch.cat([root[:, None], exp(theta.view(-1, 23, 3))], dim=1)
        point = self.mesh(rotations, beta).keypoints + t[:, None]
        e = 5000 * point[..., :2] / point[..., 2:] + 112 - self.keypoints.positions_crop_px
        w = self.keypoints.confidence.clone()
        w[:, IGNORED] = 0
        rho = SIGMA**2 * e**2 / (SIGMA**2 + e**2)
        return (
            (w**2 * rho.sum(-1)).sum(1)
            + 4.78**2 * self._pose_prior(theta)
            + 15.2**2 * sum(torch.exp(s * theta[:, k]) ** 2 for k, s in ELBOWS_AND_KNEES.items())
            + 5**2 * (beta**2).sum(1)
            + 1.0 * (t[:, 2] - self.depth_start) ** 2
            + self._estimate_prior(rotations, beta, t)
        )

    def _pose_prior(self, theta: Tensor) -> Tensor:
        mu, sigma = torch.tensor(self.prior.means), torch.tensor(self.prior.covariances)
        half_log_det = torch.logdet(sigma) / 2
        const = (
            69 / 2 * math.log(2 * math.pi)
            + half_log_det
            - half_log_det.min()
            - torch.tensor(self.prior.weights).log()
        )
        offset = theta[:, None] - mu
        mahalanobis = torch.einsum("bki,kij,bkj->bk", offset, torch.linalg.inv(sigma), offset)
        return (mahalanobis / 2 + const).amin(1)

    def _estimate_prior(self, rotations: Tensor, beta: Tensor, t: Tensor) -> Tensor:
        wanted = self.estimate.rotations
        tau = (log(wanted.mT @ rotations) ** 2).sum(-1)
        return (
            PULL["root"] * tau[:, 0]
            + PULL["pose"] * tau[:, 1:].sum(1)
            + PULL["betas"] * ((beta - self.estimate.betas) ** 2).sum(1)
            + PULL["depth"] * (t[:, 2] - self.estimate.camera_translation[:, 2]) ** 2
        )


@pytest.fixture(scope="module")
def step(
    make_people: MakePeople,
    precise_body: BodyModel,
    precise_keypoint_body: KeypointBody,
    prior: PosePrior,
) -> Step:
    people = make_people(PEOPLE, dtype=torch.float64, noise_px=6.0, missing=0.2)
    state = BodyState.of(people.guess)
    depth_start = state.camera_translation[:, 2] + 0.7
    stage = BodyStage(
        precise_keypoint_body,
        Objective(people.keypoints, prior, STUDIO.weights, SIGMA),
        depth_start=depth_start,
        depth_weight=STUDIO.body_depth_weight,
        estimate_prior=EstimatePrior.uniform(people.truth, **PULL),
    )
    return Step(precise_body, prior, people.keypoints, state, people.truth, depth_start, stage)


def test_the_cost_is_the_objective_of_the_page(step: Step) -> None:
    nowhere = torch.zeros(PEOPLE, 85, dtype=torch.float64)
    torch.testing.assert_close(step.cost(nowhere), step.stage.evaluate(step.state).cost)


def test_the_gradient_is_half_of_the_objectives_of_the_page(step: Step) -> None:
    unknowns = torch.zeros(PEOPLE, 85, dtype=torch.float64, requires_grad=True)
    (wanted,) = torch.autograd.grad(step.cost(unknowns).sum(), unknowns)
    gradient, _ = step.stage.normal_equations(step.state, step.stage.evaluate(step.state))
    torch.testing.assert_close(gradient, wanted / 2, rtol=1e-7, atol=1e-7)


def test_a_step_and_its_promise_are_those_of_the_page(step: Step) -> None:
    g, h = step.stage.normal_equations(step.state, step.stage.evaluate(step.state))
    damping = torch.tensor([1e-2, 1.0, 30.0], dtype=torch.float64)
    delta, promise = _damped_step(g, h, damping)
    d = torch.diag_embed(h.diagonal(dim1=1, dim2=2))
    damped = h + damping[:, None, None] * d + 1e-6 * torch.eye(85, dtype=torch.float64)
    torch.testing.assert_close(delta, -torch.linalg.solve(damped, g))
    model = 2 * (g * delta).sum(1) + torch.einsum("bi,bij,bj->b", delta, h, delta)
    torch.testing.assert_close(promise, -model, rtol=1e-6, atol=0.0)


def test_the_step_lowers_the_cost_of_the_page_by_about_the_promise(step: Step) -> None:
    """With much damping the step is short, and the quadratic model holds."""
    evaluation = step.stage.evaluate(step.state)
    g, h = step.stage.normal_equations(step.state, evaluation)
    delta, promise = _damped_step(g, h, torch.full((PEOPLE,), 1e3, dtype=torch.float64))
    gain = (evaluation.cost - step.cost(delta)) / promise
    torch.testing.assert_close(gain, torch.ones_like(gain), rtol=0.02, atol=0.0)


@pytest.mark.parametrize(
    ("gain", "accepted", "damping_times", "next_growth"),
    [(1.0, True, 1 / 5, 2.0), (0.5, True, 1.0, 2.0), (0.1, True, 1.512, 2.0), (-1, False, 4, 8)],
)
def test_damping_follows_nielsens_rule_as_the_page_states_it(
    gain: float, accepted: bool, damping_times: float, next_growth: float
) -> None:
    damping, growth = _adapted(
        torch.tensor([0.1]), torch.tensor([4.0]), torch.tensor([accepted]), torch.tensor([gain])
    )
    torch.testing.assert_close(damping, torch.tensor([0.1 * damping_times]))
    torch.testing.assert_close(growth, torch.tensor([float(next_growth)]))
