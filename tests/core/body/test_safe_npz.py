"""npz and npy files from outside: limits hold before anything is allocated."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.body.safe_npz import load_restricted_npy, load_restricted_npz
from core.errors import AnnotationError, BodyFileError, Cancelled
from core.progress import CancelToken

ARRAYS: dict[str, Any] = {
    "c": np.arange(12.0).reshape(3, 4),
    "fortran": np.asfortranarray(np.arange(12, dtype=np.int16).reshape(3, 4)),
    "big_endian": np.arange(3, dtype=">i4"),
    "flags": np.array([True, False]),
    "half": np.arange(3, dtype=np.float16),
    "names": np.array(["left", "größer"]),
    "bytes": np.array([b"a.jpg", b"b.jpg"]),
    "empty": np.zeros((0, 3)),
    "no_texts": np.array([""]),
    "scalar": np.float32(2.5),
}


def npy(description: str, shape: str, content: bytes = b"", order: str = "False") -> bytes:
    header = f"{{'descr': {description}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def npz(folder: Path, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    path = folder / "a.npz"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saved_comes_back(tmp_path: Path, save: Any) -> None:
    save(tmp_path / "a.npz", **ARRAYS)
    read = load_restricted_npz(tmp_path / "a.npz")
    assert read.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype
        assert read[name].flags.writeable


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_every_version_of_numpys_format_is_read(tmp_path: Path, version: tuple[int, int]) -> None:
    with (tmp_path / "a.npy").open("wb") as file:
        np.lib.format.write_array(file, ARRAYS["fortran"], version=version)
    np.testing.assert_array_equal(load_restricted_npy(tmp_path / "a.npy"), ARRAYS["fortran"])


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (npy("'<f8'", "(1000000000, 1000)", bytes(8)), "needs 8000000000000 bytes, found 8"),
        (npy("'<f8'", "(2,)", bytes(8)), "needs 16 bytes, found 8"),
        (npy("'<f8'", "(1,)", bytes(16)), "needs 8 bytes, found 16"),
        (npy("'<f8'", "(-1,)", bytes(8)), "not read"),
        (npy("'<f8'", "(" + "1, " * 40 + ")", bytes(8)), "not read"),
        (npy("'<U9999999'", "(0,)"), "not read"),
        (npy("'<U0'", "(100,)"), "not read"),
        (npy("[('a', '<f8')]", "(1,)", bytes(8)), "not read"),
        (npy("'<c8'", "(1,)", bytes(8)), "not read"),
        (npy("'<M8[s]'", "(1,)", bytes(8)), "not read"),
        (npy("__import__('os').getpid()", "(1,)", bytes(8)), "not read"),
        (b"\x93NUMPY\x01\x00\xff\xff", "header has 65535 bytes"),
        (b"\x93NUMPY\x09\x00", "not as numpy"),
        (b"", "not as numpy"),
    ],
)
def test_headers_are_compared_with_what_is_there(tmp_path: Path, member: bytes, said: str) -> None:
    with pytest.raises(BodyFileError, match="'pose': ") as caught:
        load_restricted_npz(npz(tmp_path, pose=member))
    assert said in str(caught.value)
    (tmp_path / "a.npy").write_bytes(member)
    with pytest.raises(BodyFileError, match=r"a\.npy: cannot be read as an npy"):
        load_restricted_npy(tmp_path / "a.npy")


def test_what_unpacks_to_far_more_than_the_file_is_refused(tmp_path: Path) -> None:
    zeros = npy("'|u1'", "(100000000,)", bytes(100_000_000))
    with pytest.raises(BodyFileError, match="unpacks to 100000"):
        load_restricted_npz(npz(tmp_path, zipfile.ZIP_DEFLATED, zeros=zeros))


def test_zeros_that_pack_well_are_read(tmp_path: Path) -> None:
    """Fits of people none of whom has one yet."""
    np.savez_compressed(tmp_path / "a.npz", pose=np.zeros((100_000, 72), np.float32))
    assert load_restricted_npz(tmp_path / "a.npz")["pose"].shape == (100_000, 72)


def test_too_many_small_numbers_are_refused_before_they_are_widened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.body.safe_npz.MAX_NUMBERS", 1000)
    with pytest.raises(BodyFileError, match="holds 1001 numbers"):
        load_restricted_npz(npz(tmp_path, a=npy("'|b1'", "(1001,)", bytes(1001))))


def test_a_flipped_byte_of_a_number_is_found(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", pose=np.ones(500))
    content = bytearray((tmp_path / "a.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "a.npz").write_bytes(bytes(content))
    with pytest.raises(BodyFileError, match="CRC"):
        load_restricted_npz(tmp_path / "a.npz")


def test_a_reading_can_be_cancelled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", pose=np.ones(5))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        load_restricted_npz(tmp_path / "a.npz", cancel=token)


def test_objects_that_are_texts_are_read_only_where_asked_for(tmp_path: Path) -> None:
    names = np.array(["a.jpg", "größer/b.jpg", b"c.jpg"], dtype=object)
    np.savez(tmp_path / "a.npz", imgname=names)
    with pytest.raises(BodyFileError, match=r"'imgname': it holds Python objects.*dtype=str"):
        load_restricted_npz(tmp_path / "a.npz")
    read = load_restricted_npz(tmp_path / "a.npz", objects_as_texts=True)
    assert read["imgname"].tolist() == ["a.jpg", "größer/b.jpg", "c.jpg"]


class RunsCode:
    """An object whose unpickling calls a function."""

    def __init__(self, *call: object) -> None:
        self.call = call

    def __reduce__(self) -> tuple[object, ...]:
        return self.call[0], self.call[1:]


@pytest.mark.parametrize("value", [{"a": 1}, None, [1, 2], np.eye(2), "code"])
def test_other_objects_are_refused_and_nothing_of_them_runs(tmp_path: Path, value: Any) -> None:
    witness = tmp_path / "witness"
    array = np.empty(1, dtype=object)
    array[0] = RunsCode(os.mkdir, str(witness)) if isinstance(value, str) else value
    np.savez(tmp_path / "a.npz", imgname=array)
    with pytest.raises(AnnotationError, match="imgname"):
        load_restricted_npz(tmp_path / "a.npz", kind=AnnotationError, objects_as_texts=True)
    assert not witness.exists()


def damaged(content: bytes) -> Iterator[bytes]:
    rng = np.random.default_rng(0)
    for length in range(0, len(content), 37):
        yield content[:length]
    for _ in range(150):
        broken = bytearray(content)
        for place in rng.integers(0, len(broken), 3):
            broken[place] = rng.integers(0, 256)
        yield bytes(broken)


def test_damage_is_the_files_own_error(tmp_path: Path) -> None:
    packed = io.BytesIO()
    np.savez_compressed(packed, **ARRAYS)
    for content in damaged(packed.getvalue()):
        path = tmp_path / "a.npz"
        path.write_bytes(content)
        try:
            load_restricted_npz(path)
        except BodyFileError:
            continue
