"""A project never holds betas of two bodies, even when two processes write at the same moment."""

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
    assert dictionary.settings.get("body_name") is None
    dictionary.fits.offer([make_fit(sample_id)], body_name="A")
    assert other.settings.get("body_name") == "A"
    other.fits.offer([make_fit(sample_id, loss=4.0)], body_name="A")
    assert len(other.fits.history(sample_id)) == 2


def test_two_first_fits_with_two_bodies_do_not_mix(dictionary, other, sample_id, make_fit):
    """Both found a project without a body when they were loaded; one of them is the first."""
    dictionary.body.refuse_other("A")
    other.body.refuse_other("B")
    other.fits.offer([make_fit(sample_id)], body_name="B")
    with pytest.raises(DictionaryError, match=r"'B'.*'A'.*nothing was stored"):
        dictionary.fits.offer([make_fit(sample_id, loss=1.0)], body_name="A")
    assert [fit.losses.comparison for fit in dictionary.fits.history(sample_id)] == [50.0]
    assert other.settings.get("body_name") == "B"


def test_another_body_chosen_before_the_first_batch_was_stored_stops_it(
    dictionary, other, sample_id, make_fit
):
    dictionary.body.claim("A")  # a first fit begins
    other.body.change("B", {"body_file": "/b.pkl"})  # there is nothing yet that would forbid it
    with pytest.raises(DictionaryError, match=r"'B'.*'A'"):
        dictionary.fits.offer([make_fit(sample_id)], body_name="A")
    assert dictionary.fits.history(sample_id) == []
    with pytest.raises(DictionaryError):
        dictionary.body.claim("A")


def test_predictions_of_another_body_are_refused(dictionary, other, sample_id, make_fit):
    other.predictions.store([prediction(make_fit, sample_id)], body_name="B")
    assert dictionary.settings.get("body_name") == "B"
    made = prediction(make_fit, sample_id)
    sets = dictionary.prediction_sets
    set_id = sets.open("mine", SetKind.IMPORTED, source="a file")
    for store in (
        lambda: dictionary.predictions.store([made], body_name="A"),
        lambda: sets.add(set_id, [made], body_name="A"),
        lambda: dictionary.corrections.keep_fit(
            make_fit(sample_id), made_from_fit_id=None, body_name="A"
        ),
    ):
        with pytest.raises(DictionaryError, match=r"'B'.*'A'"):
            store()
    assert len(sets.sample_ids(set_id)) == 0
    assert dictionary.fits.history(sample_id) == []


def test_bodies_of_a_set_alone_hold_a_project_to_their_body(dictionary, other, sample_id, make_fit):
    sets = dictionary.prediction_sets
    set_id = sets.open("mine", SetKind.IMPORTED, source="a file")
    sets.add(set_id, [prediction(make_fit, sample_id)], body_name="A")
    with pytest.raises(DictionaryError, match=r"'A'.*'B'"):
        other.body.change("B", {"body_file": "/b.pkl"})
    assert other.settings.get("body_file") is None


def test_a_body_that_is_refused_settles_nothing(dictionary, make_fit):
    with pytest.raises(DictionaryError):
        dictionary.fits.offer([make_fit(99)], body_name="A")
    assert dictionary.settings.get("body_name") is None
