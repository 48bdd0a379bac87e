"""Reads what ``torch.save`` wrote, without running anything in it and without ``torch.load``.

``torch.load(weights_only=True)`` runs nothing either, but it builds whatever sizes a file states,
refuses the numpy numbers that many checkpoints hold beside their weights unless they are allowed
for the whole process, and tells of it in advice on how to switch the check off. So the pickle
inside goes through the machine that reads SMPL files (``core.body.pickle_machine``), which gives
descriptions of tensors. Their sizes are compared with what the file holds; then they are built.

Both layouts are read: the zip archive of today, and the one before PyTorch 1.6, in which SPIN's
checkpoints were released.
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.body.pickle_machine import PickleMachine
from core.body.pickled_arrays import Budget, CheckedDict, DamagedPickleError, StandIn, plain_value
from core.body.restricted_unpickler import array_names
from core.errors import UserFileError

MAX_FILE_BYTES = 8 << 30
MAX_PICKLE_BYTES = 64 << 20
"""Of the description alone; the numbers of tensors lie beside it."""

LEAST_BUDGET_BYTES = 256 << 20
BUDGET_PER_BYTE = 2
"""Tensors may share their numbers, as tied weights do; each still counts in full."""

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_OLD_PROTOCOL = 1001
_MAX_DIMENSIONS = 16
_STORAGE_DTYPES: Mapping[str, torch.dtype] = {
    "DoubleStorage": torch.float64,
    "FloatStorage": torch.float32,
    "HalfStorage": torch.float16,
    "BFloat16Storage": torch.bfloat16,
    "LongStorage": torch.int64,
    "IntStorage": torch.int32,
    "ShortStorage": torch.int16,
    "CharStorage": torch.int8,
    "ByteStorage": torch.uint8,
    "BoolStorage": torch.bool,
}
_DTYPE_NAMES = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8",
                "uint8", "bool")  # fmt: skip


def read_torch_file(path: Path) -> object:
    """What was saved: tensors on the CPU, numbers, texts, numpy arrays and containers of them.

    Raises:
        UserFileError: the file asks for a name that weights do not need, which is named; or its
            tensors are larger than what it holds.
        Exception: whatever a damaged file makes zipfile and struct raise; read behind the door.
    """
    if path.stat().st_size > MAX_FILE_BYTES:
        raise UserFileError(
            f"has {path.stat().st_size} bytes, expected at most {MAX_FILE_BYTES}.", path=path
        )
    if zipfile.is_zipfile(path):
        with _Archive(path) as archive:
            return archive.read()
    return _OldFile(path).read()


@dataclass(frozen=True)
class _Storage:
    """A run of numbers that the file names, not yet read."""

    key: str
    dtype: torch.dtype
    count: int


class _StorageType:
    """Stands for ``torch.FloatStorage`` and its like in a persistent id."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.dtype = dtype


class _File(ABC):
    """One load: the table of names, the budget, the storages read so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.budget = Budget(LEAST_BUDGET_BYTES + BUDGET_PER_BYTE * path.stat().st_size)
        self._names = {**array_names(), **_torch_names(self)}
        self._storages: dict[str, Tensor] = {}

    @abstractmethod
    def read(self) -> object:
        """The saved value."""

    @abstractmethod
    def bytes_of(self, storage: _Storage) -> bytearray:
        """The bytes of a storage, exactly as many as it states."""

    def find_name(self, module: str, name: str) -> object:
        """What stands for a name; raises ``UserFileError`` where weights do not need it."""
        if (module, name) not in self._names:
            raise UserFileError(
                f"asks for {module:.100}.{name:.100}, which weights do not need.",
                path=self.path,
                remedy="Nothing in the file was run. Save its tensors and numbers alone, as "
                "torch.save(model.state_dict(), …) does.",
            )
        return self._names[module, name]

    def storage_of(self, persistent_id: object) -> _Storage:
        """The storage of ``('storage', type, key, device, count)``."""
        if type(persistent_id) is not tuple or len(persistent_id) not in (5, 6):
            raise DamagedPickleError("it refers to something that is no storage")
        kind, storage_type, key, _device, count, *view = persistent_id
        if kind != "storage" or not isinstance(storage_type, _StorageType) or any(view):
            raise DamagedPickleError("it refers to something that is no storage")
        if not isinstance(key, str) or type(count) is not int or count < 0:
            raise DamagedPickleError("a storage has a damaged description")
        return _Storage(key, storage_type.dtype, count)

    def numbers_of(self, storage: _Storage) -> Tensor:
        """The numbers ``(count,)`` of a storage; read once, however many tensors share them."""
        name = f"{storage.dtype} {storage.key}"
        if name not in self._storages:
            content = self.bytes_of(storage)
            self._storages[name] = (
                torch.frombuffer(content, dtype=storage.dtype)
                if storage.count
                else torch.empty(0, dtype=storage.dtype)
            )
        return self._storages[name]

    def run(self, stream: io.BytesIO) -> Any:
        """The next pickle of a stream, tensors and arrays built."""
        machine = PickleMachine(
            stream, find_name=self.find_name, budget=self.budget, persistent=self.storage_of
        )
        return plain_value(machine.run(), self.budget)


class _Archive(_File):
    """The zip archive: ``NAME/data.pkl`` and one stored member for each storage."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._zip = zipfile.ZipFile(path)
        self._check_sizes()
        pickles = [name for name in self._zip.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise DamagedPickleError(f"it is an archive with {len(pickles)} data.pkl, expected 1")
        self._folder = pickles[0].removesuffix("data.pkl")

    def __enter__(self) -> _Archive:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._zip.close()

    def _check_sizes(self) -> None:
        """What is unpacked is as large as what is packed: torch never compresses."""
        unpacked = sum(member.file_size for member in self._zip.infolist())
        if unpacked > self.path.stat().st_size:
            self._zip.close()
            raise UserFileError(
                f"unpacks to {unpacked} bytes from {self.path.stat().st_size}, expected no more.",
                path=self.path,
            )

    def read(self) -> object:
        order = f"{self._folder}byteorder"
        if order in self._zip.namelist() and self._zip.read(order) != b"little":
            raise UserFileError("was written on a machine of another byte order.", path=self.path)
        member = self._zip.getinfo(f"{self._folder}data.pkl")
        if member.file_size > MAX_PICKLE_BYTES:
            raise DamagedPickleError(f"its description has {member.file_size} bytes")
        return self.run(io.BytesIO(self._zip.read(member)))

    def bytes_of(self, storage: _Storage) -> bytearray:
        member = self._zip.getinfo(f"{self._folder}data/{storage.key}")
        expected_bytes = storage.count * storage.dtype.itemsize
        if member.file_size != expected_bytes:
            raise DamagedPickleError(
                f"storage {storage.key:.20} should have {expected_bytes} bytes, "
                f"found {member.file_size}"
            )
        return bytearray(self._zip.read(member))


class _OldFile(_File):
    """Before PyTorch 1.6: five pickles one after the other, then every storage with its count."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._content = b""
        self._offsets: dict[str, int] = {}
        self._described: dict[str, _Storage] = {}

    def storage_of(self, persistent_id: object) -> _Storage:
        storage = super().storage_of(persistent_id)
        if self._described.setdefault(storage.key, storage) != storage:
            raise DamagedPickleError("a storage is described twice")
        return storage

    def read(self) -> object:
        self._content = self.path.read_bytes()
        stream = io.BytesIO(self._content)
        if self.run(stream) != _MAGIC_NUMBER or self.run(stream) != _OLD_PROTOCOL:
            raise DamagedPickleError("it begins as no file of torch.save does")
        system = self.run(stream)
        if not isinstance(system, dict) or system.get("little_endian") is not True:
            raise UserFileError("was written on a machine of another byte order.", path=self.path)
        machine = PickleMachine(
            stream, find_name=self.find_name, budget=self.budget, persistent=self.storage_of
        )
        saved = machine.run()
        self._find_storages(self.run(stream), stream.tell())
        return plain_value(saved, self.budget)

    def _find_storages(self, keys: object, offset: int) -> None:
        for key in keys if isinstance(keys, list) else ():
            storage = self._described.get(key) if isinstance(key, str) else None
            if storage is None:
                raise DamagedPickleError("it holds a storage that no tensor uses")
            (count,) = struct.unpack_from("<q", self._content, offset)
            if count != storage.count:
                raise DamagedPickleError(f"a storage holds {count} numbers, not {storage.count}")
            self._offsets[storage.key] = offset + 8
            offset += 8 + count * storage.dtype.itemsize
        if offset > len(self._content):
            raise DamagedPickleError(f"it ends after {len(self._content)} of {offset} bytes")

    def bytes_of(self, storage: _Storage) -> bytearray:
        offset = self._offsets[storage.key]
        return bytearray(self._content[offset : offset + storage.count * storage.dtype.itemsize])


def _torch_names(file: _File) -> dict[tuple[str, str], object]:
    """What stands for torch's own names in this one load; nothing is allowed beyond it."""
    tensor = type("Tensor", (_TensorStandIn,), {"__slots__": (), "file": file})
    names: dict[tuple[str, str], object] = {
        ("torch._utils", "_rebuild_tensor_v2"): tensor,
        ("torch._utils", "_rebuild_tensor"): tensor,
        ("torch._utils", "_rebuild_parameter"): _ParameterStandIn,
        ("torch.nn.parameter", "Parameter"): _ParameterStandIn,
        ("torch", "Size"): _SizeStandIn,
        ("torch", "device"): _DeviceStandIn,
        ("collections", "Counter"): CheckedDict,
    }
    for name, dtype in _STORAGE_DTYPES.items():
        names["torch", name] = names["torch.storage", name] = _StorageType(dtype)
    for name in _DTYPE_NAMES:
        names["torch", name] = getattr(torch, name)
    return names


class _TensorStandIn(StandIn):
    """``_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks, …)``."""

    __slots__ = ()
    file: _File

    def value(self, budget: Budget) -> Tensor:
        """The tensor: a view of its storage that reaches each number once at most."""
        if len(self.arguments) < 4:
            raise DamagedPickleError("a tensor has a damaged description")
        storage, offset, size, stride = self.arguments[:4]
        if not isinstance(storage, _Storage):
            raise DamagedPickleError("a tensor comes without its numbers")
        shape, steps = _whole_numbers(size), _whole_numbers(stride)
        (start,) = _whole_numbers((offset,))
        if len(shape) != len(steps):
            raise DamagedPickleError("a tensor has a damaged shape")
        count = math.prod(shape)
        last = start + sum((size - 1) * step for size, step in zip(shape, steps, strict=True))
        if count and (count > storage.count or last >= storage.count):
            raise DamagedPickleError(
                f"a tensor of shape {shape} does not fit its {storage.count} numbers"
            )
        budget.spend(count * storage.dtype.itemsize)
        return self.file.numbers_of(storage).as_strided(shape, steps, start)


def _whole_numbers(values: object) -> tuple[int, ...]:
    if not isinstance(values, tuple | _SizeStandIn):
        raise DamagedPickleError("a tensor has a damaged shape")
    numbers = values.numbers() if isinstance(values, _SizeStandIn) else values
    if len(numbers) > _MAX_DIMENSIONS or any(
        type(number) is not int or number < 0 for number in numbers
    ):
        raise DamagedPickleError("a tensor has a damaged shape")
    return tuple(numbers)


class _ParameterStandIn(StandIn):
    """``_rebuild_parameter(tensor, requires_grad, hooks)``: the tensor."""

    __slots__ = ()

    def value(self, budget: Budget) -> object:
        """The tensor without its gradient."""
        inner = self.arguments[0] if self.arguments else None
        if not isinstance(inner, _TensorStandIn):
            raise DamagedPickleError("a parameter comes without its tensor")
        return inner.value(budget)


class _SizeStandIn(StandIn):
    """``torch.Size((2, 3))``."""

    __slots__ = ()

    def numbers(self) -> tuple[Any, ...]:
        """The sizes as written."""
        inner = self.arguments[0] if self.arguments else ()
        return tuple(inner) if isinstance(inner, list | tuple) else (None,)

    def value(self, budget: Budget) -> object:
        """A plain tuple."""
        del budget
        return _whole_numbers(self)


class _DeviceStandIn(StandIn):
    """``torch.device('cuda', 0)``."""

    __slots__ = ()

    def value(self, budget: Budget) -> object:
        """Its name: everything is read onto the CPU."""
        del budget
        kind = self.arguments[0] if self.arguments else ""
        return kind if isinstance(kind, str) else ""
