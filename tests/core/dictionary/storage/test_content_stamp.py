"""A stamp changes with what an evaluation reads, and with nothing else."""

from __future__ import annotations

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.fits.prediction_sets import SetKind
from core.types.fits import Verdict
from core.types.flags import FlagName
from tests.core.dictionary.fits.test_prediction_sets import prediction


def test_every_kind_of_change_moves_the_stamp(dictionary, make_sample, make_fit):
    (one,) = dictionary.samples.add([make_sample(0)]).added_ids
    sets = dictionary.prediction_sets
    for change in (
        lambda: dictionary.fits.offer([make_fit(one)]),
        lambda: dictionary.verdicts.set({one: Verdict.ACCEPTED}),
        lambda: dictionary.predictions.store([prediction(one)]),
        lambda: sets.open("other", SetKind.IMPORTED, source="file"),
        lambda: sets.add(sets.named("other").id, [prediction(one)]),
        lambda: sets.rename(sets.named("other").id, "theirs"),
        lambda: sets.delete(sets.named("theirs").id),
        lambda: dictionary.samples.add([make_sample(1)]),
    ):
        before = dictionary.file.content_stamp()
        change()
        assert dictionary.file.content_stamp() != before


def test_flags_leave_the_stamp_alone(dictionary, make_sample, make_fit):
    (one,) = dictionary.samples.add([make_sample(0)]).added_ids
    dictionary.fits.offer([make_fit(one)])
    before = dictionary.file.content_stamp()
    basis = dictionary.assessments.inputs([one])[one]
    flag = RaisedFlag(FlagName.DEPTH, 0.7, "far too near")
    made = Assessment(basis=basis, suspicion=0.7, informativeness=0.5, flags=(flag,))
    assert dictionary.assessments.store([made]) == 1
    assert dictionary.file.content_stamp() == before
