"""npz archives whose arrays hold Python objects, such as the dicts of ``numpy.savez(…)``.

Plain arrays come as ``core.body.safe_npz`` reads them; what is pickled comes through the program's
own machine, as in ``foreign_pickles``.
"""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import BinaryIO, cast

from core.body.npy_arrays import read_npy_header
from core.body.pickled_arrays import NumpyArray, plain_value
from core.body.restricted_unpickler import restricted_stand_ins
from core.body.safe_npz import load_restricted_npz
from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.bodies.pickles.foreign_pickles import MAX_OPCODES, result_names
from core.progress import CancelToken

MAX_OBJECTS_BYTES = 256 << 20
_SUFFIX = ".npy"


def load_object_npz(path: Path, cancel: CancelToken | None = None) -> dict[str, object]:
    """Arrays by name, and in the place of arrays of objects the objects: one, or a list.

    Raises:
        UnsafePickleError: it asks for a name that results do not need; it is named.
        AnnotationError: the file is missing, damaged, or unpacks to too much.
        Cancelled: the user asked to stop.
    """
    objects: list[str] = []
    found: dict[str, object] = dict(
        load_restricted_npz(path, kind=AnnotationError, left_out=objects, cancel=cancel)
    )
    with foreign_file(path, AnnotationError, expected="an npz"), zipfile.ZipFile(path) as archive:
        for name in objects:
            with archive.open(name + _SUFFIX) as stream:
                found[name] = _object_of(cast("BinaryIO", stream), name, path)
    return found


def _object_of(stream: BinaryIO, name: str, path: Path) -> object:
    header = read_npy_header(stream)
    content = stream.read(MAX_OBJECTS_BYTES + 1)
    if len(content) > MAX_OBJECTS_BYTES:
        raise AnnotationError(
            f"'{name}' holds more than {MAX_OBJECTS_BYTES} bytes of objects.",
            path=path,
            remedy="Save less in one file: meshes ('verts') are not needed.",
        )
    array, budget = restricted_stand_ins(
        content, path, names=result_names(), max_opcodes=MAX_OPCODES
    )
    state = array.state if isinstance(array, NumpyArray) else None
    items = state[-1] if isinstance(state, tuple) and state else None
    if not isinstance(items, list) or (header.shape == () and len(items) != 1):
        raise AnnotationError(f"'{name}' is not what its header states.", path=path)
    values = [plain_value(item, budget) for item in items]
    return values[0] if header.shape == () else values
