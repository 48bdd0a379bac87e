"""Assessments are of what is there now, or they are not there."""

from __future__ import annotations

import numpy as np
import pytest

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.search.query import SampleQuery, SortKey
from core.errors import DictionaryError, NoSuchRecordError
from core.types.bodies import BodyParameters
from core.types.flags import FlagName
from core.types.predictions import NewPrediction


@pytest.fixture
def fitted(dictionary, make_sample, make_fit) -> list[int]:
    """Three samples with fits of 10, 20 and 30 px²."""
    ids = dictionary.samples.add([make_sample(number) for number in range(3)]).added_ids
    dictionary.fits.offer([make_fit(one, loss=10.0 * (n + 1)) for n, one in enumerate(ids)])
    return ids


def assess(dictionary, ids, *, suspicion=0.5, flags=()):
    bases = dictionary.assessments.inputs(ids)
    return dictionary.assessments.store(
        [
            Assessment(
                basis=bases[sample_id],
                suspicion=suspicion,
                informativeness=0.25,
                error_2d_px=4.0,
                flags=tuple(flags),
            )
            for sample_id in ids
        ]
    )


TURNED = RaisedFlag(FlagName.ORIENTATION, 0.9, "the root is turned by 170°")


def test_every_fitted_sample_waits_for_its_assessment(dictionary, fitted, make_sample):
    unfitted = dictionary.samples.add([make_sample(9)]).added_ids[0]
    assert dictionary.assessments.due() == fitted
    assert dictionary.assessments.due(limit=2) == fitted[:2]
    assert unfitted not in dictionary.assessments.inputs([*fitted, unfitted])
    assert assess(dictionary, fitted[:1]) == 1
    assert dictionary.assessments.due() == fitted[1:]


def test_a_reason_in_the_words_of_an_older_version_is_read_in_those_of_now(dictionary, fitted):
    former = RaisedFlag(FlagName.ORIENTATION, 0.9, "the root is 170° from where the lifter puts it")
    assess(dictionary, fitted[:1], flags=[former])
    (raised,) = dictionary.flags.of(fitted[0])
    assert raised.reason == "the root is 170° from where the lifted pose puts it"


def test_a_stored_assessment_sorts_and_flags_with_its_reason(dictionary, fitted):
    for one, suspicion in zip(fitted, (0.2, 0.9, 0.5), strict=True):
        assess(dictionary, [one], suspicion=suspicion, flags=[TURNED] if suspicion > 0.8 else [])
    worst_first = SampleQuery(sort=SortKey.SUSPICION, descending=True)
    assert dictionary.search.ids(worst_first).tolist() == [fitted[1], fitted[2], fitted[0]]
    assert dictionary.flags.of(fitted[1]) == [TURNED]
    assert dictionary.search.rows([fitted[1]])[0].flags == ("orientation",)
    assert dictionary.search.rows([fitted[1]])[0].suspicion == 0.9
    flagged = SampleQuery(flags=frozenset({FlagName.ORIENTATION}))
    assert dictionary.search.ids(flagged).tolist() == [fitted[1]]


@pytest.mark.parametrize("change", ["fit", "prediction"])
def test_a_change_of_what_was_assessed_forgets_the_assessment(dictionary, fitted, make_fit, change):
    assess(dictionary, fitted, flags=[TURNED])
    if change == "fit":
        dictionary.fits.offer([make_fit(fitted[0], loss=1.0, pose=0.5)])
    else:
        fit = dictionary.fits.current_of(fitted[0])
        dictionary.predictions.store(
            [NewPrediction(sample_id=fitted[0], parameters=fit.parameters)]
        )
    assert dictionary.assessments.due() == fitted[:1]
    assert dictionary.flags.of(fitted[0]) == []
    assert dictionary.search.rows(fitted[:1])[0].suspicion is None
    assert dictionary.flags.of(fitted[1]) == [TURNED]


def test_an_assessment_of_what_has_changed_meanwhile_is_not_stored(dictionary, fitted, make_fit):
    stale = dictionary.assessments.inputs(fitted)
    dictionary.fits.offer([make_fit(fitted[0], loss=1.0, pose=0.5)])
    made = [
        Assessment(basis=stale[item], suspicion=0.5, informativeness=0.5, flags=(TURNED,))
        for item in fitted
    ]
    assert dictionary.assessments.store(made) == 2
    assert dictionary.assessments.due() == fitted[:1]
    assert dictionary.flags.of(fitted[0]) == []


def test_assessing_again_replaces_flags(dictionary, fitted):
    assess(dictionary, fitted, flags=[TURNED])
    assess(dictionary, fitted, flags=[RaisedFlag(FlagName.POSE, 0.6, "knees bend backwards")])
    assert [flag.name for flag in dictionary.flags.of(fitted[0])] == [FlagName.POSE]


def test_flags_that_follow_from_columns_survive_and_cannot_be_stored(
    dictionary, sample_id, make_fit
):
    dictionary.fits.offer([make_fit(sample_id, beta=4.5)])
    assess(dictionary, [sample_id], flags=[TURNED])
    dictionary.assessments.forget_all()
    assert [flag.name for flag in dictionary.flags.of(sample_id)] == [FlagName.BETAS]
    assert dictionary.flags.of(sample_id)[0].reason == "a beta of 4.5"
    with pytest.raises(DictionaryError, match="follows from"):
        assess(dictionary, [sample_id], flags=[RaisedFlag(FlagName.BETAS, 4.0)])
    assert dictionary.assessments.due() == [sample_id]


def test_an_unknown_sample_is_refused_and_nothing_is_stored(dictionary, fitted):
    basis = dictionary.assessments.inputs(fitted)[fitted[0]]
    gone = type(basis)(sample_id=99, fit_id=1, corrections=0, prediction_at=None)
    made = [Assessment(basis=item, suspicion=0.1, informativeness=0.1) for item in (basis, gone)]
    with pytest.raises(NoSuchRecordError, match="sample 99"):
        dictionary.assessments.store(made)
    assert dictionary.assessments.due() == fitted


def test_numbers_of_numpy_are_stored_as_numbers(dictionary, fitted):
    basis = dictionary.assessments.inputs(fitted)[fitted[0]]
    one = np.float32(0.5)
    dictionary.assessments.store(
        [Assessment(basis=basis, suspicion=one, informativeness=one, disagreement_deg=one)]
    )
    assert dictionary.search.rows(fitted[:1])[0].suspicion == 0.5


def test_a_prediction_that_is_not_finite_forgets_nothing(dictionary, fitted):
    assess(dictionary, fitted)
    broken = BodyParameters(
        pose_axis_angle=np.full(72, np.nan, np.float32),
        betas=np.zeros(10, np.float32),
        camera_translation=np.zeros(3, np.float32),
    )
    with pytest.raises(DictionaryError, match="not finite"):
        dictionary.predictions.store([NewPrediction(sample_id=fitted[0], parameters=broken)])
    assert dictionary.assessments.due() == []
