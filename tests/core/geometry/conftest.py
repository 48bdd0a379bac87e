"""The two kinds of arrays that every formula takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

MakeArray = Callable[..., Any]


def numpy_array(numbers: object, dtype: str = "float64") -> np.ndarray:
    return np.array(numbers, dtype=dtype)


def torch_tensor(numbers: object, dtype: str = "float64") -> torch.Tensor:
    return torch.from_numpy(numpy_array(numbers, dtype))


@pytest.fixture(params=[numpy_array, torch_tensor], ids=["numpy", "torch"])
def array(request: pytest.FixtureRequest) -> MakeArray:
    """Makes an array of NumPy, or a tensor, of numbers; in double precision where not told."""
    return request.param
