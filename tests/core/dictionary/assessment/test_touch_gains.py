"""What correcting keypoints would gain is part of an assessment, and as true or as gone."""

from __future__ import annotations

import numpy as np
import pytest

from core.dictionary.assessment.assessments import Assessment
from core.dictionary.search.query import SampleQuery, SortKey, ValueRange
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, WORTH_A_TOUCH
from core.types.fits import Verdict

GAINS = {0: (31, 2.0), 1: (7, 9.0), 2: (36, 4.5)}


@pytest.fixture
def fitted(dictionary, make_sample, make_fit) -> list[int]:
    """Three assessed samples, of which the second is most worth a touch, at its keypoint 7."""
    ids = dictionary.samples.add([make_sample(number) for number in range(3)]).added_ids
    dictionary.fits.offer([make_fit(sample_id, loss=10.0) for sample_id in ids])
    assess(dictionary, ids, [gains(*GAINS[row]) for row in range(3)])
    return ids


def gains(keypoint: int, gain_mm: float) -> np.ndarray:
    found = np.full(49, np.nan, np.float32)
    found[keypoint], found[40] = gain_mm, -1.0
    return found


def assess(dictionary, ids, touch_gains_mm) -> None:
    bases = dictionary.assessments.inputs(ids)
    dictionary.assessments.store(
        [
            Assessment(
                basis=bases[sample_id], suspicion=0.5, informativeness=0.2, touch_gains_mm=found
            )
            for sample_id, found in zip(ids, touch_gains_mm, strict=True)
        ]
    )


def test_people_are_listed_by_what_their_best_keypoint_gains(dictionary, fitted):
    first, second, third = fitted
    by_gain = SampleQuery(sort=SortKey.TOUCH_GAIN, descending=True)
    assert dictionary.search.ids(by_gain).tolist() == [second, third, first]
    worth = SampleQuery().with_range(SortKey.TOUCH_GAIN, ValueRange(low=4.0))
    assert dictionary.search.ids(worth).tolist() == [second, third]
    stored = dictionary.assessments.touch_gains_mm(second)
    assert int(np.nanargmax(stored)) == GAINS[1][0]
    assert np.isnan(stored[0])


def test_accepted_people_are_worth_no_touch(dictionary, fitted):
    dictionary.verdicts.set({fitted[1]: Verdict.ACCEPTED, fitted[0]: Verdict.REJECTED})
    assert dictionary.search.ids(BUILT_IN_VIEWS[WORTH_A_TOUCH]).tolist() == [fitted[2], fitted[0]]


def test_a_new_fit_forgets_the_gains(dictionary, fitted, make_fit):
    dictionary.fits.offer([make_fit(fitted[1], loss=1.0)])
    assert dictionary.assessments.touch_gains_mm(fitted[1]) is None
    worth = SampleQuery().with_range(SortKey.TOUCH_GAIN, ValueRange(low=0.0))
    assert fitted[1] not in dictionary.search.ids(worth)


def test_a_person_without_a_keypoint_to_correct_has_no_gain(dictionary, fitted):
    assess(dictionary, fitted[:1], [np.full(49, np.nan, np.float32)])
    worth = SampleQuery().with_range(SortKey.TOUCH_GAIN, ValueRange(low=-100.0))
    assert fitted[0] not in dictionary.search.ids(worth)
    assert dictionary.assessments.ask_for_touch_gains() == 0


def test_what_was_assessed_before_there_were_gains_is_assessed_again_on_request(
    dictionary, fitted, make_fit
):
    assess(dictionary, fitted[:1], [None])
    assert dictionary.assessments.due() == []
    assert dictionary.assessments.ask_for_touch_gains() == 1
    assert dictionary.assessments.due() == fitted[:1]
    assert dictionary.search.rows(fitted[:1])[0].suspicion == 0.5
    dictionary.fits.offer([make_fit(fitted[0], loss=1.0)])
    assert dictionary.search.rows(fitted[:1])[0].suspicion is None
