"""MATLAB files of version 5 to 7 as arrays, texts, cells and structs, read within limits.

SciPy's ``loadmat`` unpacks whatever a file asks for and follows nested values on the machine's
stack, where a forged file overflows it; a value is parsed here only when it is asked for. The
layout is that of MathWorks' "MAT-File Format"
(https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf). Objects, functions and sparse
matrices are known by name and not read; files of version 7.3 are HDF5.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

MOST_BYTES = 1 << 30
"""MPII's file has 20 MB and unpacks to a few hundred."""
FREE_BYTES, MOST_BYTES_PER_BYTE = 64 << 20, 100

_HEADER_BYTES = 128
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR = 1, 2, 4
_NUMERIC = range(6, 16)
_KINDS: Mapping[int, str] = MappingProxyType(
    {_CELL: "cell", _STRUCT: "struct", 3: "object", _CHAR: "char", 5: "sparse", 16: "function"}
)
_NUMBER_TYPES: Mapping[int, str] = MappingProxyType(
    {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
)
_TEXT_CODECS: Mapping[int, str] = MappingProxyType(
    {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
)
_NAME_BYTES = 4096
"""Type, shape and name of a variable stand in fewer."""
_MOST_DIMENSIONS = 32
_MOST_ELEMENTS = 1_000_000
"""Of one value: each takes more memory than its eight bytes."""


class MatlabError(ValueError):
    """The file is none that is read here, or contradicts itself; the message says how."""


@dataclass(frozen=True)
class _Bytes:
    """The content of a file or of one of its values. order: ``<`` or ``>``."""

    data: memoryview
    order: str

    def elements(self) -> Iterator[tuple[int, memoryview]]:
        """Type and content of element after element."""
        place = count = 0
        while place < len(self.data):
            count += 1
            if count > _MOST_ELEMENTS:
                raise MatlabError(f"a value of more than {_MOST_ELEMENTS} elements")
            kind, start, size, following = self._tag(place)
            if start + size > len(self.data):
                raise MatlabError(f"an element of {size} bytes ends behind its value")
            yield kind, self.data[start : start + size]
            place = following

    def _tag(self, place: int) -> tuple[int, int, int, int]:
        """Type, start and size of the element at a place, and the place of the next."""
        if place + 8 > len(self.data):
            raise MatlabError("an element is cut off")
        first, size = struct.unpack_from(f"{self.order}2I", self.data, place)
        if first >> 16:  # up to four bytes stand in the tag itself
            return first & 0xFFFF, place + 4, min(first >> 16, 4), place + 8
        padding = 0 if first == _COMPRESSED else -size % 8
        return first, place + 8, size, place + 8 + size + padding


@dataclass(frozen=True, eq=False)
class MatlabValue:
    """A variable, a cell or a field of a struct; its content is parsed when it is asked for."""

    name: str
    kind: str
    shape: tuple[int, ...]
    _parts: Sequence[tuple[int, memoryview]]
    _order: str

    @property
    def size(self) -> int:
        """How many numbers, cells, characters or structs it holds."""
        count = 1
        for side in self.shape:
            count *= side
        return count

    def numbers(self) -> NDArray[np.float64]:
        """An array of numbers in the variable's shape, imaginary parts left out.

        Raises:
            MatlabError: it holds anything else, or another number of them than it says.
        """
        if self.kind == "numbers" and self.size == 0:
            return np.zeros(self.shape)
        if self.kind != "numbers" or not self._parts:
            raise MatlabError(f"{self._called}: found {self.kind}, expected numbers")
        kind, data = self._parts[0]
        if kind not in _NUMBER_TYPES:
            raise MatlabError(f"{self._called}: numbers of an unknown type {kind}")
        kind_of_number = np.dtype(self._order + _NUMBER_TYPES[kind])
        values = np.frombuffer(
            data, dtype=kind_of_number, count=len(data) // kind_of_number.itemsize
        )
        if len(values) != self.size:
            raise MatlabError(f"{self._called}: {len(values)} numbers, expected {self.size}")
        return values.astype(np.float64).reshape(self.shape, order="F")

    def number(self) -> float | None:
        """A single number, whether as such or as text; None for an empty value.

        Raises:
            MatlabError: several, or none.
        """
        if self.size == 0:
            return None
        if self.kind == "char":
            try:
                return float(self.text())
            except ValueError as error:
                raise MatlabError(f"{self._called}: found a text, expected a number") from error
        numbers = self.numbers()
        if numbers.size != 1:
            raise MatlabError(f"{self._called}: {numbers.size} numbers, expected one")
        return float(numbers.flat[0])

    def text(self) -> str:
        """A row of characters; raises ``MatlabError`` for anything else."""
        if self.kind != "char" or (self.size and 1 not in self.shape[:1]):
            raise MatlabError(f"{self._called}: found {self.kind}, expected a text")
        if not self._parts:
            return ""
        kind, data = self._parts[0]
        codec = _TEXT_CODECS.get(kind)
        if codec is None:
            raise MatlabError(f"{self._called}: a text of an unknown type {kind}")
        suffix = ("-le" if self._order == "<" else "-be") if codec in ("utf-16", "utf-32") else ""
        return bytes(data).decode(codec + suffix)

    @cached_property
    def cells(self) -> Sequence[MatlabValue]:
        """The cells by column, as MATLAB counts; raises ``MatlabError`` for anything else."""
        if self.kind != "cell":
            raise MatlabError(f"{self._called}: found {self.kind}, expected cells")
        self._check_count(len(self._parts), 1)
        return [_matrix(data, self._order) for _kind, data in self._parts]

    @cached_property
    def fields(self) -> Sequence[str]:
        """The names of a struct's fields; none for a value that is empty or of another kind."""
        if self.kind != "struct" or len(self._parts) < 2:
            return ()
        (_kind, length_bytes), (_other, names) = self._parts[:2]
        if len(length_bytes) != 4:
            raise MatlabError(f"{self._called}: the length of its fields' names is cut off")
        (length,) = struct.unpack(f"{self._order}i", length_bytes)
        if length < 1 or len(names) % length:
            raise MatlabError(f"{self._called}: the names of its fields are cut off")
        packed = bytes(names)
        found = [packed[at : at + length] for at in range(0, len(packed), length)]
        return [name.split(b"\0")[0].decode("latin-1") for name in found]

    def field(self, index: int, name: str) -> MatlabValue | None:
        """A field of one of a struct's elements, by column; None where there is no such field."""
        if name not in self.fields:
            return None
        self._check_count(len(self._parts) - 2, len(self.fields))
        if not 0 <= index < self.size:
            return None
        _kind, data = self._parts[2 + index * len(self.fields) + self.fields.index(name)]
        return _matrix(data, self._order)

    def _check_count(self, found: int, per_element: int) -> None:
        if found != self.size * per_element:
            raise MatlabError(f"{self._called}: {found} values, expected {self.size * per_element}")

    @property
    def _called(self) -> str:
        return self.name or "a value"


def is_matlab(head: bytes) -> bool:
    """Whether a file of this beginning is one of MATLAB's, version 5 to 7."""
    return head[:6] == b"MATLAB" and head[126:128] in (b"IM", b"MI") and not is_matlab_hdf5(head)


def is_matlab_hdf5(head: bytes) -> bool:
    """Whether a file of this beginning is one of MATLAB's of version 7.3, which is HDF5."""
    return head[:10] == b"MATLAB 7.3"


def read_matlab(path: Path) -> Mapping[str, MatlabValue]:
    """The variables of a file by name; to be called behind ``core.files.foreign_files``' door.

    Raises:
        MatlabError: another version, a damaged file, or one that unpacks to more than its length
            accounts for.
        Exception: what zlib raises for what is damaged.
    """
    content = path.read_bytes()
    if is_matlab_hdf5(content[:_HEADER_BYTES]):
        raise MatlabError("it is of version 7.3 (HDF5), expected version 5 to 7: save it with -v7")
    if not is_matlab(content[:_HEADER_BYTES]):
        raise MatlabError("it is none of MATLAB's")
    order = "<" if content[126:128] == b"IM" else ">"
    budget = min(MOST_BYTES, FREE_BYTES + MOST_BYTES_PER_BYTE * len(content))
    found: dict[str, MatlabValue] = {}
    for kind, data in _Bytes(memoryview(content)[_HEADER_BYTES:], order).elements():
        if kind == _COMPRESSED:
            unpacked = _unpacked(data, budget)
            budget -= len(unpacked)
            inner = list(_Bytes(memoryview(unpacked), order).elements())
        else:
            inner = [(kind, data)]
        for inner_kind, inner_data in inner:
            if inner_kind == _MATRIX:
                value = _matrix(inner_data, order)
                found[value.name] = value
    return found


def read_names(path: Path) -> Mapping[str, tuple[int, ...]]:
    """The variables of a file by name with their shapes; none for any other or a damaged file.

    Only the beginning of each variable is unpacked.
    """
    found: dict[str, tuple[int, ...]] = {}
    try:
        content = path.read_bytes()
        if not is_matlab(content[:_HEADER_BYTES]):
            return {}
        order = "<" if content[126:128] == b"IM" else ">"
        for kind, data in _Bytes(memoryview(content)[_HEADER_BYTES:], order).elements():
            if kind == _COMPRESSED:
                data = memoryview(zlib.decompressobj().decompress(data, _NAME_BYTES))[8:]
            elif kind != _MATRIX:
                continue
            inner = _Bytes(data[:_NAME_BYTES], order).elements()
            _flags, (_dims, shape), (_text, name) = (next(inner) for _ in range(3))
            sides = np.frombuffer(shape, dtype=np.dtype(f"{order}i4"))
            found[bytes(name).decode("latin-1")] = tuple(int(side) for side in sides)
    except (MatlabError, OSError, ValueError, zlib.error, StopIteration, RuntimeError):
        return found
    return found


def _unpacked(data: memoryview, limit: int) -> bytes:
    decompressor = zlib.decompressobj()
    unpacked = decompressor.decompress(data, limit + 1)
    if len(unpacked) > limit:
        raise MatlabError("it unpacks to more than a file of its length does")
    return unpacked


def _matrix(data: memoryview, order: str) -> MatlabValue:
    """The value whose content this is; an empty one stands for an empty array of numbers."""
    parts = list(_Bytes(data, order).elements())
    if not parts:
        return MatlabValue("", "numbers", (0, 0), (), order)
    if len(parts) < 3 or len(parts[0][1]) < 4:
        raise MatlabError("a value without its type, size and name")
    (_flags_kind, flags), (_dims_kind, dims), (_name_kind, name) = parts[:3]
    (flag,) = struct.unpack_from(f"{order}I", flags)
    number = flag & 0xFF
    kind = "numbers" if number in _NUMERIC else _KINDS.get(number, f"values of type {number}")
    shape = tuple(int(side) for side in np.frombuffer(dims, dtype=np.dtype(f"{order}i4")))
    if not 1 <= len(shape) <= _MOST_DIMENSIONS or min(shape) < 0:
        raise MatlabError(f"a value of shape {shape}")
    return MatlabValue(bytes(name).decode("latin-1"), kind, shape, parts[3:], order)
