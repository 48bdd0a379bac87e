import numpy as np
import pytest

from core.dictionary.assessment.audit_queue import mixed_in
from core.dictionary.assessment.audits import Draw
from core.errors import DictionaryError, StudioError
from core.types.audits import Audit
from core.types.fits import Origin, Verdict


@pytest.fixture
def sample_ids(dictionary, make_sample, make_fit):
    ids = dictionary.samples.add([make_sample(number) for number in range(30)]).added_ids
    dictionary.fits.offer([make_fit(sample_id) for sample_id in ids])
    return ids


def audit_of(share=0.1, seed=3):
    return Audit(id=1, seed=seed, share=share, started_at="", started_by="", fits=1000)


def test_the_same_seed_draws_the_same_fits(dictionary, sample_ids):
    first = dictionary.audits.fit_ids(dictionary.audits.begin(seed=7)).tolist()
    second = dictionary.audits.fit_ids(dictionary.audits.begin(seed=7)).tolist()
    other = dictionary.audits.fit_ids(dictionary.audits.begin(seed=8)).tolist()
    assert first == second
    assert first != other
    assert sorted(first) == sorted(other)


def test_only_fits_without_verdict_are_drawn(dictionary, sample_ids):
    dictionary.verdicts.set(dict.fromkeys(sample_ids[:10], Verdict.ACCEPTED))
    audit = dictionary.audits.begin(seed=1)
    current = dictionary.fits.current_ids(sample_ids[10:])
    assert audit.fits == 20
    assert set(dictionary.audits.fit_ids(audit)) == set(current.values())


def test_beginning_again_ends_the_one_before_and_one_that_ended_can_go_on(dictionary, sample_ids):
    first = dictionary.audits.begin(seed=1)
    second = dictionary.audits.begin(seed=2)
    assert dictionary.audits.running() == second
    assert dictionary.audits.of(first.id).ended_at is not None
    dictionary.audits.resume(first.id)
    assert dictionary.audits.running().id == first.id
    dictionary.audits.end()
    assert dictionary.audits.running() is None
    assert dictionary.audits.latest().id == second.id


def test_nothing_to_draw_from_is_an_error(dictionary):
    with pytest.raises(DictionaryError, match="no fit without verdict"):
        dictionary.audits.begin(seed=1)


@pytest.mark.parametrize("choice", [{"share": 0.7}, {"share": 0.0}, {"seed": -1}])
def test_shares_and_seeds_that_mean_nothing_are_refused(dictionary, sample_ids, choice):
    with pytest.raises(StudioError):
        dictionary.audits.begin(**({"seed": 1} | choice))


def test_verdicts_on_the_next_fits_make_the_estimate(dictionary, sample_ids):
    audit = dictionary.audits.begin(seed=5)
    nearest = dictionary.audits.next_waiting(audit, 8)
    assert list(nearest) == list(range(8))
    wrong = list(nearest.values())[:2]
    dictionary.verdicts.set(
        {
            sample: Verdict.REJECTED if sample in wrong else Verdict.ACCEPTED
            for sample in nearest.values()
        }
    )
    estimate = dictionary.audits.estimate(audit)
    assert (estimate.checked, estimate.wrong, estimate.unreviewed) == (8, 2, 22)
    assert estimate.wrong_left == pytest.approx(30 / 4 - 2)
    assert estimate.lowest <= estimate.wrong_left <= estimate.highest


def test_a_rejected_fit_counts_after_it_was_replaced(dictionary, sample_ids, make_fit):
    audit = dictionary.audits.begin(seed=5)
    sample = dictionary.audits.next_waiting(audit, 1)[0]
    dictionary.verdicts.set({sample: Verdict.REJECTED})
    dictionary.fits.offer([make_fit(sample, pose=1.0, origin=Origin.REFIT)])
    estimate = dictionary.audits.estimate(audit)
    assert (estimate.checked, estimate.wrong) == (1, 1)
    assert estimate.unreviewed == 29


def test_a_fit_that_was_replaced_unseen_is_drawn_no_more(dictionary, sample_ids, make_fit):
    audit = dictionary.audits.begin(seed=5)
    sample = dictionary.audits.next_waiting(audit, 1)[0]
    dictionary.fits.offer([make_fit(sample, loss=10.0, pose=1.0, origin=Origin.REFIT)])
    assert sample not in dictionary.audits.next_waiting(audit, 30).values()


def test_draws_are_kept_and_a_second_note_changes_nothing(dictionary, sample_ids):
    audit = dictionary.audits.begin(seed=5)
    draw = Draw(0, sample_ids[3], sample_ids[4])
    dictionary.audits.note_draws(audit, {0: draw}, author="maria")
    dictionary.audits.note_draws(audit, {0: Draw(0, sample_ids[3], None)})
    assert dictionary.audits.draws(audit) == [draw]


def test_about_the_share_of_a_queue_is_random():
    ids = np.arange(1, 2001)
    waiting = {place: 5000 + place for place in range(400)}
    mixed = mixed_in(
        np.concatenate([ids, list(waiting.values())]), audit_of(), drawn=(), waiting=waiting
    )
    head = mixed.ids[:1000]
    assert 0.06 < np.isin(head, list(mixed.draws)).mean() < 0.14


def test_a_mixed_queue_holds_every_sample_once():
    ids = np.random.default_rng(1).permutation(np.arange(1, 300))
    waiting = {place: int(sample) for place, sample in enumerate(ids[::-1][:60])}
    mixed = mixed_in(ids, audit_of(share=0.3), drawn=(), waiting=waiting)
    assert sorted(mixed.ids) == sorted(ids)
    assert mixed.draws


def test_the_next_random_one_does_not_move_away_while_the_queue_goes_on():
    ids = np.arange(1, 500)
    waiting = {place: 5000 + place for place in range(100)}
    everything = np.concatenate([ids, list(waiting.values())])
    first = mixed_in(everything, audit_of(), drawn=(), waiting=waiting)
    row = next(row for row, sample in enumerate(first.ids) if int(sample) in first.draws)
    left = everything[~np.isin(everything, first.ids[: row - 1])]
    again = mixed_in(left, audit_of(), drawn=(), waiting=waiting)
    assert row > 1
    assert again.ids[1] == first.ids[row]


def test_what_was_shown_and_skipped_stays_where_it_was():
    ids = np.arange(1, 500)
    waiting = {place: 5000 + place for place in range(100)}
    everything = np.concatenate([ids, list(waiting.values())])
    first = mixed_in(everything, audit_of(), drawn=(), waiting=waiting)
    shown = next(iter(first.draws.values()))
    again = mixed_in(everything, audit_of(), drawn=[shown], waiting=waiting)
    assert again.ids.tolist() == first.ids.tolist()


def test_what_was_shown_comes_first_once_its_place_is_gone():
    waiting = {0: 5000, 1: 5001}
    ids = np.array([1, 2, 5000, 5001])
    mixed = mixed_in(ids, audit_of(), drawn=[Draw(0, 5000, 99)], waiting=waiting)
    assert mixed.ids[0] == 5000


def test_the_place_of_one_that_was_judged_gets_no_other():
    ids = np.arange(1, 500)
    waiting = {place: 5000 + place for place in range(100)}
    everything = np.concatenate([ids, list(waiting.values())])
    first = mixed_in(everything, audit_of(), drawn=(), waiting=waiting)
    judged = next(iter(first.draws.values()))
    del waiting[judged.position]
    left = everything[everything != judged.sample_id]
    again = mixed_in(left, audit_of(), drawn=[judged], waiting=waiting)
    slots = [draw.before_sample_id for draw in again.draws.values()]
    assert judged.before_sample_id not in slots


def test_people_who_are_removed_and_put_back_bring_draws_and_verdicts_back(dictionary, sample_ids):
    audit = dictionary.audits.begin(seed=5)
    (first, second) = dictionary.audits.next_waiting(audit, 2).values()
    dictionary.verdicts.set({first: Verdict.REJECTED})
    dictionary.audits.note_draws(audit, {0: Draw(0, first, second)})
    before = dictionary.audits.estimate(audit), dictionary.audits.draws(audit)
    removal = dictionary.removals.people([first])
    assert dictionary.audits.estimate(audit).checked == 0
    dictionary.removals.put_back(removal.id)
    assert (dictionary.audits.estimate(audit), dictionary.audits.draws(audit)) == before
    assert dictionary.verdicts.agreement().unflagged.rejected == 1
