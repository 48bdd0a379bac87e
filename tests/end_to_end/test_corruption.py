"""Thirty of the three hundred damages that ``benchmarks.corruption`` tries."""

from __future__ import annotations

from benchmarks.corruption import run_trial
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.types.predictions import NewPrediction
from tests.core.dictionary.conftest import new_fit, new_sample

PEOPLE = 40
"""Enough for most of the file to be theirs, and not of empty tables."""


def test_damage_that_people_would_see_is_told_and_none_is_a_traceback(tmp_path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(new_sample(number) for number in range(PEOPLE))
        everyone = range(1, PEOPLE + 1)
        run = dictionary.runs.start("training", configuration={"seed": 1}, versions={})
        for loss in (80.0, 40.0, 120.0):
            dictionary.fits.offer([new_fit(index, loss=loss, run_id=run) for index in everyone])
        dictionary.verdicts.set({1: Verdict.ACCEPTED, 2: Verdict.REJECTED}, "maria")
        bodies = [(index, new_fit(index).parameters) for index in everyone]
        dictionary.predictions.store(
            [NewPrediction(sample_id=one, parameters=body) for one, body in bodies]
        )
        dictionary.prediction_sets.keep_latest("first")
        dictionary.saved_views.save("mine", SampleQuery(text="0001"))
    cases = run_trial(project, cases=30, seed=7)
    assert [case for case in cases if case.outcome in ("missed", "traceback")] == []
    assert sum(case.outcome == "told" for case in cases) > 5, "damage that was felt at all"
