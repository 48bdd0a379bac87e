"""The rows of foreign files are kept as they stood there, and make the file again."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from core.formats.bodies.prediction_files import read_foreign_predictions
from core.formats.bodies.source_rows import (
    MAX_FIELD_BYTES,
    ArrayContent,
    JsonContent,
    array_rows,
    changed_row,
    file_content,
    json_rows,
    row_fields,
)
from core.formats.read_notes import ReadNotes

KINDS = st.sampled_from(["<f4", "<f8", "<i8", "|b1", "<U7", "|S5", "<f2"])
SHAPES = st.sampled_from([(), (3,), (2, 3)])


@st.composite
def arrays(draw):
    """Arrays of any kind by name, some with an entry a row, and how many rows there are."""
    count = draw(st.integers(0, 4))
    made = {}
    for name in draw(st.lists(st.text(min_size=1, max_size=5), unique=True, max_size=4)):
        rows = () if draw(st.booleans()) else (count,)
        shape = (*rows, *draw(SHAPES))
        made[name] = draw(numpy_strategies.arrays(draw(KINDS), shape))
    return made, count


@given(arrays())
def test_arrays_come_back_bit_by_bit(made):
    by_name, count = made
    kept = array_rows("npz", by_name, count, ReadNotes())
    content = file_content(kept.heading, list(kept.rows))
    assert isinstance(content, ArrayContent)
    assert list(content.arrays) == list(by_name)
    for name, array in by_name.items():
        again = content.arrays[name]
        assert (again.dtype, again.shape) == (array.dtype, array.shape)
        assert again.tobytes() == array.tobytes()


def test_some_of_the_rows_make_a_file_of_these_rows():
    kept = array_rows(
        "npz", {"pose": np.arange(12.0).reshape(4, 3), "scale": np.float32(2)}, 4, ReadNotes()
    )
    content = file_content(kept.heading, [kept.rows[3], kept.rows[1]])
    assert content.arrays["pose"].tolist() == [[9, 10, 11], [3, 4, 5]]
    assert content.arrays["scale"] == 2


def test_an_array_for_all_rows_is_not_cut_though_it_has_as_many_entries():
    betas = np.arange(10.0)
    kept = array_rows("npz", {"betas": betas}, 10, ReadNotes(), shared=["betas"])
    assert file_content(kept.heading, kept.rows[:2]).arrays["betas"].tolist() == betas.tolist()


def test_what_is_too_large_for_a_row_is_left_out_and_told():
    notes = ReadNotes()
    meshes = np.zeros((2, MAX_FIELD_BYTES // 8 + 1))
    kept = array_rows("npz", {"verts": meshes, "cam": np.zeros((2, 3))}, 2, notes)
    assert list(file_content(kept.heading, list(kept.rows)).arrays) == ["cam"]
    assert any("'verts' is not kept" in notice for notice in notes.notices)


def test_a_changed_row_differs_in_the_named_fields_only():
    by_name = {"pose": np.random.default_rng(0).normal(size=(3, 72)), "annot_id": np.arange(3)}
    kept = array_rows("npz", by_name, 3, ReadNotes())
    changed = changed_row(kept.heading, kept.rows[1], {"pose": np.ones(72), "absent": 1})
    assert row_fields(kept.heading, changed)["pose"].tolist() == [1.0] * 72
    assert row_fields(kept.heading, changed)["annot_id"] == 1
    assert row_fields(kept.heading, kept.rows[1])["pose"].tobytes() == by_name["pose"][1].tobytes()


@pytest.mark.parametrize("entries", [[{"a": 0.1}, {"a": 1e-300}], {"7": {"a": 0.1}, "8": {"a": 2}}])
def test_json_comes_back_number_by_number(entries):
    document = {"ver": 0.1, "data": entries, "info": {"by": "ä"}}
    kept = json_rows("eft", document, "data")
    content = file_content(kept.heading, list(kept.rows))
    assert isinstance(content, JsonContent)
    assert json.dumps(content.document) == json.dumps(document)
    changed = changed_row(kept.heading, kept.rows[0], {"a": 5, "b": 6})
    assert row_fields(kept.heading, changed) == {"a": 5}


def test_readers_hand_on_every_row_betas_and_gender(tmp_path):
    count, rng = 4, np.random.default_rng(1)
    by_name = {
        "imgname": np.array([f"{number}.jpg" for number in range(count)]),
        "pose": rng.normal(0, 0.2, (count, 72)),
        "betas": rng.normal(size=(count, 16)),
        "gender": np.array(["m", "f", "n", "male"]),
        "has_smpl": np.array([1, 0, 1, 1]),
        "score": rng.random(count, np.float32),
    }
    file = tmp_path / "bodies.npz"
    np.savez(file, **by_name)
    found = read_foreign_predictions(file)
    assert found.entries.tolist() == [0, 2, 3]
    assert list(found.genders) == ["male", "neutral", "male"]
    assert list(found.body_names) == ["smpl"] * 3
    assert np.array_equal(found.all_betas, by_name["betas"][[0, 2, 3]])
    stream = io.BytesIO()
    content = file_content(found.source_rows.heading, list(found.source_rows.rows))
    np.savez(stream, **content.arrays)
    again = np.load(io.BytesIO(stream.getvalue()))
    assert list(again) == list(by_name)
    assert all(again[name].tobytes() == array.tobytes() for name, array in by_name.items())
