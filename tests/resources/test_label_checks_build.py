"""Errors are made as they are named, and what is learnt from them tells them."""

from __future__ import annotations

import numpy as np
import pytest

from core.body.label_checks.critic import HEADS, INPUTS, LabelCritic
from core.body.label_checks.features import LabelSet, evidence_of, label_features
from core.body.label_checks.places import NUM_PLACES, PAIRS, PLACE_FLIP, extents_px
from resources.label_checks.build import made_errors
from resources.label_checks.build.calibrate import FALSE_ALARMS, fit_kind
from resources.label_checks.build.critic_training import critic_data, train_critic
from resources.label_checks.build.made_errors import HIDDEN, SeenPlaces
from resources.label_checks.build.people import LabelledPeople
from tests.core.body.label_checks.people_standing import CONVENTION, standing

PEOPLE = 40


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.fixture
def labels(rng) -> np.ndarray:
    people = np.repeat(standing()[None], PEOPLE, axis=0)
    people[..., :2] += np.where(people[..., 2:] > 0, rng.normal(0, 6, (PEOPLE, NUM_PLACES, 2)), 0)
    return people.astype(np.float32)


def unchanged_elsewhere(before, made) -> bool:
    return bool((before[~made.places] == made.labels[~made.places]).all())


def test_sides_are_exchanged_place_by_place(labels, rng):
    made = made_errors.exchange_sides(labels, rng)
    assert made.changed.all()
    assert (made.labels[:, list(PLACE_FLIP)] == labels).all()


def test_a_pair_is_exchanged_and_nothing_else(labels, rng):
    made = made_errors.exchange_pair(labels, rng)
    assert made.changed.all()
    assert unchanged_elsewhere(labels, made)
    back = made.labels[:, list(PLACE_FLIP)]
    assert (back[made.places] == labels[made.places]).all()
    assert not made.places.all(axis=1).any()


def test_joints_of_the_neighbour_are_taken_as_they_are(labels, rng):
    neighbours = labels.copy()
    neighbours[..., 0] += 120 * (labels[..., 2] > 0)
    made = made_errors.mix_people(labels, neighbours, rng)
    assert made.changed.all()
    assert (made.labels[made.places] == neighbours[made.places]).all()
    assert unchanged_elsewhere(labels, made)


def test_piles_are_of_three_joints_or_more_and_narrow(labels, rng):
    made = made_errors.pile_joints(labels, rng)
    assert (made.places.sum(axis=1) >= 3).all()
    for row in range(PEOPLE):
        spread = np.ptp(made.labels[row, made.places[row], :2], axis=0).max()
        assert spread < 0.05 * extents_px(labels)[row]


def test_joints_in_sight_are_left_out(labels, rng):
    visible = np.broadcast_to(np.arange(NUM_PLACES) < 13, labels.shape[:2])
    made = made_errors.drop_joints(labels, visible, rng)
    assert made.changed.all()
    assert (made.labels[made.places] == 0).all()
    assert not made.places[:, 13:].any()
    assert unchanged_elsewhere(labels, made)


def test_joints_are_moved_by_what_is_said(labels, rng):
    made = made_errors.move_joint(labels, rng)
    far = (
        np.linalg.norm(made.labels[..., :2] - labels[..., :2], axis=-1)
        / extents_px(labels)[:, None]
    )
    assert (far[made.places] > 0.099).all()
    assert (far[made.places] < 0.401).all()
    assert unchanged_elsewhere(labels, made)


def test_visibility_is_mistaken_without_moving_what_was_labelled(labels, rng):
    labels[:, 15] = 0
    convention = np.broadcast_to(CONVENTION, labels.shape[:2])
    unseen = np.zeros_like(convention)
    unseen[:, 15] = True
    people = SeenPlaces(
        (labels[..., 2] > 0), unseen, convention, np.full((PEOPLE, 2), 500, np.int64)
    )
    made = made_errors.mistake_visibility(labels, labels[..., :2], people, rng)
    assert made.changed.all()
    there = labels[..., 2] > 0
    assert (made.labels[there][:, :2] == labels[there][:, :2]).all()
    confidences = made.labels[..., 2][made.places]
    assert set(np.unique(confidences)) <= {np.float32(HIDDEN), np.float32(1)}


def test_the_critic_learns_from_made_errors_what_its_outputs_mean(labels):
    convention = np.broadcast_to(CONVENTION, labels.shape[:2])
    people = LabelledPeople(labels, convention, labels[..., 2] > 0)
    data = critic_data(people, seed=0)
    assert data.inputs.shape == (PEOPLE, INPUTS)
    assert data.targets.shape == data.weights.shape == (PEOPLE, sum(HEADS.values()))
    assert (data.targets <= data.weights).all()
    assert sum(HEADS.values()) == 1 + len(PAIRS) + 3 * NUM_PLACES
    weights = train_critic(data, epochs=1, seed=0)
    assert weights["weight_0"].shape[1] == INPUTS
    assert weights["bias_3"].shape == (sum(HEADS.values()),)


def test_a_threshold_is_above_nearly_all_right_labels(rng):
    right = {"feature": rng.normal(0, 1, 4000)}
    wrong = {"feature": rng.normal(4, 1, 1000)}
    model = fit_kind(right, wrong, ("feature",))
    raised = (model.probability(right) >= model.threshold).mean()
    assert raised <= 1.5 * FALSE_ALARMS
    assert (model.probability(wrong) >= model.threshold).mean() > 0.5


def test_features_of_a_person_are_finite_whatever_is_unknown(labels):
    nothing = np.zeros_like(labels)
    for given in (labels, nothing):
        people = LabelSet(
            given,
            np.broadcast_to(CONVENTION, labels.shape[:2]),
            nothing,
            np.full((PEOPLE, 2), 500, np.int64),
            np.full(labels.shape[:2], np.inf),
        )
        features = label_features(people, evidence_of(people, LabelCritic.load()))
        assert all(np.isfinite(values).all() for values in features.values())
