"""Training that stays near the weights it began with."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from core.engine.training.anchored_adam import AnchoredAdam, weights_between
from core.engine.training.step import adam
from core.runs.training_configuration import profile_configuration

STEP, ANCHOR = 0.01, 0.1


def descended(weight, optimiser, steps, gradient):
    for _ in range(steps):
        weight.grad = gradient.clone()
        optimiser.step()
    return weight.detach().clone()


def anchored(weight):
    return AnchoredAdam([weight], learning_rate=STEP, anchor=ANCHOR)


def test_a_weight_ends_where_the_way_back_is_as_long_as_a_step():
    first = torch.tensor([3.0, -2.0])
    weight = torch.nn.Parameter(first.clone())
    gradient = torch.tensor([1.0, -1.0])
    end = descended(weight, anchored(weight), 200, gradient)
    # d = (1 − a)(d + step), so d = step (1 − a) / a.
    away = STEP * (1 - ANCHOR) / ANCHOR
    torch.testing.assert_close(end, first - away * gradient, atol=1e-4, rtol=0)


def test_without_an_anchor_it_is_adam():
    ends = []
    for anchor in (0.0, 0.25):
        weight = torch.nn.Parameter(torch.ones(2))
        configuration = replace(profile_configuration("cpu"), anchor=anchor, learning_rate=STEP)
        optimiser = adam(weight_only(weight), configuration)
        ends.append(descended(weight, optimiser, 1, torch.tensor([1.0, 2.0])))
    torch.testing.assert_close(ends[0], torch.full((2,), 1 - STEP))
    torch.testing.assert_close(ends[1], torch.full((2,), 1 - 0.75 * STEP))


def weight_only(weight):
    network = torch.nn.Module()
    network.weight = weight
    return network


@pytest.mark.parametrize("stopped_after", [0, 1, 4])
def test_a_resumed_training_goes_back_to_the_same_weights(stopped_after):
    gradient = torch.tensor([0.3, -1.0])
    whole = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    expected = descended(whole, anchored(whole), 9, gradient)

    first = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    optimiser = anchored(first)
    descended(first, optimiser, stopped_after, gradient)
    second = torch.nn.Parameter(first.detach().clone())
    resumed = anchored(second)
    resumed.load_state_dict(optimiser.state_dict())
    assert torch.equal(descended(second, resumed, 9 - stopped_after, gradient), expected)


def test_a_weight_without_a_gradient_stays():
    still, moved = (torch.nn.Parameter(torch.ones(1)) for _ in range(2))
    optimiser = AnchoredAdam([still, moved], learning_rate=STEP, anchor=ANCHOR)
    moved.grad = torch.ones(1)
    optimiser.step()
    assert still.item() == 1.0
    assert moved.item() < 1.0


@pytest.mark.parametrize(("share", "expected"), [(0.0, 1.0), (0.25, 0.9975), (1.0, 0.99)])
def test_weights_in_use_lie_between_the_first_ones_and_those_of_now(share, expected):
    weight = torch.nn.Parameter(torch.ones(1))
    optimiser = AnchoredAdam([weight], learning_rate=STEP, anchor=0.0)
    descended(weight, optimiser, 1, torch.ones(1))
    between = weights_between(weight_only(weight), optimiser, share)
    torch.testing.assert_close(between["weight"], torch.tensor([expected]))
    # They are weights of their own: the training goes on with those of now.
    between["weight"].zero_()
    assert weight.item() == pytest.approx(0.99)


def test_weights_that_were_never_moved_are_in_use_as_they_are():
    weight = torch.nn.Parameter(torch.ones(1))
    optimiser = AnchoredAdam([weight], learning_rate=STEP, anchor=0.0)
    assert weights_between(weight_only(weight), optimiser, 0.5)["weight"].item() == 1.0
