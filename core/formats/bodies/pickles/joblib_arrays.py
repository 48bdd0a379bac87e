"""Arrays as joblib writes them into a pickle: a description, and the numbers behind it.

joblib puts a ``NumpyArrayWrapper`` with shape, order and type where an array is, and writes the
array's bytes into the file right behind the opcode that sets the wrapper's state, after a byte that
says how many bytes of padding come first (since joblib 1.2). Source:
https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle.py
"""

from __future__ import annotations

import math
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.body.pickled_arrays import (
    Budget,
    DamagedPickleError,
    Dtype,
    StandIn,
    array_of_bytes,
    checked_shape,
)

_ALIGNMENT = "numpy_array_alignment_bytes"


class JoblibArray(StandIn):
    """``joblib.numpy_pickle.NumpyArrayWrapper`` with the bytes that follow it."""

    __slots__ = ("content",)
    content: bytes

    def read_on(self, stream: BinaryIO, budget: Budget) -> None:
        """Take the array's bytes; arrays of Python objects are not read."""
        dtype, shape = self._described()
        size = math.prod(shape) * dtype.itemsize
        budget.spend(size)
        if isinstance(self.state, dict) and self.state.get(_ALIGNMENT) is not None:
            padding = stream.read(1)
            stream.read(padding[0] if padding else 0)
        self.content = stream.read(size)

    def value(self, budget: Budget) -> NDArray[np.generic]:
        """The array."""
        if not isinstance(self.state, dict) or not hasattr(self, "content"):
            raise DamagedPickleError("an array of joblib comes without its numbers")
        order, dtype = self.state.get("order"), self.state.get("dtype")
        return array_of_bytes(
            self.content, dtype, self.state.get("shape"), order=order, budget=budget
        )

    def _described(self) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
        state = self.state if isinstance(self.state, dict) else {}
        dtype = state.get("dtype")
        if not isinstance(dtype, Dtype):
            raise DamagedPickleError("an array of joblib comes without a type")
        return dtype.dtype(), checked_shape(state.get("shape"))
