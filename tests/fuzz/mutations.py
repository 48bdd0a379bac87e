"""Strategies that make damaged and forged files of valid ones.

Half of the damage is blind: bytes flipped, cut, repeated, spliced. The other half knows the format
and keeps its checksums right, so that it reaches what lies behind them: values of JSON exchanged,
members of archives rewritten, arrays of other shapes and types, opcodes put into pickles.
"""

from __future__ import annotations

import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from hypothesis import strategies as st

STRANGE_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, -(2**63), 10**30, 10**400, 0.0, -0.5, 1e300, 1e400, -1e400,
    float("nan"), "", "x" * 300, "\ud800", "\0", "../../x", "0", "nan", [], [[]], {}, {"": {}},
    [None] * 51, ["1"] * 51, [1e38] * 75, [float("inf")] * 54, [[[[[[[[1]]]]]]]], [0] * 51,
)  # fmt: skip

_STRANGE_TEXTS = ("", "nan", "1e400", "-3", "x", "1,2", "1,2;3,4", "9" * 400)
ODD_BYTES = (0x00, 0x01, 0x28, 0x2E, 0x5D, 0x7F, 0x80, 0xFE, 0xFF)
BIG_NUMBERS = (0, 1, 0x7F, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 2**40, 2**63 - 1, 2**64 - 1)

OPCODES = (
    b"(", b"]", b"}", b")", b"N", b"2", b"0", b"1", b"t", b"l", b"d", b"a", b"e", b"s", b"u", b"R",
    b"b", b"\x81", b"\x85", b"\x86", b"\x87", b"\x88", b"\x89", b"\x8f", b"\x90", b"\x91", b"\x94",
    b"h\x00", b"q\x00", b"K\x05", b"J\xff\xff\xff\x7f", b"M\xff\xff", b"\x8a\x04\xff\xff\xff\x7f",
    b"G\x7f\xf0\0\0\0\0\0\0", b"X\x01\0\0\0a", b"U\x01b", b"C\x01c", b"cnumpy\nndarray\n",
    b"cnumpy\ndtype\n", b"ccollections\nOrderedDict\n", b"c_codecs\nencode\n", b"cchumpy.ch\nCh\n",
    b"cscipy.sparse\ncsc_matrix\n", b"cnumpy.core.multiarray\nscalar\n", b"cbuiltins\nset\n",
    b"cnumpy.core.multiarray\n_reconstruct\n", b"ctorch._utils\n_rebuild_tensor_v2\n", b"Q", b".",
)  # fmt: skip

Damage = Callable[[bytes], st.SearchStrategy[bytes]]


@st.composite
def blindly_damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """One to four changes that know nothing of the format."""
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw(st.sampled_from((1, 2, 4, 8, 64, 1000, len(content) // 2)))
        kind = draw(st.sampled_from(("flip", "odd", "number", "cut", "drop", "repeat", "insert")))
        content = _changed(draw, content, kind, place, length)
    return content


def _changed(draw: st.DrawFn, content: bytes, kind: str, place: int, length: int) -> bytes:
    before, after = content[:place], content[place:]
    if kind == "flip" and after:
        return before + bytes([after[0] ^ 1 << draw(st.integers(0, 7))]) + after[1:]
    if kind == "odd":
        return before + bytes([draw(st.sampled_from(ODD_BYTES))]) + after[1:]
    if kind == "number":
        size, order = draw(st.sampled_from((2, 4, 8))), draw(st.sampled_from(("little", "big")))
        number = draw(st.sampled_from(BIG_NUMBERS)) % 256**size
        return before + number.to_bytes(size, order) + after[size:]
    if kind == "cut":
        return before
    if kind == "drop":
        return before + after[length:]
    if kind == "repeat":
        return before + after[:length] + after
    return before + draw(st.binary(min_size=1, max_size=16)) + after


@st.composite
def damaged_text(draw: st.DrawFn, content: bytes) -> bytes:
    """JSON with values exchanged, removed, repeated or nested; now and then blind damage on top."""
    try:
        document = json.loads(content)
    except ValueError:
        return draw(blindly_damaged(content))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(list(_places(document))))
        document = _with(document, place, draw)
    changed = json.dumps(document, default=lambda _gone: None).encode()
    if draw(st.integers(0, 3)) == 0:
        changed = draw(blindly_damaged(changed))
    return changed


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, (*path, key))


def _with(document: Any, path: tuple[Any, ...], draw: st.DrawFn) -> Any:
    if path:
        inner = _with(document[path[0]], path[1:], draw)
        changed = dict(document) if isinstance(document, dict) else list(document)
        if len(path) == 1 and inner is _GONE:
            del changed[path[0]]
        else:
            changed[path[0]] = inner
        return changed
    kind = draw(st.sampled_from(("strange", "strange", "gone", "wrapped", "repeated", "deep")))
    if kind == "gone":
        return _GONE
    if kind == "wrapped":
        return [document]
    if kind == "repeated" and isinstance(document, list):
        return document * draw(st.sampled_from((2, 3, 50)))
    if kind == "deep":
        for _ in range(draw(st.sampled_from((3, 40, 400)))):
            document = [document]
        return document
    return draw(st.sampled_from(STRANGE_VALUES))


class _Gone:
    """Stands for a value that was removed; at the top it is written as null."""


_GONE = _Gone()


@st.composite
def damaged_xml(draw: st.DrawFn, content: bytes) -> bytes:
    """XML with attributes exchanged or removed, elements repeated; now and then blind damage."""
    if draw(st.integers(0, 3)) == 0:
        return draw(blindly_damaged(content))
    root = ET.fromstring(content)
    for _ in range(draw(st.integers(1, 4))):
        element = draw(st.sampled_from(list(root.iter())))
        kind = draw(st.sampled_from(("value", "value", "gone", "repeated", "deep", "tag")))
        if kind in ("value", "gone") and element.attrib:
            name = draw(st.sampled_from(sorted(element.attrib)))
            other = draw(
                st.sampled_from(("", "nan", "1e400", "-3", "x", "1,2", "1,2;3,4", "9" * 400))
            )
            element.attrib.pop(name) if kind == "gone" else element.set(name, other)
        elif kind == "repeated" and len(element):
            element.append(element[0])
        elif kind == "deep":
            for _ in range(draw(st.sampled_from((3, 40)))):
                element = ET.SubElement(element, "points", {"points": "1,2"})
        elif kind == "tag":
            element.tag = draw(st.sampled_from(("image", "track", "points", "box", "skeleton")))
    return ET.tostring(root)


@st.composite
def damaged_archive(draw: st.DrawFn, content: bytes) -> bytes:
    """A zip archive with members damaged, renamed, dropped or added; its checksums are right."""
    if draw(st.integers(0, 3)) == 0:
        return draw(blindly_damaged(content))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(members)))
        kind = draw(st.sampled_from(("blind", "array", "pickle", "renamed", "dropped", "swapped")))
        if kind == "array" and name.endswith(".npy"):
            members[name] = draw(damaged_array(members[name]))
        elif kind == "pickle" and name.endswith(".pkl"):
            members[name] = draw(damaged_pickle(members[name]))
        elif kind == "renamed":
            members[draw(st.sampled_from(("x.npy", "", "../x.npy", "x/data.pkl")))] = members[name]
        elif kind == "dropped" and len(members) > 1:
            del members[name]
        elif kind == "swapped":
            members[name] = members[draw(st.sampled_from(sorted(members)))]
        else:
            members[name] = draw(blindly_damaged(members[name]))
    return _zipped(members, draw(st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))))


def _zipped(members: dict[str, bytes], compression: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as archive:
        for name, member in members.items():
            archive.writestr(name or "empty", member)
    return packed.getvalue()


@st.composite
def damaged_array(draw: st.DrawFn, content: bytes) -> bytes:
    """An npy file of another shape, type or other numbers, or whose header lies."""
    if draw(st.integers(0, 2)) == 0:
        return draw(blindly_damaged(content))
    array = _loaded(content)
    if array is None:
        return draw(blindly_damaged(content))
    packed = io.BytesIO()
    try:
        np.save(packed, _other_array(draw, array), allow_pickle=True)
    except (TypeError, ValueError, OverflowError):
        return content
    return packed.getvalue()


def _loaded(content: bytes) -> Any:
    """The array, or None where it was damaged before: numpy raises what it likes."""
    try:
        return np.load(io.BytesIO(content), allow_pickle=False)
    except Exception:  # noqa: BLE001 - see above
        return None


_OTHER_ARRAYS = ("type", "shape", "fewer", "value", "objects", "scalar", "order")
_OTHER_TYPES = ("f2", "f4", "f8", ">f8", "i1", "u8", "?", "U3", "S2", "c16")


def _other_array(draw: st.DrawFn, array: Any) -> Any:
    kind = draw(st.sampled_from(_OTHER_ARRAYS))
    if kind == "type":
        wanted = draw(st.sampled_from(_OTHER_TYPES))
        with np.errstate(all="ignore"):
            return array.astype("S3" if array.dtype.kind in "US" else wanted)
    if kind == "shape":
        return array[None] if draw(st.booleans()) else array.ravel()
    if kind == "fewer":
        return array[: draw(st.integers(0, 2))] if array.ndim else array
    if kind == "value" and array.size and array.dtype.kind == "f":
        changed = array.copy().ravel()
        strange = draw(st.sampled_from((np.nan, np.inf, -np.inf, 1e300, 0.0, -1.0)))
        with np.errstate(all="ignore"):
            changed[draw(st.integers(0, changed.size - 1))] = strange
        return changed.reshape(array.shape)
    if kind == "objects":
        return np.array([draw(st.sampled_from(STRANGE_VALUES)) for _ in range(2)], dtype=object)
    if kind == "scalar":
        return np.asarray(draw(st.sampled_from((0, 1.5, "text", b"bytes", True))))
    return np.asfortranarray(array)


@st.composite
def damaged_pickle(draw: st.DrawFn, content: bytes) -> bytes:
    """A pickle with opcodes put in or taken out, or blind damage."""
    if draw(st.integers(0, 2)) == 0:
        return draw(blindly_damaged(content))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(content)))
        added = b"".join(draw(st.lists(st.sampled_from(OPCODES), min_size=1, max_size=5)))
        times = draw(st.sampled_from((1, 1, 1, 3, 30)))
        content = content[:place] + added * times + content[place:]
    return content


@st.composite
def other_objects(draw: st.DrawFn, value: Any) -> bytes:
    """A pickle of the same dict with entries exchanged, in any protocol."""
    changed = dict(value)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(changed)))
        other = draw(st.sampled_from((*changed.values(), *STRANGE_VALUES)))
        changed[name] = draw(st.sampled_from((other, [other], {"x": other}, (other,) * 3)))
    return pickle.dumps(changed, draw(st.integers(0, 5)))


def one_of_files(files: Sequence[bytes], damage: Damage) -> st.SearchStrategy[bytes]:
    """Damage to any of several files."""
    return st.one_of([damage(file) for file in files])
