"""docs/database.md, "Rules of the dictionary", one test or more for each rule."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.geometry.rotations import axis_angle_to_matrix
from core.types.fits import OfferOutcome, Origin, Verdict


def turned(joint_degrees: float, *, root_degrees: float = 0.0) -> np.ndarray:
    """A pose whose root and whose every joint are turned by so much from zero."""
    pose = np.zeros((24, 3), dtype=np.float32)
    pose[0, 1] = math.radians(root_degrees)
    pose[1:, 0] = math.radians(joint_degrees)
    return pose.reshape(72)


# Rule 1: nothing is overwritten in silence


def test_rule_1_every_fit_stays_in_the_history(dictionary, sample_id, make_fit):
    run = dictionary.runs.start("training", configuration={}, versions={})
    for iteration, loss in enumerate([60.0, 40.0, 90.0, 20.0]):
        offered = make_fit(sample_id, loss=loss, run_id=run, iteration=iteration)
        dictionary.fits.offer([offered])
    history = dictionary.fits.history(sample_id)
    assert [fit.losses.comparison for fit in history] == [20.0, 90.0, 40.0, 60.0]
    assert [fit.iteration for fit in history] == [3, 2, 1, 0]
    assert {fit.run_id for fit in history} == {run}
    assert all(fit.origin is Origin.IN_LOOP and fit.created_at for fit in history)
    assert [fit.is_current for fit in history] == [True, False, False, False]


def test_rule_1_any_fit_of_the_history_can_be_made_current_again(dictionary, sample_id, make_fit):
    first, second = (
        dictionary.fits.offer([make_fit(sample_id, loss=loss, pose=loss / 100)])[0].fit_id
        for loss in (60.0, 40.0)
    )
    assert dictionary.fits.make_current(sample_id, first, "maria") == second
    assert dictionary.fits.current_of(sample_id).id == first
    row = dictionary.search.rows([sample_id])[0]
    assert (row.current_fit_id, row.loss) == (first, 60.0)


def test_rule_1_making_a_fit_current_can_be_undone(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, runner_up=True)])
    runner_up = dictionary.fits.history(sample_id)[0].id
    assert dictionary.fits.current_of(sample_id) is None
    previous = dictionary.fits.make_current(sample_id, runner_up, "maria")
    assert previous is None
    dictionary.fits.make_current(sample_id, previous, "maria")
    assert dictionary.fits.current_of(sample_id) is None
    assert not dictionary.search.rows([sample_id])[0].has_fit


def test_rule_1_a_fit_of_another_sample_is_not_made_current(dictionary, make_sample, make_fit):
    first, second = dictionary.samples.add([make_sample(1), make_sample(2)]).added_ids
    fit_id = dictionary.fits.offer([make_fit(first)])[0].fit_id
    with pytest.raises(NoSuchRecordError, match=f"Sample {second} never had a fit {fit_id}"):
        dictionary.fits.make_current(second, fit_id, "maria")


def test_rule_1_every_change_of_the_current_fit_names_its_author(dictionary, sample_id, make_fit):
    first = dictionary.fits.offer([make_fit(sample_id, loss=60.0)])[0].fit_id
    second = dictionary.fits.offer([make_fit(sample_id, loss=40.0)])[0].fit_id
    dictionary.fits.make_current(sample_id, first, "maria")
    told = [(event.author, event.before, event.after) for event in dictionary.events.of(sample_id)]
    assert told == [
        ("program", None, str(first)),
        ("program", str(first), str(second)),
        ("maria", str(second), str(first)),
    ]


# Rule 2: human decisions outrank the trainer


def test_rule_2_an_accepted_fit_is_locked(dictionary, sample_id, make_fit):
    accepted = dictionary.fits.offer([make_fit(sample_id, loss=60.0)])[0].fit_id
    dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    result = dictionary.fits.offer([make_fit(sample_id, loss=1.0, pose=1.0)])[0]
    assert result.outcome is OfferOutcome.LOCKED
    assert dictionary.fits.current_of(sample_id).id == accepted
    assert result.fit_id in {fit.id for fit in dictionary.fits.history(sample_id)}


def test_rule_4_a_fit_found_likelier_takes_the_place_of_that_fit_only(
    dictionary, sample_id, make_fit
):
    first = dictionary.fits.offer([make_fit(sample_id, loss=60.0)])[0].fit_id
    likelier = replace(make_fit(sample_id, loss=62.0, pose=0.1), supersedes_fit_id=first)
    assert dictionary.fits.offer([likelier])[0].outcome is OfferOutcome.BECAME_CURRENT
    late = replace(make_fit(sample_id, loss=61.9, pose=0.2), supersedes_fit_id=first)
    assert (
        dictionary.fits.offer([late])[0].outcome is OfferOutcome.BECAME_CURRENT
    )  # lower loss, too
    later = replace(make_fit(sample_id, loss=62.5, pose=0.3), supersedes_fit_id=first)
    assert dictionary.fits.offer([later])[0].outcome is OfferOutcome.KEPT


def test_rule_4_a_likelier_fit_does_not_outrank_a_verdict(dictionary, sample_id, make_fit):
    first = dictionary.fits.offer([make_fit(sample_id, loss=60.0)])[0].fit_id
    dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    likelier = replace(make_fit(sample_id, loss=62.0, pose=0.1), supersedes_fit_id=first)
    assert dictionary.fits.offer([likelier])[0].outcome is OfferOutcome.LOCKED


def test_rule_2_without_the_verdict_a_better_fit_takes_over_again(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, loss=60.0)])
    change = dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    dictionary.verdicts.set_on_fits(change.before, "maria")
    result = dictionary.fits.offer([make_fit(sample_id, loss=1.0, pose=1.0)])[0]
    assert result.outcome is OfferOutcome.BECAME_CURRENT


def test_rule_2_a_rejected_fit_stays_marked_until_another_comes(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id)])
    dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    assert dictionary.fits.current_of(sample_id).verdict is Verdict.REJECTED
    assert dictionary.search.rows([sample_id])[0].verdict is Verdict.REJECTED


def test_rule_2_a_different_fit_takes_a_rejected_ones_place_without_verdict(
    dictionary, sample_id, make_fit
):
    rejected = dictionary.fits.offer([make_fit(sample_id, loss=5.0)])[0].fit_id
    dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    # Its loss is higher, but the loss of a wrong body is no bar.
    result = dictionary.fits.offer([make_fit(sample_id, loss=80.0, pose=turned(30))])[0]
    assert result.outcome is OfferOutcome.BECAME_CURRENT
    current = dictionary.fits.current_of(sample_id)
    assert (current.id, current.verdict) == (result.fit_id, Verdict.NONE)
    kept = dictionary.fits.get_many([rejected])[0]
    assert (kept.verdict, kept.verdict_by, kept.is_current) == (Verdict.REJECTED, "maria", False)


@pytest.mark.parametrize(
    ("joints", "root", "refused"),
    [
        (0, 0, True),
        (9, 19, True),
        (9, 21, False),
        (11, 19, False),
        (11, 21, False),
        (10.3, 0, False),  # with the root among the joints the mean would be 9.9
    ],
)
def test_rule_2_near_copies_of_a_rejected_fit_are_refused(
    dictionary, sample_id, make_fit, joints, root, refused
):
    dictionary.fits.offer([make_fit(sample_id, loss=50.0)])
    dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    offered = make_fit(sample_id, loss=1.0, pose=turned(joints, root_degrees=root))
    result = dictionary.fits.offer([offered])[0]
    assert (result.outcome is OfferOutcome.REFUSED) == refused
    assert (result.fit_id is None) == refused
    assert len(dictionary.fits.history(sample_id)) == (1 if refused else 2)


def test_rule_2_the_copy_is_seen_through_other_numbers_of_the_same_rotation(
    dictionary, sample_id, make_fit
):
    pose = turned(170, root_degrees=175)
    dictionary.fits.offer([make_fit(sample_id, pose=pose)])
    dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    vectors = torch.from_numpy(pose.reshape(24, 3))
    angles = vectors.norm(dim=1, keepdim=True)
    other_numbers = (vectors / angles * (angles - 2 * math.pi)).numpy().reshape(72)
    same = axis_angle_to_matrix(torch.from_numpy(other_numbers.reshape(24, 3)))
    assert torch.allclose(same, axis_angle_to_matrix(vectors), atol=1e-5)
    result = dictionary.fits.offer([make_fit(sample_id, loss=1.0, pose=other_numbers)])[0]
    assert result.outcome is OfferOutcome.REFUSED


def test_rule_2_a_fit_rejected_long_ago_does_not_come_back(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, loss=50.0)])
    dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    dictionary.fits.offer([make_fit(sample_id, loss=80.0, pose=turned(40))])
    results = dictionary.fits.offer(
        [
            make_fit(sample_id, loss=1.0, pose=turned(2)),
            make_fit(sample_id, loss=1.0, pose=turned(2), runner_up=True),
        ]
    )
    assert [result.outcome for result in results] == [OfferOutcome.REFUSED] * 2


def test_rule_2_a_rejected_fit_of_one_sample_binds_no_other(dictionary, make_sample, make_fit):
    first, second = dictionary.samples.add([make_sample(1), make_sample(2)]).added_ids
    dictionary.fits.offer([make_fit(first)])
    dictionary.verdicts.set({first: Verdict.REJECTED}, "maria")
    result = dictionary.fits.offer([make_fit(second)])[0]
    assert result.outcome is OfferOutcome.BECAME_CURRENT


def test_rule_2_a_better_fit_displaces_an_unsure_one(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, loss=50.0)])
    dictionary.verdicts.set({sample_id: Verdict.UNSURE}, "maria")
    dictionary.fits.offer([make_fit(sample_id, loss=40.0)])
    assert dictionary.fits.current_of(sample_id).verdict is Verdict.NONE


# Rule 3: pose and shape have separate validity


@pytest.mark.parametrize(
    ("loss", "beta", "pose_valid", "shape_valid"),
    [
        (99.9, 3.0, True, True),
        (99.9, 3.01, True, False),
        (99.9, -3.01, True, False),
        (100.0, 0.0, False, True),
        (250.0, 5.0, False, False),
    ],
)
def test_rule_3_extreme_betas_disable_the_shape_and_not_the_pose(
    dictionary, sample_id, make_fit, loss, beta, pose_valid, shape_valid
):
    dictionary.fits.offer([make_fit(sample_id, loss=loss, beta=beta)])
    fit = dictionary.fits.current_of(sample_id)
    assert (fit.pose_valid, fit.shape_valid) == (pose_valid, shape_valid)
    assert fit.parameters.betas == pytest.approx(beta)


# Rule 4: old and new fits are compared by the same number


def test_rule_4_fits_are_compared_by_the_comparison_loss(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, loss=50.0)])
    worse = dictionary.fits.offer([make_fit(sample_id, loss=50.0, pose=0.1)])[0]
    better = dictionary.fits.offer([make_fit(sample_id, loss=49.9, pose=0.1)])[0]
    assert worse.outcome is OfferOutcome.KEPT
    assert better.outcome is OfferOutcome.BECAME_CURRENT


def test_rule_4_fits_of_one_batch_are_compared_with_each_other(dictionary, sample_id, make_fit):
    results = dictionary.fits.offer(
        [make_fit(sample_id, loss=loss, pose=loss) for loss in (50.0, 30.0, 40.0)]
    )
    assert [result.outcome for result in results] == [
        OfferOutcome.BECAME_CURRENT,
        OfferOutcome.BECAME_CURRENT,
        OfferOutcome.KEPT,
    ]
    assert dictionary.fits.current_of(sample_id).losses.comparison == 30.0


def test_rule_4_the_losses_are_stored_part_by_part(dictionary, sample_id, make_fit):
    offered = make_fit(sample_id, loss=42.0)
    dictionary.fits.offer([offered])
    assert dictionary.fits.current_of(sample_id).losses == offered.losses


@pytest.mark.parametrize("broken", [{"loss": math.nan}, {"loss": math.inf}, {"pose": math.nan}])
def test_rule_4_a_fit_that_is_not_finite_is_refused(dictionary, sample_id, make_fit, broken):
    results = dictionary.fits.offer([make_fit(sample_id, **broken), make_fit(sample_id)])
    assert [result.outcome for result in results] == [
        OfferOutcome.REFUSED,
        OfferOutcome.BECAME_CURRENT,
    ]
    assert "not finite" in results[0].reason


def test_a_runner_up_enters_the_history_only(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id, loss=50.0)])
    result = dictionary.fits.offer([make_fit(sample_id, loss=1.0, pose=1.0, runner_up=True)])[0]
    assert result.outcome is OfferOutcome.KEPT
    assert dictionary.fits.current_of(sample_id).losses.comparison == 50.0


def test_the_same_fit_offered_twice_is_in_the_history_once(dictionary, sample_id, make_fit):
    first, second = (dictionary.fits.offer([make_fit(sample_id)])[0] for _ in range(2))
    assert second.fit_id == first.fit_id
    assert len(dictionary.fits.history(sample_id)) == 1


def test_an_offer_for_an_unknown_sample_stores_none_of_its_batch(dictionary, sample_id, make_fit):
    with pytest.raises(NoSuchRecordError, match="no sample 999"):
        dictionary.fits.offer([make_fit(sample_id), make_fit(999)])
    assert dictionary.fits.history(sample_id) == []


# Rule 5 is in test_two_processes.py and test_damage.py; rules 6 to 8 in test_queries.py,
# test_owning_body.py and test_migrations.py.


def test_rule_5_another_reader_sees_what_was_written_at_once(
    dictionary: Dictionary, sample_id, make_fit
):
    with Dictionary.open(dictionary.project) as reader:
        counter = reader.file.change_counter()
        assert reader.file.change_counter() == counter
        dictionary.fits.offer([make_fit(sample_id)])
        assert reader.fits.current_of(sample_id) is not None
        assert reader.file.change_counter() != counter


def test_ids_from_a_query_are_good_for_every_method(dictionary: Dictionary, sample_id, make_fit):
    """sqlite3 sends a NumPy number as bytes, which match no row and raise nothing."""
    number = dictionary.search.ids()[0]
    fit_id = np.int64(dictionary.fits.offer([make_fit(number)])[0].fit_id)
    assert dictionary.fits.make_current(number, fit_id, "maria") == fit_id
    dictionary.verdicts.set({number: Verdict.UNSURE}, "maria")
    dictionary.verdicts.set_on_fits({fit_id: Verdict.ACCEPTED}, "maria")
    assert [fit.verdict for fit in dictionary.fits.history(number)] == [Verdict.ACCEPTED]
    assert dictionary.fits.first_of(number).id == fit_id
    assert len(dictionary.events.of(number)) == 3
    assert dictionary.search.rows([number])[0].verdict is Verdict.ACCEPTED
