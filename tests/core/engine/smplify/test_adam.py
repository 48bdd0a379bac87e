"""The descent of the paper's profile is Adam's."""

from __future__ import annotations

import torch

from core.engine.smplify import adam


def test_the_descent_takes_the_steps_of_pytorchs_adam() -> None:
    """To the last bit, so that fits of the paper's profile stay what they were."""
    generator = torch.Generator().manual_seed(0)
    starts = [torch.randn(5, 3, generator=generator), torch.randn(5, generator=generator)]
    ours, theirs = (
        [each_start.clone().requires_grad_() for each_start in starts] for _ in range(2)
    )

    def cost(values: list[torch.Tensor]) -> torch.Tensor:
        return (values[0] ** 4).sum(1) + torch.cos(values[1]) * values[0][:, 0]

    adam._descend(lambda: cost(ours), ours, steps=40, learning_rate=1e-2)
    optimiser = torch.optim.Adam(theirs, lr=1e-2)
    for _ in range(40):
        optimiser.zero_grad()
        cost(theirs).sum().backward()
        optimiser.step()
    for mine, other, start in zip(ours, theirs, starts, strict=True):
        assert torch.equal(mine, other)
        assert not torch.equal(mine, start)
