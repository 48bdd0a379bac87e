"""What the restricted unpickler builds in place of numpy's, scipy's and chumpy's objects.

A pickle may call the names it refers to with arguments of its choice and set their state. So no
code of numpy, scipy or chumpy is handed to it: it gets these stand-ins, which only remember what
they were given. ``plain_value`` then checks what was remembered and builds arrays from it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

MAX_DENSE_ELEMENTS = 8_000_000
"""A sparse matrix of few bytes may claim any shape; SMPL's largest is 24 × 6890."""

MAX_DEPTH = 32
"""Containers within containers; a body file has three levels."""

MAX_DIMENSIONS = 8
_NUMBER_BYTES, _CHARACTER_BYTES = 32, 4

_DTYPE_CODE = re.compile(r"(\?|[biufSU][0-9]{1,9})")
_BYTE_ORDERS = ("<", ">", "|", "=")
_SPARSE_STATE = {
    "csc": ("data", "indices", "indptr"),
    "csr": ("data", "indices", "indptr"),
    "coo": ("data", "row", "col"),
}


class DamagedPickleError(ValueError):
    """The pickle is no program that makes arrays and plain values."""


@dataclass
class Budget:
    """How many bytes may still be built: a small file can ask for much, many times over."""

    bytes_left: int

    def spend(self, num_bytes: int) -> None:
        """Take ``num_bytes``; raises ``DamagedPickleError`` when they are not there."""
        self.bytes_left -= num_bytes
        if self.bytes_left < 0:
            raise DamagedPickleError("it asks for more memory than the file has content")


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

    def read_on(self, stream: BinaryIO, budget: Budget) -> None:
        """Take what lies in the file behind the state that was just set: for most, nothing."""

    def value(self, budget: Budget) -> object:
        """The array or the plain object that is meant; raises ``DamagedPickleError``."""
        del budget
        return InertObject(type(self).__name__)


class Dtype(StandIn):
    """``numpy.dtype(code, align, copy)`` with the state ``(version, byte order, ...)``."""

    __slots__ = ()

    def dtype(self) -> np.dtype[np.generic]:
        """Plain numbers and strings only: no objects, no records."""
        code = self.arguments[0] if self.arguments else None
        if not isinstance(code, str) or not _DTYPE_CODE.fullmatch(code):
            shown = code[:40] if isinstance(code, str) else type(code).__name__
            raise DamagedPickleError(f"arrays of the type {shown!r} are not read")
        dtype: np.dtype[np.generic] = np.dtype(code)
        if self.state is None:
            return dtype
        if not isinstance(self.state, tuple) or len(self.state) < 5:
            raise DamagedPickleError("an array's type has a damaged state")
        order, details = self.state[1], self.state[2:5]
        if any(detail is not None for detail in details) or order not in _BYTE_ORDERS:
            raise DamagedPickleError("arrays of records are not read")
        return dtype.newbyteorder(order)

    @property
    def is_of_objects(self) -> bool:
        """Whether arrays of it hold Python objects."""
        return self.arguments[:1] in (("O",), ("O4",), ("O8",))

    def value(self, budget: Budget) -> np.dtype[np.generic]:
        """The type itself, where a file holds one next to its arrays."""
        del budget
        return self.dtype()


class NumpyArray(StandIn):
    """``numpy.ndarray`` with the state ``(version, shape, dtype, is Fortran ordered, bytes)``."""

    __slots__ = ()

    def value(self, budget: Budget) -> NDArray[np.generic]:
        """The array; its bytes must be exactly as many as its shape and type say."""
        if not isinstance(self.state, tuple) or len(self.state) not in (4, 5):
            raise DamagedPickleError("an array comes without a state")
        shape, dtype, fortran, content = self.state[-4:]
        if isinstance(dtype, Dtype) and dtype.is_of_objects:
            return _array_of_items(content, shape, in_columns=bool(fortran), budget=budget)
        return array_of_bytes(content, dtype, shape, order="F" if fortran else "C", budget=budget)


class ArrayFromBuffer(StandIn):
    """``numpy.core.numeric._frombuffer(buffer, dtype, shape, order)`` of pickle protocol 5."""

    __slots__ = ()

    def value(self, budget: Budget) -> NDArray[np.generic]:
        """The array."""
        if len(self.arguments) != 4:
            raise DamagedPickleError("an array's buffer has a damaged description")
        content, dtype, shape, order = self.arguments
        return array_of_bytes(content, dtype, shape, order=order, budget=budget)


class NumpyScalar(StandIn):
    """``numpy.core.multiarray.scalar(dtype, bytes)``."""

    __slots__ = ()

    def value(self, budget: Budget) -> object:
        """A plain Python number or string."""
        if len(self.arguments) != 2:
            raise DamagedPickleError("a number has a damaged description")
        content, dtype = self.arguments[1], self.arguments[0]
        return array_of_bytes(content, dtype, (), order="C", budget=budget).item()


class SparseMatrix(StandIn):
    """A scipy.sparse matrix: a state dict of index arrays, values and ``_shape``."""

    __slots__ = ()
    layout = ""

    def value(self, budget: Budget) -> object:
        """A matrix rebuilt by scipy from checked index arrays."""
        if not isinstance(self.state, dict):
            raise DamagedPickleError("a sparse matrix comes without a state")
        shape = checked_shape(self._claimed_shape(budget))
        if len(shape) != 2 or math.prod(shape) > MAX_DENSE_ELEMENTS:
            raise DamagedPickleError(f"a sparse matrix claims the shape {shape}")
        # Late: the window reads bodies that hold none before its list is painted.
        import scipy.sparse  # noqa: PLC0415

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
            raise DamagedPickleError(f"a sparse matrix lacks its array {name!r}")
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
        return picked if shape is None else picked.reshape(checked_shape(shape))


def _holds_array(state: object) -> bool:
    return isinstance(state, dict) and ("x" in state or "r" in state)


class CheckedDict(StandIn):
    """``collections.OrderedDict(pairs)`` and its like: a plain dict with plain keys."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> dict[object, object]:  # type: ignore[misc]
        """The dict; of nothing, another dict, or a list of pairs."""
        source = arguments[0] if arguments else {}
        if isinstance(source, dict):
            return dict(source)
        if not isinstance(source, list | tuple):
            raise DamagedPickleError("a dict is made of something that is no list of pairs")
        pairs = [item for item in source if isinstance(item, list | tuple) and len(item) == 2]
        if len(pairs) != len(source):
            raise DamagedPickleError("a dict is made of something that is no list of pairs")
        return dict(paired([part for pair in pairs for part in pair]))


class Latin1Bytes(StandIn):
    """``_codecs.encode(text, 'latin1')``: how protocol 2 writes bytes. No other codec."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> bytes:  # type: ignore[misc]
        """The bytes themselves."""
        if len(arguments) != 2 or arguments[1] not in ("latin1", "latin-1"):
            raise DamagedPickleError("a codec other than latin1 is asked for")
        if not isinstance(arguments[0], str):
            raise DamagedPickleError("bytes are made of something that is no text")
        return arguments[0].encode("latin1")


class EmptyBytes(StandIn):
    """``bytes()``: with a number it would claim as much memory as the file likes."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> bytes:  # type: ignore[misc]
        """No bytes."""
        if arguments:
            raise DamagedPickleError("bytes() is called with arguments")
        return b""


class NewArray(StandIn):
    """``numpy.core.multiarray._reconstruct(ndarray, (0,), b'b')``: an array before its state."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> NumpyArray:  # type: ignore[misc]
        """The stand-in whose state is set next."""
        if not arguments or arguments[0] is not NumpyArray:
            raise DamagedPickleError("an array of an unknown class is asked for")
        return NumpyArray()  # type: ignore[return-value]


class NewObject(StandIn):
    """``copyreg._reconstructor(class, object, None)`` for chumpy's and scipy's classes."""

    __slots__ = ()

    def __new__(cls, *arguments: object) -> StandIn:  # type: ignore[misc]
        """The stand-in whose state is set next."""
        object_class = arguments[0] if arguments else None
        if not (
            isinstance(object_class, type) and issubclass(object_class, ChumpyObject | SparseMatrix)
        ):
            raise DamagedPickleError("an object of an unknown class is asked for")
        return object_class()


def paired(items: Sequence[object]) -> Iterator[tuple[object, object]]:
    """Keys and values in turn; keys must be plain: a nested one may take for ever to hash."""
    if len(items) % 2:
        raise DamagedPickleError("a dict has a key without a value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str | bytes | int | float | None):
            raise DamagedPickleError(f"a dict has a key of the type {type(key).__name__}")
        yield key, value


def plain_value(value: object, budget: Budget) -> object:
    """Replace every stand-in within ``value`` by the array it means.

    Shared parts are converted once. But who reads the result goes through them as often as they
    are referred to: that, too, is charged to the budget, so that a list of lists of lists of one
    and the same list is refused, as are containers that hold themselves. Raises
    ``DamagedPickleError``.
    """
    return _Conversion(budget).of(value)[0]


class _Conversion:
    """From stand-ins to plain values, with what each takes when it is read through, in bytes."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._done: dict[int, tuple[object, int]] = {}

    def of(self, value: object, depth: int = 0) -> tuple[object, int]:
        if depth > MAX_DEPTH:
            raise DamagedPickleError(f"containers are nested deeper than {MAX_DEPTH} levels")
        if not isinstance(value, StandIn | dict | list | tuple | type):
            return value, len(value) if isinstance(value, str | bytes) else _NUMBER_BYTES
        if id(value) not in self._done:
            converted, size = self._converted(value, depth)
            if size > self._budget.bytes_left:
                raise DamagedPickleError("it refers to the same values too many times")
            self._done[id(value)] = converted, size
        return self._done[id(value)]

    def _converted(self, value: object, depth: int) -> tuple[object, int]:
        if isinstance(value, StandIn):
            plain = value.value(self._budget)
            return plain, plain.nbytes if isinstance(plain, np.ndarray) else _NUMBER_BYTES
        if isinstance(value, dict):
            entries = {key: self.of(item, depth + 1) for key, item in value.items()}
            size = sum(size for _, size in entries.values())
            return {key: item for key, (item, _) in entries.items()}, size
        if isinstance(value, list | tuple):
            items = [self.of(item, depth + 1) for item in value]
            size = _NUMBER_BYTES + sum(size for _, size in items)
            return type(value)(item for item, _ in items), size
        return InertObject(type(value).__name__), _NUMBER_BYTES


def _array_of_items(
    items: object, shape: object, *, in_columns: bool, budget: Budget
) -> NDArray[np.generic]:
    """An array of Python objects as one of numbers or of texts, where all of them are."""
    sizes = checked_shape(shape)
    if not isinstance(items, list) or len(items) != math.prod(sizes):
        raise DamagedPickleError("an array of objects does not hold what its shape says")
    plain = [item.value(budget) if isinstance(item, NumpyScalar) else item for item in items]
    if all(isinstance(item, str) for item in plain):
        budget.spend(_CHARACTER_BYTES * len(plain) * max(map(len, map(str, plain)), default=1))
        flat: NDArray[np.generic] = np.array(plain, dtype=np.str_)
    elif all(type(item) in (bool, int, float) for item in plain):
        budget.spend(8 * len(plain))
        flat = np.array([_as_float(item) for item in plain], dtype=np.float64)
    else:
        raise DamagedPickleError("arrays of objects are not read, but of numbers or texts")
    return flat.reshape(sizes[::-1]).T if in_columns else flat.reshape(sizes)


def _as_float(item: object) -> float:
    try:
        return float(item)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf


def checked_shape(shape: object) -> tuple[int, ...]:
    """An array's shape; raises ``DamagedPickleError`` where it is none."""
    if not isinstance(shape, tuple) or len(shape) > MAX_DIMENSIONS:
        raise DamagedPickleError("an array's shape is damaged")
    sizes = [size for size in shape if isinstance(size, int) and size >= 0]
    if len(sizes) != len(shape):
        raise DamagedPickleError("an array's shape is damaged")
    return tuple(sizes)


def array_of_bytes(
    content: object, dtype: object, shape: object, *, order: object, budget: Budget
) -> NDArray[np.generic]:
    """An array of exactly the bytes that its type and shape need, charged to the budget.

    Args:
        content: the bytes; texts are those of Python 2.
        dtype: a ``Dtype``.
        shape: a tuple of sizes.
        order: ``F`` for arrays that lie column by column.
        budget: pays for a copy.

    Raises:
        DamagedPickleError: they do not belong together.
    """
    if not isinstance(dtype, Dtype):
        raise DamagedPickleError("an array comes without a type")
    plain_dtype, sizes = dtype.dtype(), checked_shape(shape)
    if not isinstance(content, str | bytes | bytearray):
        raise DamagedPickleError("an array's content is no string of bytes")
    expected = math.prod(sizes) * plain_dtype.itemsize
    if len(content) != expected:
        raise DamagedPickleError(
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
