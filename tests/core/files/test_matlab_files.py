"""MATLAB files read like SciPy reads them, and forged ones are refused before they are unpacked."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import scipy.io

from core.files.matlab_files import (
    MatlabError,
    MatlabValue,
    is_matlab_hdf5,
    read_matlab,
    read_names,
)


@pytest.fixture(params=[False, True])
def saved(request: pytest.FixtureRequest, tmp_path: Path):
    def save(**values: object) -> Path:
        path = tmp_path / "a.mat"
        scipy.io.savemat(path, values, do_compression=request.param)
        return path

    return save


@pytest.mark.parametrize("kind", ["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def test_numbers_of_every_type_are_read(saved, kind: str) -> None:
    numbers = np.arange(24).reshape(2, 3, 4).astype(kind)
    path = saved(a=numbers, b=np.array([[1.5]]), e=np.zeros((0, 3)))
    found = read_matlab(path)
    np.testing.assert_array_equal(found["a"].numbers(), numbers)
    assert found["b"].number() == 1.5
    assert found["e"].number() is None
    assert found["e"].numbers().shape == (0, 3)
    assert read_names(path) == {"a": (2, 3, 4), "b": (1, 1), "e": (0, 3)}


def test_texts_cells_and_structs_are_read(saved) -> None:
    cells = np.empty((2, 2), dtype=object)
    cells[:] = [[1.0, "two"], [np.eye(2), {"x": 4.0}]]
    structs = np.empty((1, 3), dtype=[("name", object), ("value", object)])
    for index in range(3):
        structs[0, index] = (f"no {index}", float(index))
    found = read_matlab(saved(text="Größe", number="7", cells=cells, structs=structs))
    assert found["text"].text() == "Größe"
    assert found["number"].number() == 7
    first, third, second, fourth = found["cells"].cells
    assert (first.number(), second.text(), fourth.field(0, "x").number()) == (1, "two", 4)
    np.testing.assert_array_equal(third.numbers(), np.eye(2))
    value: MatlabValue = found["structs"]
    assert list(value.fields) == ["name", "value"]
    assert [value.field(index, "name").text() for index in range(3)] == ["no 0", "no 1", "no 2"]
    assert value.field(2, "value").number() == 2
    assert value.field(3, "value") is None
    assert value.field(0, "other") is None


def test_what_is_asked_for_in_vain_is_refused(saved) -> None:
    found = read_matlab(saved(text="abc", numbers=np.eye(2)))
    for ask in ("numbers", "number"):
        with pytest.raises(MatlabError):
            getattr(found["text"], ask)()
    with pytest.raises(MatlabError, match="4 numbers, expected one"):
        found["numbers"].number()
    with pytest.raises(MatlabError, match="expected a text"):
        found["numbers"].text()
    with pytest.raises(MatlabError, match="expected cells"):
        _ = found["numbers"].cells
    assert found["numbers"].fields == ()


def test_a_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"a": np.zeros((1, 1))}, do_compression=True)
    header = path.read_bytes()[:128]
    bomb = zlib.compress(bytes(200 << 20), 9)
    path.write_bytes(header + struct.pack("<2I", 15, len(bomb)) + bomb)
    with pytest.raises(MatlabError, match="unpacks to more"):
        read_matlab(path)


def test_other_versions_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM" + bytes(500))
    assert is_matlab_hdf5(path.read_bytes())
    with pytest.raises(MatlabError, match=r"version 7\.3"):
        read_matlab(path)
    path.write_bytes(b"something else")
    with pytest.raises(MatlabError):
        read_matlab(path)
    assert read_names(path) == {}
    assert read_names(tmp_path / "absent.mat") == {}


def test_a_value_that_ends_behind_its_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"a": np.eye(3)})
    content = path.read_bytes()
    for length in range(129, len(content), 5):
        path.write_bytes(content[:length])
        with pytest.raises(MatlabError):
            read_matlab(path)["a"].numbers()
