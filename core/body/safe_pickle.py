"""Reads pickles of arrays (SMPL bodies, the SMPLify pose prior) without running anything in them.

A pickle is a program: ``pickle.load`` on a file from outside runs whatever its author wished.
Three fences stand here. The opcodes are scanned before anything is built: sizes must fit the file,
and opcodes that reach for other objects are refused. Names are looked up in a fixed table, whole
(no attribute of a name can be reached). And what the table gives are stand-ins that only remember
(``pickle_stand_ins``); numpy and scipy are called afterwards, with checked values.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from pathlib import Path

from core.body import pickle_stand_ins as stand_ins
from core.errors import BodyFileError, UnsafePickleError
from core.foreign_files import foreign_file

MAX_FILE_BYTES = 512 * 2**20
"""SMPL with 300 betas has 250 MB."""

BUDGET_PER_BYTE = 4
"""Arrays may share content within the file; honest files need less than one byte per byte."""

MAX_OPCODES = 5_000_000
MAX_CHUMPY_NAMES = 1000
"""Each gets a class of its own; a real file uses a handful."""

MAX_MEMO_INDEX = 1_000_000
"""The unpickler's memo is as long as the largest index that the file names."""

_REMEDY = (
    "Nothing in the file was run. Use the SMPL file as its authors give it; "
    "do not open this one with other programs unless you know who made it."
)

_FORBIDDEN_OPCODES = frozenset(
    {"PERSID", "BINPERSID", "EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER"}
)
"""Persistent ids, the registry of extensions and out-of-band buffers: none is for arrays."""

_MEMO_OPCODES = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})


def _allowed_names() -> dict[tuple[str, str], object]:
    names: dict[tuple[str, str], object] = {
        ("numpy", "ndarray"): stand_ins.NumpyArray,
        ("numpy", "dtype"): stand_ins.Dtype,
        ("_codecs", "encode"): stand_ins.Latin1Bytes,
        ("collections", "OrderedDict"): dict,
    }
    for core in ("numpy.core", "numpy._core"):
        names[f"{core}.multiarray", "_reconstruct"] = stand_ins.NewArray
        names[f"{core}.multiarray", "scalar"] = stand_ins.NumpyScalar
        names[f"{core}.numeric", "_frombuffer"] = stand_ins.ArrayFromBuffer
    for builtins, registry in (("__builtin__", "copy_reg"), ("builtins", "copyreg")):
        names[builtins, "object"] = stand_ins.StandIn
        names[builtins, "set"] = stand_ins.StandIn
        names[builtins, "frozenset"] = stand_ins.StandIn
        names[builtins, "bytes"] = stand_ins.EmptyBytes
        names[registry, "_reconstructor"] = stand_ins.NewObject
    for layout in ("csc", "csr", "coo"):
        for kind in ("matrix", "array"):
            for module in ("scipy.sparse", f"scipy.sparse.{layout}", f"scipy.sparse._{layout}"):
                names[module, f"{layout}_{kind}"] = _sparse_stand_in(layout)
    return names


def _sparse_stand_in(layout: str) -> type[stand_ins.SparseMatrix]:
    return type(f"{layout}_matrix", (stand_ins.SparseMatrix,), {"layout": layout, "__slots__": ()})


class _ArrayUnpickler(pickle.Unpickler):
    """Looks names up in the table of this load; nothing is imported."""

    def __init__(self, content: bytes, path: Path) -> None:
        super().__init__(io.BytesIO(content), encoding="latin1")
        self._path = path
        self._names = _allowed_names()
        self._max_names = len(self._names) + MAX_CHUMPY_NAMES

    def find_class(self, module: str, name: str) -> object:  # type: ignore[override]
        """The stand-in for ``module.name``; raises ``UnsafePickleError`` for every other name."""
        if (module, name) not in self._names:
            if not _is_chumpy(module) or not name.isidentifier():
                raise UnsafePickleError(
                    f"the pickle asks for {module}.{name}, which arrays do not need.",
                    path=self._path,
                    remedy=_REMEDY,
                )
            if len(self._names) >= self._max_names:
                raise pickle.UnpicklingError(f"more than {MAX_CHUMPY_NAMES} names of chumpy")
            full_name = f"{module}.{name}"
            self._names[module, name] = type(
                full_name, (stand_ins.ChumpyObject,), {"__slots__": ()}
            )
        return self._names[module, name]

    def persistent_load(self, pid: object) -> object:
        """Refuse references to objects outside the file."""
        raise UnsafePickleError(
            f"the pickle refers to an object outside it ({str(pid)[:40]!r}).",
            path=self._path,
            remedy=_REMEDY,
        )


def load_restricted_pickle(path: Path) -> object:
    """The arrays and plain containers of a pickle file; no code of the file is run.

    Text of Python 2 files is read as latin1. Sparse matrices come as ``scipy.sparse`` CSC or CSR
    matrices, chumpy objects as the array they hold, objects without one as ``InertObject``.

    Raises:
        UnsafePickleError: the file asks for a name that arrays do not need; it is named.
        BodyFileError: the file is missing, too large, or damaged.
    """
    with foreign_file(path, BodyFileError, expected="a pickle of arrays"):
        content = _read_limited(path)
        _scan_opcodes(content, path)
        built = _ArrayUnpickler(content, path).load()
        return stand_ins.plain_value(built, stand_ins.Budget(BUDGET_PER_BYTE * len(content)))


def _is_chumpy(module: str) -> bool:
    return module == "chumpy" or module.startswith("chumpy.")


def _read_limited(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise BodyFileError(
            f"the file has {size} bytes, more than the limit of {MAX_FILE_BYTES}.",
            path=path,
            remedy="Choose an SMPL body (.pkl or .npz).",
        )
    return path.read_bytes()


def _scan_opcodes(content: bytes, path: Path) -> None:
    """Refuse, before anything is built, what would take memory or reach outside the file.

    ``genops`` checks that every string's length lies within the file.
    """
    for count, (opcode, argument, _) in enumerate(pickletools.genops(content)):
        if opcode.name in _FORBIDDEN_OPCODES:
            raise UnsafePickleError(
                f"the pickle uses the opcode {opcode.name}, which arrays do not need.",
                path=path,
                remedy=_REMEDY,
            )
        too_large = opcode.name in _MEMO_OPCODES and int(argument or 0) > MAX_MEMO_INDEX
        if too_large or count > MAX_OPCODES:
            raise BodyFileError("the pickle asks for too much memory.", path=path)
