"""Taking back a run: what was current before is current again, and people's words stand."""

from __future__ import annotations

import pytest

from core.dictionary.records import RunStatus
from core.errors import NoSuchRecordError
from core.records import Verdict


@pytest.fixture
def run_id(dictionary):
    return dictionary.start_run("train", configuration={}, versions={})


def offered(dictionary, make_fit, sample_id, loss, **kwargs):
    return dictionary.offer([make_fit(sample_id, loss=loss, **kwargs)])[0].fit_id


def test_the_fit_before_the_run_is_current_again(dictionary, sample_id, make_fit, run_id):
    first = offered(dictionary, make_fit, sample_id, 90.0)
    for iteration in (1, 2, 3):
        offered(
            dictionary, make_fit, sample_id, 50.0 - iteration, run_id=run_id, iteration=iteration
        )
    assert dictionary.withdraw_run(run_id) == 1
    assert dictionary.current_fit(sample_id).id == first
    assert len(dictionary.history(sample_id)) == 4
    assert dictionary.problems() == []


def test_only_iterations_after_the_resume_are_taken_back(dictionary, sample_id, make_fit, run_id):
    kept = offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    offered(dictionary, make_fit, sample_id, 40.0, run_id=run_id, iteration=2)
    offered(dictionary, make_fit, sample_id, 30.0, run_id=run_id, iteration=3)
    assert dictionary.withdraw_run(run_id, after_iteration=1) == 1
    assert dictionary.current_fit(sample_id).id == kept


def test_a_sample_without_fit_is_without_again(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    dictionary.withdraw_run(run_id)
    assert dictionary.current_fit(sample_id) is None


def test_a_fit_with_a_verdict_stays(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 90.0)
    accepted = offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    dictionary.set_verdicts({sample_id: Verdict.ACCEPTED}, author="maria")
    assert dictionary.withdraw_run(run_id) == 0
    assert dictionary.current_fit(sample_id).id == accepted


def test_what_a_person_made_current_between_comes_back(dictionary, sample_id, make_fit, run_id):
    offered(dictionary, make_fit, sample_id, 90.0)
    chosen = offered(dictionary, make_fit, sample_id, 95.0)
    offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    dictionary.make_current(sample_id, chosen, author="maria")
    offered(dictionary, make_fit, sample_id, 40.0, run_id=run_id, iteration=2)
    dictionary.withdraw_run(run_id)
    assert dictionary.current_fit(sample_id).id == chosen


def test_another_run_is_left_alone(dictionary, sample_id, make_fit, run_id):
    other = dictionary.start_run("train", configuration={}, versions={})
    offered(dictionary, make_fit, sample_id, 50.0, run_id=run_id, iteration=1)
    theirs = offered(dictionary, make_fit, sample_id, 40.0, run_id=other, iteration=1)
    assert dictionary.withdraw_run(run_id) == 0
    assert dictionary.current_fit(sample_id).id == theirs


def test_an_ended_run_can_go_on(dictionary, run_id):
    dictionary.end_run(run_id, RunStatus.CANCELLED)
    dictionary.continue_run(run_id)
    run = dictionary.runs()[0]
    assert (run.status, run.ended_at) == (RunStatus.RUNNING, None)
    with pytest.raises(NoSuchRecordError):
        dictionary.continue_run(run_id + 1)
