"""A training that ran off: numbers that are no numbers, found before anything takes them.

An infinite loss or gradient does not heal by itself, and one step with it spoils every weight. So
the run ends there, as failed; its newest checkpoint is from before, and stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn

from core.errors import StudioError

_REMEDY = (
    "Start a new run with a smaller learning rate (--learning-rate), from this run's last.pt where "
    "it has one (--start-from): that checkpoint is from before, and sound."
)


def diverged(iteration: int, found: str) -> StudioError:
    """The error that ends a run; ``found`` is a clause without a full stop."""
    return StudioError(f"The training diverged in iteration {iteration}: {found}.", remedy=_REMEDY)


def lost_parts(losses: Mapping[str, Tensor]) -> Tensor:
    """``(len(losses),)`` on the CPU: 1 for each scalar that is not finite, 0 for the others."""
    values = torch.stack([value.detach() for value in losses.values()])
    return (~torch.isfinite(values)).float().cpu()


def refuse_lost_parts(names: Iterable[str], lost: Tensor, *, iteration: int) -> None:
    """Raises ``StudioError`` with the names of the losses that are not finite, if any is."""
    found = [name for name, count in zip(names, lost.tolist(), strict=True) if count]
    parts = [name for name in found if name != "total"] or found
    if parts:
        raise diverged(iteration, f"the loss is not finite ({', '.join(parts)})")


def limit_gradients(parameters: Sequence[nn.Parameter], limit: float, *, iteration: int) -> float:
    """Scale gradients down where their common norm is over ``limit``; 0 leaves them as they are.

    Returns:
        The norm as it was.

    Raises:
        StudioError: a gradient is not finite; no weight was touched.
    """
    norm = torch.nn.utils.clip_grad_norm_(parameters, limit or math.inf)
    if not bool(torch.isfinite(norm)):
        raise diverged(iteration, "the gradient of the loss is not finite")
    return float(norm)


def refuse_lost_weights(network: nn.Module, *, iteration: int) -> None:
    """Raises ``StudioError`` where a weight or a running statistic is not finite."""
    for name, values in network.state_dict().items():
        if not bool(torch.isfinite(values).all()):
            raise diverged(iteration, f"the weights {name} are not finite")
