"""Numbers that are no numbers are found before weights or a checkpoint take them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.engine.regression.mean_parameters import MeanParameters
from core.engine.regression.regressor import Regressor
from core.engine.training.checkpointing import StoredRun, save_run
from core.engine.training.gradient_guards import limit_gradients, lost_parts, refuse_lost_parts
from core.engine.training.regressor_error import RegressorErrorEstimate
from core.engine.training.step import Learner, adam
from core.errors import StudioError
from core.runs.training_configuration import TrainingConfiguration, profile_configuration


def weights(*gradients):
    made = [torch.nn.Parameter(torch.zeros(len(each_gradient))) for each_gradient in gradients]
    for weight, gradient in zip(made, gradients, strict=True):
        weight.grad = torch.tensor(gradient)
    return made


def test_gradients_are_shortened_together_and_keep_their_direction():
    both = weights([3.0, 0.0], [0.0, 4.0])
    assert limit_gradients(both, 1.0, iteration=1) == pytest.approx(5.0)
    torch.testing.assert_close(both[0].grad, torch.tensor([0.6, 0.0]), atol=1e-5, rtol=0)
    torch.testing.assert_close(both[1].grad, torch.tensor([0.0, 0.8]), atol=1e-5, rtol=0)


@pytest.mark.parametrize("limit", [0.0, 6.0])
def test_short_gradients_and_all_without_a_limit_stay_to_the_last_bit(limit):
    both = weights([3.0, 0.1], [0.7, 4.0])
    limit_gradients(both, limit, iteration=1)
    assert both[0].grad.tolist() == torch.tensor([3.0, 0.1]).tolist()
    assert both[1].grad.tolist() == torch.tensor([0.7, 4.0]).tolist()


def test_a_finite_loss_with_an_infinite_gradient_touches_no_weight():
    network = torch.nn.Linear(2, 1)
    optimiser = adam(network, TrainingConfiguration())
    learner = Learner(network, optimiser, None, torch.device("cpu"), 48)
    before = network.weight.detach().clone()
    loss = (network.weight * 0).sum().sqrt()
    with pytest.raises(StudioError, match=r"iteration 7.*gradient"):
        learner.descend(loss, gradient_norm_limit=1.0, iteration=7)
    assert torch.equal(network.weight, before)


def test_the_message_names_the_parts_and_not_only_their_sum():
    losses = {"pose": torch.tensor(torch.nan), "betas": torch.tensor(1.0)}
    losses["total"] = losses["pose"] + losses["betas"]
    with pytest.raises(StudioError, match=r"iteration 3.*\(pose\)"):
        refuse_lost_parts(losses, lost_parts(losses), iteration=3)
    sound = {"pose": torch.tensor(1.0)}
    refuse_lost_parts(sound, lost_parts(sound), iteration=3)


def test_a_checkpoint_is_not_overwritten_by_weights_that_are_not_finite(tmp_path):
    network = Regressor("test_resnet", mean=MeanParameters.of_body_pose(np.zeros(69)))
    optimiser = adam(network, profile_configuration("cpu-demo"))
    path = tmp_path / "last.pt"

    def save(iteration):
        save_run(
            path,
            network=network,
            optimiser=optimiser,
            regressor_error=RegressorErrorEstimate.unknown(),
            iteration=iteration,
            sample_ids=[1],
        )

    save(1)
    with torch.no_grad():
        next(network.parameters()).view(-1)[0] = torch.inf
    with pytest.raises(StudioError, match="iteration 2"):
        save(2)
    assert StoredRun(path).iteration == 1


def test_runs_from_before_there_was_a_limit_go_on_without_one():
    assert TrainingConfiguration.from_stored("{}").gradient_norm_limit == 0
    assert TrainingConfiguration.from_json("{}").gradient_norm_limit > 0
