"""Pickles of results: arrays, numbers, texts and containers of them, whatever program made them.

Nothing in them is run (``core.body.pickle_machine``). Beside plain pickles those of joblib are
read, packed or not. Tensors of PyTorch, which PHALP leaves among its arrays, become nothing.
"""

from __future__ import annotations

from pathlib import Path

from core.body import pickled_arrays
from core.body.restricted_unpickler import array_names, restricted_value
from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.bodies.pickles.joblib_arrays import JoblibArray
from core.formats.bodies.pickles.packed_files import unpacked

MAX_OPCODES = 20_000_000
"""A person in a frame takes some five hundred."""

_REMEDY = (
    "Nothing in the file was run. Save what it holds as an npz, or give another file; do not open "
    "this one with other programs unless you know who made it."
)


def result_names() -> dict[tuple[str, str], object]:
    """What pickles of results may name beside arrays."""
    names = array_names()
    names["joblib.numpy_pickle", "NumpyArrayWrapper"] = JoblibArray
    names["collections", "defaultdict"] = _DefaultDict
    for module in ("builtins", "__builtin__"):
        for name in ("dict", "list", "int", "float", "tuple", "str"):
            names[module, name] = type(name, (pickled_arrays.StandIn,), {"__slots__": ()})
    for name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
        names["torch._utils", name] = _Tensor
    names["torch.storage", "_load_from_bytes"] = _Tensor
    return names


class _Tensor(pickled_arrays.StandIn):
    __slots__ = ()


class _DefaultDict(pickled_arrays.StandIn):
    """``collections.defaultdict(factory)``: a plain dict."""

    __slots__ = ()

    def __new__(cls, *_factory: object) -> dict[object, object]:  # type: ignore[misc]
        return {}


def load_results(path: Path) -> object:
    """The value of a pickle of results; see the module.

    Raises:
        UnsafePickleError: it asks for a name that results do not need; it is named.
        AnnotationError: the file is missing, too large, or damaged.
    """
    with foreign_file(path, AnnotationError, expected="a pickle of results"):
        return restricted_value(
            unpacked(path), path, names=result_names(), remedy=_REMEDY, max_opcodes=MAX_OPCODES
        )
