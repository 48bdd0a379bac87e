"""Checks of keypoints are of what is there now, or they are not there."""

from __future__ import annotations

import numpy as np
import pytest

from core.dictionary.assessment.assessments import RaisedFlag
from core.dictionary.assessment.label_checks import LabelCheck
from core.dictionary.search.query import SampleQuery, SortKey
from core.types.detected_landmarks import DetectedLandmarks
from core.types.flags import FlagName

PILED = RaisedFlag(FlagName.PILED_JOINTS, 0.9, "three joints lie on one spot")


def landmarks() -> DetectedLandmarks:
    points = np.full((33, 3), 0.5, np.float32)
    return DetectedLandmarks(
        landmarks_px=points, landmarks_m=points, agreement=0.9, score=0.9, networks="made"
    )


@pytest.fixture
def ids(dictionary, make_sample) -> list[int]:
    """Two people of one picture, and one of another."""
    people = [make_sample(0, picture="both.jpg"), make_sample(1, picture="both.jpg")]
    return dictionary.samples.add([*people, make_sample(2)]).added_ids


def check(dictionary, ids, *, doubt=0.5, flags=()):
    inputs = dictionary.label_checks.inputs(ids)
    made = [
        LabelCheck(sample_id=sample_id, basis=basis, doubt=doubt, flags=tuple(flags))
        for sample_id, basis in zip(inputs.sample_ids, inputs.bases, strict=True)
    ]
    return dictionary.label_checks.store(made)


def test_everybody_with_keypoints_waits_for_a_check_fit_or_no_fit(dictionary, ids, make_sample):
    bare = dictionary.samples.add([make_sample(9, visible=0)]).added_ids[0]
    assert dictionary.label_checks.due() == ids
    assert check(dictionary, ids[:1]) == 1
    assert dictionary.label_checks.due() == ids[1:]
    assert dictionary.label_checks.due(among=[bare, ids[2]]) == ids[2:]


def test_checks_sort_and_flag_with_their_reasons(dictionary, ids):
    for sample_id, doubt in zip(ids, (0.2, 0.9, 0.5), strict=True):
        check(dictionary, [sample_id], doubt=doubt, flags=[PILED] if doubt > 0.8 else [])
    order = SampleQuery(sort=SortKey.LABEL_DOUBT, descending=True)
    assert dictionary.search.ids(order).tolist() == [ids[1], ids[2], ids[0]]
    assert dictionary.flags.sample_ids([FlagName.PILED_JOINTS]).tolist() == [ids[1]]
    assert PILED in dictionary.flags.of(ids[1])


def test_a_check_that_two_processes_make_at_once_is_stored_once(dictionary, ids):
    check(dictionary, ids, flags=[PILED])
    assert check(dictionary, ids, flags=[PILED]) == len(ids)
    assert dictionary.flags.counts()[FlagName.PILED_JOINTS] == len(ids)
    check(dictionary, ids)
    assert FlagName.PILED_JOINTS not in dictionary.flags.counts()


def test_an_edit_takes_back_the_checks_of_everybody_in_the_picture(dictionary, ids):
    check(dictionary, ids, flags=[PILED])
    sample = dictionary.samples.get(ids[0])
    moved = sample.keypoints_px.copy()
    moved[48, 0] += 5
    no_losses = np.empty(0)
    dictionary.corrections.set_keypoints(ids[0], moved, compare=lambda *_: no_losses)
    assert dictionary.label_checks.due() == ids[:2]
    assert dictionary.flags.sample_ids([FlagName.PILED_JOINTS]).tolist() == ids[2:]


def test_a_new_person_takes_back_the_checks_of_the_picture(dictionary, ids, make_sample):
    check(dictionary, ids, flags=[PILED])
    added = dictionary.samples.add([make_sample(5, picture="both.jpg")]).added_ids
    assert dictionary.label_checks.due() == [*ids[:2], *added]


def test_what_the_detector_sees_takes_back_a_check(dictionary, ids):
    check(dictionary, ids, flags=[PILED])
    dictionary.detections.set({ids[2]: landmarks()})
    assert dictionary.label_checks.due() == ids[2:]
    assert dictionary.label_checks.inputs(ids).landmarks_px[2].all()


def test_a_fit_leaves_the_flags_of_the_keypoints(dictionary, ids, make_fit):
    check(dictionary, ids, flags=[PILED])
    dictionary.fits.offer([make_fit(ids[0])])
    assert dictionary.label_checks.due() == []
    assert PILED in dictionary.flags.of(ids[0])
    dictionary.assessments.forget_all()
    assert PILED in dictionary.flags.of(ids[0])


def test_a_check_of_keypoints_that_changed_meanwhile_is_not_stored(dictionary, ids):
    inputs = dictionary.label_checks.inputs(ids[:1])
    dictionary.detections.set({ids[0]: landmarks()})
    outdated = LabelCheck(sample_id=ids[0], basis=inputs.bases[0], doubt=0.5, flags=(PILED,))
    assert dictionary.label_checks.store([outdated]) == 0
    assert PILED not in dictionary.flags.of(ids[0])


def test_checks_are_counted_by_data_set(dictionary, ids):
    check(dictionary, ids[:2], flags=[PILED])
    assert dictionary.label_checks.raised_by_dataset() == {
        "coco": (2, {FlagName.PILED_JOINTS: 2}),
    }


def test_all_checks_can_be_taken_back(dictionary, ids):
    check(dictionary, ids, flags=[PILED])
    dictionary.label_checks.forget_all()
    assert dictionary.label_checks.due() == ids
    assert dictionary.flags.sample_ids([FlagName.PILED_JOINTS]).tolist() == []
