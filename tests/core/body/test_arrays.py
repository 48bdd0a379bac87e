"""Every array of a body is checked before smplx sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse

from core.body.arrays import BodyArrays, body_arrays_from
from core.body.conventions import PICKED_VERTEX_NAMES, SKELETON_PARENTS
from core.errors import BodyFileError

PATH = Path("body.npz")
IDS = {name: index for index, name in enumerate(PICKED_VERTEX_NAMES)}


def checked(entries: dict[str, Any], ids: dict[str, int] = IDS) -> BodyArrays:
    return body_arrays_from(entries, path=PATH, vertex_ids=ids)


def test_good_entries_come_through_in_one_type(entries: dict[str, Any]) -> None:
    arrays = checked(entries)
    assert arrays.num_vertices == 40
    assert arrays.posedirs.dtype == np.float64
    assert arrays.f.dtype == np.int64
    assert arrays.J_regressor_extra is None
    np.testing.assert_array_equal(arrays.v_template, entries["v_template"])


def test_the_roots_parent_is_minus_one_however_it_was_written(entries: dict[str, Any]) -> None:
    assert checked(entries).kintree_table[0].tolist() == list(SKELETON_PARENTS)
    entries["kintree_table"] = np.stack([np.array(SKELETON_PARENTS), np.arange(24)])
    assert checked(entries).kintree_table[0].tolist() == list(SKELETON_PARENTS)


def test_a_sparse_joint_regressor_becomes_dense(entries: dict[str, Any]) -> None:
    dense = entries["J_regressor"]
    entries["J_regressor"] = scipy.sparse.csc_matrix(dense)
    np.testing.assert_array_equal(checked(entries).J_regressor, dense)


def test_only_the_first_ten_betas_are_taken(entries: dict[str, Any]) -> None:
    many = np.random.default_rng(1).normal(size=(40, 3, 300))
    entries["shapedirs"] = many
    np.testing.assert_array_equal(checked(entries).shapedirs, many[:, :, :10])


@pytest.mark.parametrize(
    "name",
    ["v_template", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table", "f"],
)
def test_a_missing_array_is_named(entries: dict[str, Any], name: str) -> None:
    del entries[name]
    with pytest.raises(BodyFileError, match=rf"'{name}' is missing"):
        checked(entries)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("v_template", (40, 2)),
        ("v_template", ()),
        ("v_template", (0, 3)),
        ("shapedirs", (40, 3, 9)),
        ("posedirs", (40, 3, 459)),  # SMPL-H's 51 joints
        ("J_regressor", (52, 40)),
        ("weights", (41, 24)),
        ("kintree_table", (2, 52)),
        ("f", (50, 4)),
        ("f", (0, 3)),
    ],
)
def test_a_wrong_shape_is_named_with_both_shapes(
    entries: dict[str, Any], name: str, shape: tuple[int, ...]
) -> None:
    entries[name] = np.zeros(shape)
    with pytest.raises(BodyFileError, match=rf"'{name}' has shape .*expected"):
        checked(entries)


def test_values_that_are_no_numbers_are_refused(entries: dict[str, Any]) -> None:
    for bad in (object(), "text", np.array(["a"]), [[1], [2, 3]]):
        with pytest.raises(BodyFileError, match="no array of numbers"):
            checked({**entries, "weights": bad})


def test_values_that_are_not_finite_are_refused(entries: dict[str, Any]) -> None:
    entries["v_template"][3, 1] = np.nan
    with pytest.raises(BodyFileError, match="not finite"):
        checked(entries)


@pytest.mark.parametrize("bad", [-1, 40])
def test_faces_outside_the_mesh_are_refused(entries: dict[str, Any], bad: int) -> None:
    faces = entries["f"].astype(np.int64)
    faces[0, 0] = bad
    entries["f"] = faces
    with pytest.raises(BodyFileError, match=r"expected 0\.\.39"):
        checked(entries)


def test_another_skeleton_is_refused(entries: dict[str, Any]) -> None:
    entries["kintree_table"] = entries["kintree_table"].copy()
    entries["kintree_table"][0, 4] = 2
    with pytest.raises(BodyFileError, match="parents"):
        checked(entries)


def test_missing_or_impossible_picked_vertices_are_refused(entries: dict[str, Any]) -> None:
    with pytest.raises(BodyFileError, match="nose"):
        checked(entries, {name: index for name, index in IDS.items() if name != "nose"})
    with pytest.raises(BodyFileError, match="outside"):
        checked(entries, {**IDS, "nose": 6889})


def test_an_extra_regressor_of_another_body_is_refused(entries: dict[str, Any]) -> None:
    entries["J_regressor_extra"] = np.zeros((9, 6890))
    with pytest.raises(BodyFileError, match="J_regressor_extra"):
        checked(entries)
