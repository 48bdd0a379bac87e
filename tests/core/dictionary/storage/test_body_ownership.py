"""A project never holds betas of two bodies, whoever writes at the same moment."""

from __future__ import annotations

import pytest

from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.predictions import NewPrediction


@pytest.fixture
def other(dictionary, project):
    """A second connection to the same project, as another process has it."""
    with Dictionary.open(project) as opened:
        yield opened


def prediction(make_fit, sample_id):
    return NewPrediction(sample_id=sample_id, parameters=make_fit(sample_id).parameters)


def test_the_first_bodies_stored_say_whose_they_are(dictionary, other, sample_id, make_fit):
    assert dictionary.setting("body_name") is None
    dictionary.offer([make_fit(sample_id)], body_name="A")
    assert other.setting("body_name") == "A"
    other.offer([make_fit(sample_id, loss=4.0)], body_name="A")
    assert len(other.history(sample_id)) == 2


def test_two_first_fits_with_two_bodies_do_not_mix(dictionary, other, sample_id, make_fit):
    """Both found a project without a body when they were loaded; one of them is the first."""
    dictionary.refuse_other_body("A")
    other.refuse_other_body("B")
    other.offer([make_fit(sample_id)], body_name="B")
    with pytest.raises(DictionaryError, match=r"'B'.*'A'.*nothing was stored"):
        dictionary.offer([make_fit(sample_id, loss=1.0)], body_name="A")
    assert [fit.losses.comparison for fit in dictionary.history(sample_id)] == [50.0]
    assert other.setting("body_name") == "B"


def test_another_body_chosen_before_the_first_batch_was_stored_stops_it(
    dictionary, other, sample_id, make_fit
):
    dictionary.claim_body("A")  # a first fit begins
    other.change_body("B", {"body_file": "/b.pkl"})  # there is nothing yet that would forbid it
    with pytest.raises(DictionaryError, match=r"'B'.*'A'"):
        dictionary.offer([make_fit(sample_id)], body_name="A")
    assert dictionary.history(sample_id) == []
    with pytest.raises(DictionaryError):
        dictionary.claim_body("A")


def test_predictions_of_another_body_are_refused(dictionary, other, sample_id, make_fit):
    other.store_predictions([prediction(make_fit, sample_id)], body_name="B")
    assert dictionary.setting("body_name") == "B"
    made = prediction(make_fit, sample_id)
    sets = dictionary.prediction_sets
    set_id = sets.open("mine", SetKind.IMPORTED, source="a file")
    for store in (
        lambda: dictionary.store_predictions([made], body_name="A"),
        lambda: sets.add(set_id, [made], body_name="A"),
        lambda: dictionary.corrections.keep_fit(
            make_fit(sample_id), made_from_fit_id=None, body_name="A"
        ),
    ):
        with pytest.raises(DictionaryError, match=r"'B'.*'A'"):
            store()
    assert len(sets.sample_ids(set_id)) == 0
    assert dictionary.history(sample_id) == []


def test_bodies_of_a_set_alone_hold_a_project_to_their_body(dictionary, other, sample_id, make_fit):
    sets = dictionary.prediction_sets
    set_id = sets.open("mine", SetKind.IMPORTED, source="a file")
    sets.add(set_id, [prediction(make_fit, sample_id)], body_name="A")
    with pytest.raises(DictionaryError, match=r"'A'.*'B'"):
        other.change_body("B", {"body_file": "/b.pkl"})
    assert other.setting("body_file") is None


def test_a_body_that_is_refused_settles_nothing(dictionary, make_fit):
    with pytest.raises(DictionaryError):
        dictionary.offer([make_fit(99)], body_name="A")
    assert dictionary.setting("body_name") is None
