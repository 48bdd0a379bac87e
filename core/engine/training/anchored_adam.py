"""Adam that stays near the weights it began with: a small set of people must not cost the others.

    w ← Adam's step of w
    w ← w + a (w₀ − w)                 a: the share of the way back that is gone in each step

A weight that every step moves the same way ends 1/a steps away from where it began, however long
the training; one that is moved to and fro hardly leaves. So a head that is trained on a few people
learns what all of them ask for, and keeps what thousands of others taught it. It is weight decay
toward the first weights instead of 0; the same as a penalty is L²-SP (Li, Grandvalet and Davoine,
ICML 2018). docs/method.md, "The head in the loop".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter

_ANCHOR = "anchor"


class AnchoredAdam(torch.optim.Adam):
    """Adam without decay, and the way back after each step.

    The first weights are part of the optimiser's state, so a resumed run goes back to the same.

    Args:
        parameters: what is trained.
        learning_rate: Adam's step.
        anchor: a, in [0, 1).
    """

    def __init__(
        self, parameters: Iterable[Parameter], *, learning_rate: float, anchor: float
    ) -> None:
        super().__init__(parameters, lr=learning_rate, fused=True)
        self._anchor = anchor

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:  # type: ignore[override]
        """One step of Adam, and a share of the way back."""
        first = self._weights_not_seen_before()
        loss = super().step(closure)
        for parameter, weights in first.items():
            self.state[parameter][_ANCHOR] = weights
        trained = [parameter for parameter in self._parameters() if parameter in self.state]
        if trained:
            anchors = [self.state[parameter][_ANCHOR] for parameter in trained]
            torch._foreach_lerp_(trained, anchors, self._anchor)
        return loss

    def _parameters(self) -> list[Tensor]:
        return [parameter for group in self.param_groups for parameter in group["params"]]

    def _weights_not_seen_before(self) -> dict[Tensor, Tensor]:
        """Copies of the weights whose first step this is; the others have their anchor."""
        return {
            parameter: parameter.detach().clone()
            for parameter in self._parameters()
            if parameter.grad is not None and _ANCHOR not in self.state.get(parameter, {})
        }


def weights_between(
    network: nn.Module, optimiser: torch.optim.Optimizer, share: float
) -> dict[str, Tensor]:
    """The parameters by name, a share of the way from the first weights to those of now.

        w₀ + share (w − w₀)

    On the line between the two, what a few people teach is gained early, and what it costs others
    grows with the square of the way (Wortsman et al., CVPR 2022; docs/method.md, "The head in the
    loop"). Parameters without first weights, which were never moved, are as they are.
    """
    between = {}
    for name, parameter in network.named_parameters():
        now = parameter.detach()
        first = optimiser.state.get(parameter, {}).get(_ANCHOR)
        between[name] = now.clone() if first is None else first.lerp(now, share)
    return between
