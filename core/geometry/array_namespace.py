"""One formula for arrays of NumPy and for tensors of PyTorch, which is imported by neither.

NumPy's functions have the names of the array API standard (https://data-apis.org/array-api/) since
NumPy 2; ``array_api_compat`` gives PyTorch's the same names, and only looks at PyTorch where a
tensor shows that it is loaded. A formula asks ``array_namespace`` for the functions of the array
that it was given, and keeps that array's precision and device. Gradients pass through: nothing
that they need is written in place, and near a singular point both branches of a formula are finite.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, TypeVar

import array_api_compat


class Array(Protocol):
    """An array of NumPy or a tensor of PyTorch."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Sizes of the dimensions."""

    @property
    def ndim(self) -> int:
        """How many dimensions there are."""

    @property
    def dtype(self) -> Any:
        """The precision, in the terms of the array's library."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: Any, /) -> Any: ...
    def __neg__(self) -> Any: ...
    def __add__(self, other: Any, /) -> Any: ...
    def __radd__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __rsub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __rmul__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...
    def __rtruediv__(self, other: Any, /) -> Any: ...
    def __matmul__(self, other: Any, /) -> Any: ...
    def __pow__(self, other: Any, /) -> Any: ...
    def __lt__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...


ArrayT = TypeVar("ArrayT", bound=Array)


def array_namespace(array: Array) -> Any:
    """The library of an array, with the standard's names of functions.

    NumPy itself for its arrays: the wrapper of ``array_api_compat`` would load all of NumPy's lazy
    parts, a tenth of a second at the start of the window.
    """
    own = getattr(array, "__array_namespace__", None)
    return array_api_compat.array_namespace(array) if own is None else own()


def array_like(array: Array, numbers: Any) -> Any:
    """Booleans or whole numbers as an array of the library and on the device of an array."""
    return array_namespace(array).asarray(numbers, device=array_api_compat.device(array))


def constant_like(array: Array, numbers: Any) -> Any:
    """Numbers with the precision and on the device of an array."""
    xp, device = array_namespace(array), array_api_compat.device(array)
    return xp.asarray(numbers, dtype=array.dtype, device=device)


def identity_like(array: Array, size: int) -> Any:
    """The identity matrix ``(size, size)`` with the precision and device of an array."""
    xp = array_namespace(array)
    return xp.eye(size, dtype=array.dtype, device=array_api_compat.device(array))


def batch_last(array: ArrayT) -> ArrayT:
    """An array ``(B, ...)`` as ``(..., B)``, contiguous.

    Products of many small matrices take a fraction of the time in this order: whatever belongs to
    one entry of all samples is one long run of numbers.
    """
    xp, (count, *rest) = array_namespace(array), array.shape
    turned = xp.reshape(array, (count, math.prod(rest))).T
    last: ArrayT = xp.reshape(xp.concat([turned], axis=0), (*rest, count))
    return last


def batch_first(array: ArrayT) -> ArrayT:
    """An array ``(..., B)`` as ``(B, ...)``, contiguous; the inverse of ``batch_last``."""
    xp, (*rest, count) = array_namespace(array), array.shape
    turned = xp.reshape(array, (math.prod(rest), count)).T
    first: ArrayT = xp.reshape(xp.concat([turned], axis=0), (count, *rest))
    return first
