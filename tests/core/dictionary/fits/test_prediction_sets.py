"""Predictions kept under a name stay as they are until they are deleted."""

from __future__ import annotations

import numpy as np
import pytest

from core.dictionary.fits.prediction_sets import SetKind
from core.errors import DictionaryError, NoSuchRecordError
from core.types.bodies import BodyParameters
from core.types.predictions import NewPrediction


def prediction(sample_id, value=0.25):
    return NewPrediction(
        sample_id=sample_id,
        parameters=BodyParameters(
            np.full(72, value, np.float32),
            np.full(10, value, np.float32),
            np.array([0, 0, 40 + value], np.float32),
        ),
    )


@pytest.fixture
def ids(dictionary, make_sample):
    return dictionary.samples.add([make_sample(number) for number in range(3)]).added_ids


@pytest.fixture
def sets(dictionary):
    return dictionary.prediction_sets


def test_a_set_gives_back_what_was_put_in_and_knows_where_it_comes_from(sets, ids):
    made = sets.open("EFT", SetKind.IMPORTED, source="eft.json")
    sets.add(made, [prediction(ids[0], 0.5), prediction(ids[2], 0.75)])
    kept = sets.named("eft")
    assert (kept.name, kept.kind, kept.source, kept.size) == ("EFT", "imported", "eft.json", 2)
    assert sets.sample_ids(made).tolist() == [ids[0], ids[2]]
    bodies = sets.bodies(made, ids)
    assert set(bodies) == {ids[0], ids[2]}
    assert bodies[ids[2]].camera_translation[2] == np.float32(40.75)
    assert bodies[ids[0]].pose_axis_angle.tolist() == [0.5] * 72


def test_latest_predictions_are_copied_and_not_followed(dictionary, sets, ids):
    dictionary.predictions.store([prediction(sample_id, 0.1) for sample_id in ids])
    assert sets.keep_latest("before") == 3
    dictionary.predictions.store([prediction(sample_id, 0.9) for sample_id in ids])
    assert sets.named("before").source == "a regressor of no run"
    before = sets.bodies(sets.named("before").id, ids)
    assert {float(body.betas[0]) for body in before.values()} == {np.float32(0.1)}


def test_nothing_is_kept_of_no_predictions(sets, ids):
    with pytest.raises(DictionaryError, match="no predictions"):
        sets.keep_latest("before")
    assert sets.all() == []


def test_opening_the_same_set_again_goes_on_with_it(sets, ids):
    first = sets.open("mine", SetKind.RUN, source="a.pt")
    sets.add(first, [prediction(ids[0], 0.1)])
    assert sets.open("Mine", SetKind.RUN, source="a.pt") == first
    sets.add(first, [prediction(ids[0], 0.2), prediction(ids[1], 0.3)])
    assert sets.named("mine").size == 2
    assert sets.bodies(first, [ids[0]])[ids[0]].betas[0] == np.float32(0.2)


def test_a_name_belongs_to_one_set(sets, ids):
    sets.open("mine", SetKind.RUN, source="a.pt")
    other = sets.open("other", SetKind.RUN, source="b.pt")
    with pytest.raises(DictionaryError, match=r"'MINE' already; it comes from a\.pt"):
        sets.open("MINE", SetKind.RUN, source="b.pt")
    with pytest.raises(DictionaryError, match="already"):
        sets.rename(other, " mine ")
    with pytest.raises(DictionaryError, match="needs a name"):
        sets.rename(other, "  ")
    sets.rename(other, "Other")
    assert [prediction_set.name for prediction_set in sets.all()] == ["mine", "Other"]


def test_a_deleted_set_takes_its_predictions_along(dictionary, sets, ids):
    made = sets.open("mine", SetKind.RUN, source="a.pt")
    sets.add(made, [prediction(sample_id) for sample_id in ids])
    sets.delete(made)
    assert sets.all() == []
    assert dictionary._connection.scalar("SELECT count(*) FROM set_predictions") == 0
    with pytest.raises(NoSuchRecordError):
        sets.delete(made)
    with pytest.raises(NoSuchRecordError, match="it has none"):
        sets.named("mine")


def test_a_broken_prediction_keeps_the_whole_batch_out(sets, ids):
    made = sets.open("mine", SetKind.RUN, source="a.pt")
    with pytest.raises(DictionaryError, match="not finite"):
        sets.add(made, [prediction(ids[0]), prediction(ids[1], np.nan)])
    with pytest.raises(DictionaryError):
        sets.add(made, [prediction(ids[0]), prediction(999)])
    assert sets.named("mine").size == 0
