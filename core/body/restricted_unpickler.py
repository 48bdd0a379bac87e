"""Reads pickles of arrays (SMPL bodies, the SMPLify pose prior) without running anything in them.

A pickle is a program: ``pickle.load`` on a file from outside runs whatever its author wished. So
the interpreter's unpickler never sees it. A machine of our own (``pickle_machine``) knows the few
opcodes that arrays need and charges a budget as values are made. Names are looked up in a fixed
table, whole (no attribute of a name can be reached). And what the table gives are stand-ins that
only remember (``pickle_stand_ins``); numpy and scipy are called afterwards, with checked values.
"""

from __future__ import annotations

from pathlib import Path

from core.body import pickled_arrays
from core.body.pickle_machine import MAX_OPCODES, ForbiddenOpcodeError, run_pickle
from core.errors import BodyFileError, UnsafePickleError
from core.files.foreign_files import foreign_file

MAX_FILE_BYTES = 512 * 2**20
"""SMPL with 300 betas has 250 MB."""

BUDGET_PER_BYTE = 4
"""Arrays may share content within the file; honest files need less than one byte per byte."""

LEAST_BUDGET_BYTES = 64 * 2**20
"""A file of nothing but small values may take this much, however short it is."""

MAX_CHUMPY_NAMES = 1000
"""Each gets a class of its own; a real file uses a handful."""

_REMEDY = (
    "Nothing in the file was run. Use the SMPL file as its authors give it; "
    "do not open this one with other programs unless you know who made it."
)


def array_names() -> dict[tuple[str, str], object]:
    """What pickles of arrays may name, under the names of Python 2 and 3, numpy 1 and 2."""
    names: dict[tuple[str, str], object] = {
        ("numpy", "ndarray"): pickled_arrays.NumpyArray,
        ("numpy", "dtype"): pickled_arrays.Dtype,
        ("_codecs", "encode"): pickled_arrays.Latin1Bytes,
        ("collections", "OrderedDict"): pickled_arrays.CheckedDict,
    }
    for core in ("numpy.core", "numpy._core"):
        names[f"{core}.multiarray", "_reconstruct"] = pickled_arrays.NewArray
        names[f"{core}.multiarray", "scalar"] = pickled_arrays.NumpyScalar
        names[f"{core}.numeric", "_frombuffer"] = pickled_arrays.ArrayFromBuffer
    for builtins, registry in (("__builtin__", "copy_reg"), ("builtins", "copyreg")):
        names[builtins, "object"] = pickled_arrays.StandIn
        names[builtins, "set"] = pickled_arrays.StandIn
        names[builtins, "frozenset"] = pickled_arrays.StandIn
        names[builtins, "bytes"] = pickled_arrays.EmptyBytes
        names[registry, "_reconstructor"] = pickled_arrays.NewObject
    for layout in ("csc", "csr", "coo"):
        for kind in ("matrix", "array"):
            for module in ("scipy.sparse", f"scipy.sparse.{layout}", f"scipy.sparse._{layout}"):
                names[module, f"{layout}_{kind}"] = _sparse_stand_in(layout)
    return names


def _sparse_stand_in(layout: str) -> type[pickled_arrays.SparseMatrix]:
    return type(
        f"{layout}_matrix", (pickled_arrays.SparseMatrix,), {"layout": layout, "__slots__": ()}
    )


class _Names:
    """The table of one load, which grows by the names of chumpy that the file holds."""

    def __init__(self, path: Path, names: dict[tuple[str, str], object], remedy: str) -> None:
        self._path, self._names, self._remedy = path, names, remedy
        self._max_names = len(self._names) + MAX_CHUMPY_NAMES

    def find(self, module: str, name: str) -> object:
        """The stand-in for ``module.name``; raises ``UnsafePickleError`` for every other name."""
        if (module, name) not in self._names:
            if not _is_chumpy(module) or not name.isidentifier():
                raise UnsafePickleError(
                    f"the pickle asks for {module:.100}.{name:.100}, which arrays do not need.",
                    path=self._path,
                    remedy=self._remedy,
                )
            if len(self._names) >= self._max_names:
                raise pickled_arrays.DamagedPickleError(
                    f"more than {MAX_CHUMPY_NAMES} names of chumpy"
                )
            full_name = f"{module}.{name}"
            self._names[module, name] = type(
                full_name, (pickled_arrays.ChumpyObject,), {"__slots__": ()}
            )
        return self._names[module, name]


def load_restricted_pickle(path: Path) -> object:
    """The arrays and plain containers of a pickle file; no code of the file is run.

    Text of Python 2 files is read as latin1. Sparse matrices come as ``scipy.sparse`` CSC or CSR
    matrices, chumpy objects as the array they hold, objects without one as ``InertObject``.

    Raises:
        UnsafePickleError: the file asks for a name that arrays do not need; it is named.
        BodyFileError: the file is missing, too large, or damaged.
    """
    with foreign_file(path, BodyFileError, expected="a pickle of arrays"):
        return restricted_value(_read_limited(path), path, names=array_names())


def restricted_value(
    content: bytes,
    path: Path,
    *,
    names: dict[tuple[str, str], object],
    remedy: str = _REMEDY,
    max_opcodes: int = MAX_OPCODES,
) -> object:
    """The value of a pickle in memory, with stand-ins for the names it may use.

    To be called behind a door of ``core.files.foreign_files``: damage raises what it will.

    Args:
        content: the pickle.
        path: of its file, for messages.
        names: stand-ins by module and name; names of chumpy are added.
        remedy: what to do about a file that asks for more.
        max_opcodes: after which it is given up.

    Raises:
        UnsafePickleError: it asks for another name, or for an opcode that reaches outside.
        DamagedPickleError: it is none, or asks for too much memory.
    """
    built, budget = restricted_stand_ins(
        content, path, names=names, remedy=remedy, max_opcodes=max_opcodes
    )
    return pickled_arrays.plain_value(built, budget)


def restricted_stand_ins(
    content: bytes,
    path: Path,
    *,
    names: dict[tuple[str, str], object],
    remedy: str = _REMEDY,
    max_opcodes: int = MAX_OPCODES,
) -> tuple[object, pickled_arrays.Budget]:
    """What ``restricted_value`` makes values of, and the budget that is left for that."""
    budget = pickled_arrays.Budget(LEAST_BUDGET_BYTES + BUDGET_PER_BYTE * len(content))
    find_name = _Names(path, names, remedy).find
    try:
        built = run_pickle(content, find_name=find_name, budget=budget, max_opcodes=max_opcodes)
    except ForbiddenOpcodeError as error:
        raise UnsafePickleError(
            f"{error}, which arrays do not need.", path=path, remedy=remedy
        ) from error
    return built, budget


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
