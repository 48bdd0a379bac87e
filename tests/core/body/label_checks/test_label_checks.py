"""Labels that are right raise nothing, and each way of making them wrong is told and named."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.label_checks.critic import LabelCritic, critic_input
from core.body.label_checks.features import LabelSet
from core.body.label_checks.places import (
    NUM_PLACES,
    PAIRS,
    PLACE_FLIP,
    PLACE_NAMES,
    keypoints_of_places,
    label_sets,
)
from core.body.label_checks.scores import LabelCalibration, LabelChecker
from core.errors import ShapeError, UserFileError
from core.types.flags import LABEL_FLAGS, FlagName
from tests.core.body.label_checks.people_standing import CONVENTION, standing


def label_set(labels: np.ndarray, *, seen: bool = True, neighbour: np.ndarray | None = None):
    landmarks = standing() if seen else np.zeros((NUM_PLACES, 3), np.float32)
    distance = np.full(NUM_PLACES, np.inf)
    if neighbour is not None:
        there = (labels[:, 2] > 0) & (neighbour[:, 2] > 0)
        apart = np.linalg.norm(labels[:, :2] - neighbour[:, :2], axis=1)
        distance = np.where(there, apart, np.inf)
    return LabelSet(
        labels[None], CONVENTION[None], landmarks[None], np.array([[640, 480]]), distance[None]
    )


@pytest.fixture(scope="module")
def checker() -> LabelChecker:
    return LabelChecker()


def reasons(checker: LabelChecker, people: LabelSet) -> dict[FlagName, str]:
    return checker.check(people).reasons(0)


def place(name: str) -> int:
    return PLACE_NAMES.index(name)


@pytest.mark.parametrize("seen", [True, False])
def test_right_labels_raise_nothing(checker, seen):
    scores = checker.check(label_set(standing(), seen=seen))
    assert scores.reasons(0) == {}
    assert scores.doubt[0] < 0.5


def test_exchanged_sides_are_told_by_the_picture_alone(checker):
    labels = standing()[list(PLACE_FLIP)]
    assert FlagName.SIDES_EXCHANGED in reasons(checker, label_set(labels))
    assert FlagName.SIDES_EXCHANGED not in reasons(checker, label_set(labels, seen=False))


@pytest.mark.parametrize("seen", [True, False])
def test_exchanged_knees_and_ankles_are_named(checker, seen):
    labels = standing()
    legs = [place(f"{side} {joint}") for joint in ("knee", "ankle") for side in ("left", "right")]
    labels[legs] = labels[[PLACE_FLIP[joint] for joint in legs]]
    reason = reasons(checker, label_set(labels, seen=seen))[FlagName.PAIR_EXCHANGED]
    assert "knees" in reason
    assert "ankles" in reason


def test_an_arm_of_the_neighbour_is_named(checker):
    labels, neighbour = standing(), standing()
    neighbour[:17, 0] += 150
    arm = [place("left elbow"), place("left wrist")]
    labels[arm] = neighbour[arm]
    reason = reasons(checker, label_set(labels, neighbour=neighbour))[FlagName.MIXED_PEOPLE]
    assert reason == "the left elbow and left wrist lie on those of another person"


@pytest.mark.parametrize("seen", [True, False])
def test_joints_on_one_spot_are_named(checker, seen):
    labels = standing()
    piled = [place("left knee"), place("right ankle"), place("left wrist")]
    labels[piled, :2] = (200, 200)
    reason = reasons(checker, label_set(labels, seen=seen))[FlagName.PILED_JOINTS]
    assert reason == "the left wrist, left knee and right ankle lie on one spot"


def test_a_face_and_a_foot_are_no_pile(checker):
    labels = standing()
    labels[:5, :2] = (300, 100)
    for side in ("left", "right"):
        foot = labels[place(f"{side} ankle")]
        for joint in ("big toe", "small toe", "heel"):
            labels[place(f"{side} {joint}")] = foot
    assert FlagName.PILED_JOINTS not in reasons(checker, label_set(labels))


def test_unlabelled_joints_in_sight_are_named(checker):
    labels = standing()
    labels[[place("left elbow"), place("left wrist"), place("right knee")]] = 0
    reason = reasons(checker, label_set(labels))[FlagName.MISSING_JOINTS]
    assert reason == "the left elbow, left wrist and right knee can be seen, and no label is given"


def test_what_a_data_set_never_labels_is_not_missing(checker):
    bare = standing()
    bare[:11] = 0
    people = LabelSet(
        bare[None],
        (np.arange(NUM_PLACES) > 10)[None] & CONVENTION,
        standing()[None],
        np.array([[640, 480]]),
        np.full((1, NUM_PLACES), np.inf),
    )
    assert FlagName.MISSING_JOINTS not in reasons(checker, people)


def test_a_joint_far_from_where_it_is_seen_is_named(checker):
    labels = standing()
    labels[place("right ankle"), :2] = (430, 330)
    told = reasons(checker, label_set(labels))
    assert "right ankle" in " ".join(told.values())


def test_absent_joints_given_as_seen_at_the_corner_are_named(checker):
    labels = standing()
    labels[[place("left wrist"), place("right wrist")]] = (0, 0, 1)
    reason = reasons(checker, label_set(labels))[FlagName.WRONG_VISIBILITY]
    assert "the left wrist and right wrist" in reason
    assert "edge of the picture" in reason


def test_people_with_few_labels_are_not_judged(checker):
    labels = np.zeros((NUM_PLACES, 3), np.float32)
    labels[:4] = (10, 10, 1)
    scores = checker.check(label_set(labels))
    assert scores.reasons(0) == {}
    assert scores.doubt[0] == 0


def test_a_persons_scores_do_not_depend_on_the_others(checker):
    one, other = label_set(standing()), label_set(standing()[list(PLACE_FLIP)])
    both = LabelSet(
        *(
            np.concatenate([getattr(one, name), getattr(other, name)])
            for name in ("labels", "convention", "landmarks", "picture_size_px", "neighbour_px")
        )
    )
    together = checker.check(both)
    for kind in LABEL_FLAGS:
        assert together.scores[kind][0] == pytest.approx(checker.check(one).scores[kind][0])


def test_both_sets_of_labels_name_every_pair_and_go_there_and_back():
    keypoints = np.random.default_rng(0).uniform(1, 9, (3, 49, 3)).astype(np.float32)
    sets = label_sets(keypoints)
    for number in range(2):
        back = keypoints_of_places(sets[:, number], number)
        assert (label_sets(back)[:, number] == sets[:, number]).all()
    assert len(PAIRS) == 11
    assert [PLACE_NAMES[left].replace("left", "right") for left, _ in PAIRS] == [
        PLACE_NAMES[right] for _, right in PAIRS
    ]


def test_the_critic_does_not_care_where_a_person_stands_or_how_large_they_are():
    labels = standing()[None]
    moved = labels.copy()
    moved[..., :2] = np.where(labels[..., 2:] > 0, 3 * labels[..., :2] + 70, 0)
    assert critic_input(moved) == pytest.approx(critic_input(labels), abs=1e-4)
    with pytest.raises(ShapeError):
        critic_input(labels[:, :20])


def test_a_damaged_calibration_is_refused(tmp_path):
    path = tmp_path / "calibration.json"
    path.write_text('{"with picture": {}}')
    with pytest.raises(UserFileError):
        LabelCalibration.load(path)


def test_a_calibration_is_the_same_after_it_was_saved(tmp_path):
    calibration = LabelCalibration.load()
    calibration.save(tmp_path / "calibration.json")
    assert LabelCalibration.load(tmp_path / "calibration.json") == calibration


def test_the_critic_tells_absent_labels_apart():
    logits = LabelCritic.load().logits(standing()[None])
    assert np.isneginf(logits.moved[0, 17:]).all()
    assert np.isfinite(logits.missing[0, 17:]).all()
    assert np.isneginf(logits.missing[0, :17]).all()
