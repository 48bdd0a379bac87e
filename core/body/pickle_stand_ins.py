"""What the restricted unpickler builds in place of numpy's, scipy's and chumpy's objects.

A pickle may call the names it refers to with arguments of its choice and set their state. So no
code of numpy, scipy or chumpy is handed to it: it gets these stand-ins, which only remember what
they were given. ``plain_value`` then checks what was remembered and builds arrays from it.
"""

from __future__ import annotations

import math
import pickle
import re
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

MAX_DENSE_ELEMENTS = 8_000_000
"""A sparse matrix of few bytes may claim any shape; SMPL's largest is 24 × 6890."""

MAX_DEPTH = 32
"""Containers within containers; a body file has three levels."""

MAX_DIMENSIONS = 8

_DTYPE_CODE = re.compile(r"(\?|[biufSU][0-9]{1,9})")
_BYTE_ORDERS = ("<", ">", "|", "=")
_SPARSE_STATE = {
    "csc": ("data", "indices", "indptr"),
    "csr": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
}


@dataclass
class Budget:
    """How many bytes of arrays may still be built: many arrays can share one string of bytes."""

    bytes_left: int

    def spend(self, num_bytes: int) -> None:
        """Take ``num_bytes``; raises ``UnpicklingError`` when they are not there."""
        self.bytes_left -= num_bytes
        if self.bytes_left < 0:
            raise pickle.UnpicklingError("its arrays need more memory than the file has content")


@dataclass(frozen=True)
class InertObject:
    """An object of a pickle that holds no array; only the name of its class is kept."""

    class_name: str


class StandIn:
    """Remembers how it was called and the state it was given; does nothing with either."""

    __slots__ = ("arguments", "state")
    arguments: tuple[object, ...]
    state: object

    def __new__(cls, *arguments: object) -> StandIn:
        """Accept any arguments: the constructor of the class stood in for is never run."""
        stand_in = object.__new__(cls)
        stand_in.arguments = arguments
        stand_in.state = None
        return stand_in

    def __setstate__(self, state: object) -> None:
        self.state = state

    def value(self, budget: Budget) -> object:
        """The array or the plain object that is meant; raises ``UnpicklingError``."""
        del budget
        return InertObject(type(self).__name__)


class Dtype(StandIn):
    """``numpy.dtype(code, align, copy)`` with the state ``(version, byte order, ...)``."""

    __slots__ = ()

    def dtype(self) -> np.dtype[np.generic]:
        """Plain numbers and strings only: no objects, no records."""
        code = self.arguments[0] if self.arguments else None
        if not isinstance(code, str) or not _DTYPE_CODE.fullmatch(code):
            raise pickle.UnpicklingError(f"arrays of the type {str(code)[:40]!r} are not read")
        dtype: np.dtype[np.generic] = np.dtype(code)
        if self.state is None:
            return dtype
        if not isinstance(self.state, tuple) or len(self.state) < 5:
            raise pickle.UnpicklingError("an array's type has a damaged state")
        order, details = self.state[1], self.state[2:5]
        if any(detail is not None for detail in details) or order not in _BYTE_ORDERS:
            raise pickle.UnpicklingError("arrays of records are not read")
        return dtype.newbyteorder(order)


class NumpyArray(StandIn):
    """``numpy.ndarray`` with the state ``(version, shape, dtype, is Fortran ordered, bytes)``."""

    __slots__ = ()

    def value(self, budget: Budget) -> NDArray[np.generic]:
        """The array; its bytes must be exactly as many as its shape and type say."""
        if not isinstance(self.state, tuple) or len(self.state) not in (4, 5):
            raise pickle.UnpicklingError("an array comes without a state")
        shape, dtype, fortran, content = self.state[-4:]
        return _array_of(content, dtype, shape, order="F" if fortran else "C", budget=budget)


class ArrayFromBuffer(StandIn):
    """``numpy.core.numeric._frombuffer(buffer, dtype, shape, order)`` of pickle protocol 5."""

    __slots__ = ()

    def value(self, budget: Budget) -> NDArray[np.generic]:
        """The array."""
        if len(self.arguments) != 4:
            raise pickle.UnpicklingError("an array's buffer has a damaged description")
        content, dtype, shape, order = self.arguments
        return _array_of(content, dtype, shape, order=order, budget=budget)


class NumpyScalar(StandIn):
    """``numpy.core.multiarray.scalar(dtype, bytes)``."""

    __slots__ = ()

    def value(self, budget: Budget) -> object:
        """A plain Python number or string."""
        if len(self.arguments) != 2:
            raise pickle.UnpicklingError("a number has a damaged description")
        content, dtype = self.arguments[1], self.arguments[0]
        return _array_of(content, dtype, (), order="C", budget=budget).item()


class SparseMatrix(StandIn):
    """A scipy.sparse matrix: a state dict of index arrays, values and ``_shape``."""

    __slots__ = ()
    layout = ""

    def value(self, budget: Budget) -> object:
        """A matrix rebuilt by scipy from checked index arrays."""
        if not isinstance(self.state, dict):
            raise pickle.UnpicklingError("a sparse matrix comes without a state")
        shape = _checked_shape(self._claimed_shape(budget))
        if len(shape) != 2 or math.prod(shape) > MAX_DENSE_ELEMENTS:
            raise pickle.UnpicklingError(f"a sparse matrix claims the shape {shape}")
        data, *indices = (self._part(name, budget) for name in _SPARSE_STATE[self.layout])
        if self.layout == "coo":
            return scipy.sparse.coo_matrix((data, tuple(indices)), shape=shape).tocsc()
        build = {"csc": scipy.sparse.csc_matrix, "csr": scipy.sparse.csr_matrix}[self.layout]
        matrix = build((data, *indices), shape=shape)
        matrix.check_format(full_check=True)
        return matrix

    def _claimed_shape(self, budget: Budget) -> object:
        """Old files hold numpy's whole numbers here."""
        state = self.state if isinstance(self.state, dict) else {}
        shape = state.get("_shape", state.get("shape"))
        if not isinstance(shape, tuple):
            return shape
        return tuple(
            size.value(budget) if isinstance(size, NumpyScalar) else size for size in shape
        )

    def _part(self, name: str, budget: Budget) -> NDArray[np.generic]:
        part = self.state.get(name) if isinstance(self.state, dict) else None
        if part is None and name in ("row", "col") and isinstance(self.state, dict):
            coordinates = self.state.get("coords")
            if isinstance(coordinates, tuple) and len(coordinates) == 2:
                part = coordinates[name == "col"]
        array = part.value(budget) if isinstance(part, StandIn) else None
        if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
            raise pickle.UnpicklingError(f"a sparse matrix lacks its array {name!r}")
        return array


class ChumpyObject(StandIn):
    """Any object of chumpy, which modern Python cannot import; its array lies in its state."""

    __slots__ = ()

    def value(self, budget: Budget) -> object:
        """The array ``x`` or ``r``; the elements chosen, for ``Select``; else an inert object."""
        if not isinstance(self.state, dict):
            return InertObject(type(self).__name__)
        for key in ("x", "r"):
            inner = self.state.get(key)
            if isinstance(inner, NumpyArray | ArrayFromBuffer):
                return inner.value(budget)
        return self._selected(self.state, budget)

    def _selected(self, state: dict[object, object], budget: Budget) -> object:
        """What ``chumpy.reordering.Select`` picks: elements ``idxs`` of ``a``, reshaped.

        A selection of a selection is legal in chumpy but in no body file; one level bounds the
        work.
        """
        nothing = InertObject(type(self).__name__)
        source, chosen = state.get("a"), state.get("idxs")
        if not isinstance(chosen, NumpyArray) or not isinstance(source, NumpyArray | ChumpyObject):
            return nothing
        if isinstance(source, ChumpyObject) and not _holds_array(source.state):
            return nothing
        values, indices = source.value(budget), chosen.value(budget)
        if not isinstance(values, np.ndarray) or indices.dtype.kind not in "iu":
            return nothing
        picked = values.ravel()[indices.ravel().astype(np.int64)]
        shape = state.get("preferred_shape")
        return picked if shape is None else picked.reshape(_checked_shape(shape))


def _holds_array(state: object) -> bool:
    return isinstance(state, dict) and ("x" in state or "r" in state)


class Latin1Bytes(StandIn):
    """``_codecs.encode(text, 'latin1')``: how protocol 2 writes bytes. No other codec."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> bytes:  # type: ignore[misc]
        """The bytes themselves."""
        if len(arguments) != 2 or arguments[1] not in ("latin1", "latin-1"):
            raise pickle.UnpicklingError("a codec other than latin1 is asked for")
        if not isinstance(arguments[0], str):
            raise pickle.UnpicklingError("bytes are made of something that is no text")
        return arguments[0].encode("latin1")


class EmptyBytes(StandIn):
    """``bytes()``: with a number it would claim as much memory as the file likes."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> bytes:  # type: ignore[misc]
        """No bytes."""
        if arguments:
            raise pickle.UnpicklingError("bytes() is called with arguments")
        return b""


class NewArray(StandIn):
    """``numpy.core.multiarray._reconstruct(ndarray, (0,), b'b')``: an array before its state."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> NumpyArray:  # type: ignore[misc]
        """The stand-in whose state is set next."""
        if not arguments or arguments[0] is not NumpyArray:
            raise pickle.UnpicklingError("an array of an unknown class is asked for")
        return NumpyArray()  # type: ignore[return-value]


class NewObject(StandIn):
    """``copyreg._reconstructor(class, object, None)`` for chumpy's and scipy's classes."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> StandIn:  # type: ignore[misc]
        """The stand-in whose state is set next."""
        wanted = arguments[0] if arguments else None
        if not (isinstance(wanted, type) and issubclass(wanted, ChumpyObject | SparseMatrix)):
            raise pickle.UnpicklingError("an object of an unknown class is asked for")
        return wanted()


def plain_value(
    value: object, budget: Budget, *, depth: int = 0, seen: dict[int, object] | None = None
) -> object:
    """Replace every stand-in within ``value`` by the array it means.

    Shared parts are converted once, so that a small file cannot ask for endless work; a container
    that holds itself is refused with the too deep ones. Raises ``UnpicklingError``.
    """
    seen = {} if seen is None else seen
    if depth > MAX_DEPTH:
        raise pickle.UnpicklingError(f"containers are nested deeper than {MAX_DEPTH} levels")
    if not isinstance(value, StandIn | dict | list | tuple | set | frozenset | type):
        return value
    if id(value) not in seen:
        seen[id(value)] = _converted(value, budget, depth, seen)
    return seen[id(value)]


def _converted(value: object, budget: Budget, depth: int, seen: dict[int, object]) -> object:
    if isinstance(value, StandIn):
        return value.value(budget)
    if isinstance(value, dict):
        return {
            key: plain_value(item, budget, depth=depth + 1, seen=seen)
            for key, item in value.items()
            if isinstance(key, str | bytes | int | float)
        }
    if isinstance(value, list | tuple):
        items = [plain_value(item, budget, depth=depth + 1, seen=seen) for item in value]
        return items if isinstance(value, list) else tuple(items)
    return InertObject(type(value).__name__)


def _checked_shape(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, tuple) or len(shape) > MAX_DIMENSIONS:
        raise pickle.UnpicklingError("an array's shape is damaged")
    sizes = [size for size in shape if isinstance(size, int) and size >= 0]
    if len(sizes) != len(shape):
        raise pickle.UnpicklingError("an array's shape is damaged")
    return tuple(sizes)


def _array_of(
    content: object, dtype: object, shape: object, *, order: object, budget: Budget
) -> NDArray[np.generic]:
    if not isinstance(dtype, Dtype):
        raise pickle.UnpicklingError("an array comes without a type")
    plain_dtype, sizes = dtype.dtype(), _checked_shape(shape)
    if not isinstance(content, str | bytes | bytearray):
        raise pickle.UnpicklingError("an array's content is no string of bytes")
    expected = math.prod(sizes) * plain_dtype.itemsize
    if len(content) != expected:
        raise pickle.UnpicklingError(
            f"an array of shape {sizes} needs {expected} bytes, found {len(content)}"
        )
    budget.spend(expected)
    if expected == 0:
        return np.zeros(sizes, dtype=plain_dtype)
    # Bytes of a Python 2 file come as text, read with the latin1 encoding.
    raw = content.encode("latin1") if isinstance(content, str) else content
    flat = np.frombuffer(raw, dtype=plain_dtype)
    array = flat.reshape(sizes[::-1]).T if order == "F" else flat.reshape(sizes)
    return array.copy()
