"""Taking back a run: what was current before is current again, and people's words stand."""

from __future__ import annotations

import pytest

from core.errors import DictionaryError, NoSuchRecordError
from core.types.fits import OfferOutcome, Verdict
from core.types.predictions import NewPrediction
from core.types.runs import RunStatus


@pytest.fixture
def run_id(dictionary):
    return dictionary.runs.start("train", configuration={}, versions={})


def offered(dictionary, make_fit, sample_id, loss, **kwargs):
    return dictionary.fits.offer([make_fit(sample_id, loss=loss, **kwargs)])[0].fit_id


def test_the_fit_before_the_run_is_current_again(dictionary, sample_id, make_fit, run_id):
    first = offered(dictionary, make_fit, sample_id, 90.0)
    for iteration in (1, 2, 3):
        offered(
            dictionary, make_fit, sample_id, 50.0 - iteration, run_id=run_id, iteration=iteration
        )
    assert dictionary.runs.roll_back(run_id).samples == 1
    assert dictionary.fits.current_of(sample_id).id == first
    assert len(dictionary.fits.history(sample_id)) == 4
    assert dictionary.problems() == []


def test_only_iterations_after_the_resume_are_taken_back(dictionary, sample_id, make_fit, run_id):
    kept = offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    offered(dictionary, make_fit, sample_id, 40.0, run_id=run_id, iteration=2)
    offered(dictionary, make_fit, sample_id, 30.0, run_id=run_id, iteration=3)
    assert dictionary.runs.roll_back(run_id, after_iteration=1).samples == 1
    assert dictionary.fits.current_of(sample_id).id == kept


def test_a_sample_without_fit_is_without_again(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    dictionary.runs.roll_back(run_id)
    assert dictionary.fits.current_of(sample_id) is None


def test_a_fit_with_a_verdict_stays(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 90.0)
    accepted = offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, author="maria")
    assert dictionary.runs.roll_back(run_id).samples == 0
    assert dictionary.fits.current_of(sample_id).id == accepted


def test_what_a_person_made_current_between_comes_back(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 90.0)
    chosen = offered(dictionary, make_fit, sample_id, 95.0)
    offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    dictionary.fits.make_current(sample_id, chosen, author="maria")
    offered(dictionary, make_fit, sample_id, 40.0, run_id=run_id, iteration=2)
    dictionary.runs.roll_back(run_id)
    assert dictionary.fits.current_of(sample_id).id == chosen


def test_another_run_is_left_alone(dictionary, sample_id, make_fit, run_id):
    other = dictionary.runs.start("train", configuration={}, versions={})
    offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    theirs = offered(dictionary, make_fit, sample_id, 40.0, run_id=other, iteration=1)
    assert dictionary.runs.roll_back(run_id).samples == 0
    assert dictionary.fits.current_of(sample_id).id == theirs


def test_predictions_of_its_later_weights_go_with_what_was_made_of_them(
    dictionary, sample_id, make_fit, run_id
):
    parameters = make_fit(sample_id).parameters
    for iteration, gone in ((4, 0), (5, 1)):
        made_by = {"run_id": run_id, "iteration": iteration}
        dictionary.predictions.store(
            [NewPrediction(sample_id=sample_id, parameters=parameters, **made_by)]
        )
        withdrawal = dictionary.runs.roll_back(run_id, after_iteration=4)
        assert withdrawal.predictions == gone
        assert (dictionary.predictions.latest_of(sample_id) is None) == bool(gone)


def test_a_fit_that_is_made_again_counts_as_it_did(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 90.0)
    again = make_fit(sample_id, loss=50.0, run_id=run_id, iteration=3)
    first = dictionary.fits.offer([again])[0]
    dictionary.runs.roll_back(run_id)
    second = dictionary.fits.offer([again])[0]
    assert (second.fit_id, second.outcome) == (first.fit_id, OfferOutcome.BECAME_CURRENT)
    assert len(dictionary.fits.history(sample_id)) == 2
    # A later iteration that comes to the same body again is no repetition, but a circle.
    dictionary.runs.roll_back(run_id)
    later = dictionary.fits.offer([make_fit(sample_id, loss=50.0, run_id=run_id, iteration=4)])[0]
    assert later.outcome is OfferOutcome.KEPT


def test_how_many_judged_fits_stay_is_told(dictionary, sample_id, make_fit, run_id):
    judged = offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=2)
    dictionary.verdicts.set({sample_id: Verdict.REJECTED}, author="maria")
    withdrawal = dictionary.runs.roll_back(run_id, after_iteration=1)
    assert withdrawal.words() == "later fits that stay, because a person judged them: 1"
    assert dictionary.fits.current_of(sample_id).id == judged
    assert dictionary.runs.roll_back(run_id, after_iteration=2).words() == ""


def test_a_run_is_there_with_its_files_or_not_at_all(dictionary):
    def prepare(_run_id):
        raise DictionaryError("no room")

    with pytest.raises(DictionaryError, match="no room"):
        dictionary.runs.start("train", configuration={}, versions={}, prepare=prepare)
    assert dictionary.runs.all() == []


def test_an_ended_run_can_go_on(dictionary, run_id):
    dictionary.runs.end(run_id, RunStatus.CANCELLED)
    dictionary.runs.resume(run_id)
    run = dictionary.runs.all()[0]
    assert (run.status, run.ended_at) == (RunStatus.RUNNING, None)
    with pytest.raises(NoSuchRecordError):
        dictionary.runs.resume(run_id + 1)
