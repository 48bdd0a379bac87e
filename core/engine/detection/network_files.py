"""The shipped networks' files: arrays in half precision, by the names of a module's parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from core.body.safe_npz import load_restricted_npz
from core.errors import UserFileError

NetworkT = TypeVar("NetworkT", bound=nn.Module)

_REMEDY = "Use a file made by python -m resources.detector.build."


def filled_network(network: NetworkT, path: Path) -> NetworkT:
    """The network with the file's parameters in single precision, frozen, channels-last.

    Raises:
        UserFileError: the file cannot be read, or an array is missing, of another shape or not
            finite.
    """
    arrays = load_restricted_npz(path, kind=UserFileError)
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: array.shape for name, array in arrays.items()}
    if found != expected:
        differing = sorted(
            name for name in expected | found if expected.get(name) != found.get(name)
        )
        name = differing[0]
        raise UserFileError(
            f"{name!r} has the shape {found.get(name)}, expected {expected.get(name)}.",
            path=path,
            remedy=_REMEDY,
        )
    parameters = {
        name: torch.from_numpy(array.astype(np.float32)) for name, array in arrays.items()
    }
    _check_finite(parameters, path)
    network.load_state_dict(parameters)
    network.eval().requires_grad_(requires_grad=False)
    return network.to(memory_format=torch.channels_last)


def _check_finite(parameters: dict[str, Tensor], path: Path) -> None:
    for name, values in parameters.items():
        if not bool(values.isfinite().all()):
            raise UserFileError(
                f"{name!r} holds values that are not finite.", path=path, remedy=_REMEDY
            )
