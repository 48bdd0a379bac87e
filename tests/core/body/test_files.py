"""Users' own body files: read safely, refused with reasons."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse
import torch

from core.body.extra_joints import SMPL_HEAD_TOP_VERTEX
from core.engine.body.load_body import body_name, load_body, load_body_arrays
from core.engine.body.smpl_body import BodyModel
from core.errors import BodyFileError, UnsafePickleError

Entries = dict[str, Any]


def saved_pickle(folder: Path, entries: Entries) -> Path:
    path = folder / "SMPL_NEUTRAL.pkl"
    path.write_bytes(pickle.dumps(entries, protocol=2))
    return path


def saved_npz(folder: Path, entries: Entries) -> Path:
    path = folder / "body.npz"
    np.savez(path, **entries)
    return path


@pytest.mark.parametrize("save", [saved_pickle, saved_npz])
def test_a_body_gives_49_keypoints_from_either_kind_of_file(
    tmp_path: Path, entries: Entries, save: Callable[[Path, Entries], Path]
) -> None:
    body = load_body(save(tmp_path, entries), dtype=torch.float64)
    posed = body.posed(torch.zeros(2, 72, dtype=torch.float64), torch.zeros(2, 10).double())
    assert posed.keypoints.shape == (2, 49, 3)
    np.testing.assert_allclose(posed.keypoints[0, 0], entries["v_template"][0], atol=1e-12)


def test_smpls_own_mesh_uses_smpls_vertices(
    tmp_path: Path, entries_of: Callable[[int], Entries]
) -> None:
    """Nose, a toe, a finger tip and the top of the head, as SPIN numbers them."""
    entries = entries_of(6890)
    entries["J_regressor"] = scipy.sparse.csc_matrix(entries["J_regressor"])
    arrays = load_body_arrays(saved_pickle(tmp_path, entries))
    picked = {name: arrays.vertex_ids[name] for name in ("nose", "reye", "LSmallToe", "rpinky")}
    assert picked == {"nose": 332, "reye": 6260, "LSmallToe": 3226, "rpinky": 6133}
    body = BodyModel(arrays, name="made")
    assert np.flatnonzero(body.extra_regressor[3]).tolist() == [SMPL_HEAD_TOP_VERTEX]
    np.testing.assert_allclose(body.extra_regressor.sum(axis=1), 1, atol=1e-6)


def test_another_mesh_must_name_its_vertices(
    tmp_path: Path, entries_of: Callable[[int], Entries]
) -> None:
    with pytest.raises(BodyFileError, match=r"100 vertices.*6890"):
        load_body(saved_npz(tmp_path, entries_of(100)))


def test_vertex_names_and_indices_must_belong_together(tmp_path: Path, entries: Entries) -> None:
    for indices in (np.arange(3), np.arange(21) + 0.5):
        with pytest.raises(BodyFileError, match="vertex_indices"):
            load_body(saved_npz(tmp_path, {**entries, "vertex_indices": indices}))


def test_a_regressor_next_to_the_file_is_used(tmp_path: Path, entries: Entries) -> None:
    path = saved_npz(tmp_path, entries)
    without = load_body(path).extra_regressor
    regressor = np.zeros((9, 40))
    regressor[np.arange(9), np.arange(9)] = 1
    np.save(tmp_path / "J_regressor_extra.npy", regressor)
    np.testing.assert_array_equal(load_body(path).extra_regressor, regressor)
    assert np.abs(without - regressor).max() > 0.1


@pytest.mark.parametrize(
    "wrong", [np.full((9, 6890), 1 / 6890), np.zeros((9, 40)), np.full((9, 40), np.nan)]
)
def test_a_wrong_regressor_next_to_the_file_is_refused_by_name(
    tmp_path: Path, entries: Entries, wrong: np.ndarray
) -> None:
    path = saved_npz(tmp_path, entries)
    np.save(tmp_path / "J_regressor_extra.npy", wrong)
    with pytest.raises(BodyFileError, match=r"J_regressor_extra\.npy"):
        load_body(path)


@pytest.mark.parametrize(
    "damaged", [b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01"]
)
def test_a_damaged_regressor_next_to_the_file_is_refused_by_name(
    tmp_path: Path, entries: Entries, damaged: bytes
) -> None:
    path = saved_npz(tmp_path, entries)
    (tmp_path / "J_regressor_extra.npy").write_bytes(damaged)
    with pytest.raises(BodyFileError, match=r"J_regressor_extra\.npy"):
        load_body(path)


def test_the_name_tells_bodies_apart(tmp_path: Path, entries: Entries) -> None:
    path = saved_pickle(tmp_path, entries)
    first = load_body(path).name
    assert first.startswith("SMPL_NEUTRAL (")
    assert len(first) == len("SMPL_NEUTRAL (12345678)")
    assert first == body_name(path)
    entries["v_template"] = entries["v_template"] + 0.01
    assert load_body(saved_pickle(tmp_path, entries)).name != first


class TouchesAFile:
    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, (f"touch {self.witness}",)


def test_code_in_a_body_file_is_not_run(tmp_path: Path, entries: Entries) -> None:
    witness = tmp_path / "witness"
    with pytest.raises(UnsafePickleError, match="system"):
        load_body(saved_pickle(tmp_path, {**entries, "J": TouchesAFile(witness)}))
    assert not witness.exists()


def test_objects_in_an_npz_are_not_unpickled(tmp_path: Path, entries: Entries) -> None:
    witness = tmp_path / "witness"
    evil = np.array([TouchesAFile(witness)], dtype=object)
    path = tmp_path / "body.npz"
    np.savez(path, **{**entries, "J": evil})
    with pytest.raises(BodyFileError, match="cannot be read as an npz"):
        load_body(path)
    assert not witness.exists()


def test_what_is_no_body_file_is_refused_with_its_name(tmp_path: Path, entries: Entries) -> None:
    not_a_dict = tmp_path / "list.pkl"
    not_a_dict.write_bytes(pickle.dumps([1, 2]))
    garbage = tmp_path / "garbage.npz"
    garbage.write_bytes(b"garbage")
    other = tmp_path / "body.fbx"
    other.write_bytes(b"")
    for path, reason in (
        (not_a_dict, "expected a dict"),
        (garbage, "cannot be read as an npz"),
        (other, r"expected \.pkl or \.npz"),
        (tmp_path / "missing.npz", "cannot be read: No such file"),
        (saved_npz(tmp_path, {"a": np.eye(2)}), "v_template"),
    ):
        with pytest.raises(BodyFileError, match=reason) as caught:
            load_body(path)
        assert str(path) in str(caught.value)


def test_an_npz_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.body.safe_npz.MAX_UNPACKED_BYTES", 1000)
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("v_template.npy", bytes(100_000))
    with pytest.raises(BodyFileError, match="100000 bytes"):
        load_body(path)
