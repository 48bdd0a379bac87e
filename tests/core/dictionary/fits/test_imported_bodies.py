"""Foreign bodies are stored as they came, once, and found again by the fits made of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.types.fits import Origin
from core.types.foreign.imported_bodies import (
    BodyAsItCame,
    Conversion,
    NewBodyFile,
    NewImportedBody,
)

FILE = NewBodyFile(
    method="EFT", path="/d/eft.json", file_format="eft", heading="{}", options="{}", digest="a1"
)
BODY = BodyAsItCame(
    body_name="smplx",
    gender="male",
    betas=np.linspace(-1, 1, 16),
    pose_axis_angle=np.linspace(0, 1, 72, dtype=np.float32),
    camera_translation=np.float32([0.1, 0.2, 40]),
    conversion=Conversion.THROUGH_JOINTS,
    conversion_error_mm=3.25,
)


@pytest.fixture
def bodies(dictionary):
    return dictionary.imported_bodies


def rows(sample_id: int | None, *positions: int) -> list[NewImportedBody]:
    return [
        NewImportedBody(position=at, entry=b"row %d" % at, sample_id=sample_id, body=BODY)
        for at in positions
    ]


def test_a_fit_finds_the_body_it_was_made_of(dictionary, bodies, sample_id, make_fit):
    file_id = bodies.open_file(FILE)
    number = bodies.add(file_id, rows(sample_id, 7))[7]
    fit = replace(make_fit(sample_id, origin=Origin.IMPORTED), imported_body_id=number)
    (result,) = dictionary.fits.offer([fit])
    found = bodies.of_fits([result.fit_id])[result.fit_id]
    assert (found.id, found.position, found.sample_id) == (number, 7, sample_id)
    assert (found.file.path, found.file.method) == ("/d/eft.json", "EFT")
    assert found.body.betas.tolist() == BODY.betas.tolist()
    assert np.array_equal(found.body.pose_axis_angle, BODY.pose_axis_angle)
    assert found.body.conversion is Conversion.THROUGH_JOINTS
    assert found.body.conversion_error_mm == 3.25
    assert dictionary.fits.current_of(sample_id).imported_body_id == number


def test_the_same_file_again_is_the_same_rows(bodies, sample_id):
    first = bodies.open_file(FILE)
    before = bodies.add(first, rows(sample_id, 0, 1))
    again = bodies.open_file(replace(FILE, method="EFT again"))
    assert again == first
    assert bodies.add(again, rows(sample_id, 1, 2)) == {1: before[1], 2: before[1] + 1}
    assert [entry[0] for entry in bodies.entries(first)] == [0, 1, 2]
    other = bodies.open_file(replace(FILE, digest="b2"))
    assert other != first


def test_rows_that_are_no_ones_stay_in_their_order(bodies, sample_id):
    file_id = bodies.open_file(FILE)
    bodies.add(file_id, rows(sample_id, 1))
    bodies.add(file_id, [NewImportedBody(position=at, entry=b"left %d" % at) for at in (2, 0)])
    assert [(at, owner, entry) for at, _number, owner, entry in bodies.entries(file_id)] == [
        (0, None, b"left 0"),
        (1, sample_id, b"row 1"),
        (2, None, b"left 2"),
    ]


def test_a_row_of_a_removed_person_is_no_ones(dictionary, bodies, sample_id):
    dictionary.removals.people([sample_id])
    file_id = bodies.open_file(FILE)
    bodies.add(file_id, rows(sample_id, 0))
    assert [owner for _at, _number, owner, _entry in bodies.entries(file_id)] == [None]
