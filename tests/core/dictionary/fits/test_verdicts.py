"""Verdicts of people, their log, and undo."""

from __future__ import annotations

import getpass

import pytest

from core.dictionary.storage import clock
from core.errors import NoSuchRecordError
from core.types.fits import RejectReason, Verdict
from core.types.reject_reasons import verdict_from_text, verdict_text


@pytest.fixture
def two_fitted(dictionary, make_sample, make_fit) -> list[int]:
    ids = dictionary.samples.add([make_sample(1), make_sample(2)]).added_ids
    dictionary.fits.offer([make_fit(sample_id, loss=60.0) for sample_id in ids])
    return ids


def test_a_verdict_belongs_to_the_fit_and_names_its_author(dictionary, two_fitted):
    dictionary.verdicts.set({two_fitted[0]: Verdict.ACCEPTED}, "maria")
    fit = dictionary.fits.current_of(two_fitted[0])
    assert (fit.verdict, fit.verdict_by) == (Verdict.ACCEPTED, "maria")
    assert fit.verdict_at.endswith("+00:00")
    assert dictionary.fits.current_of(two_fitted[1]).verdict is Verdict.NONE


def test_undo_and_redo_restore_exactly(dictionary, two_fitted):
    dictionary.verdicts.set({two_fitted[0]: Verdict.UNSURE}, "maria")
    change = dictionary.verdicts.set(dict.fromkeys(two_fitted, Verdict.REJECTED), "maria")
    assert sorted(change.before.values()) == [Verdict.NONE, Verdict.UNSURE]
    dictionary.verdicts.set_on_fits(change.before, "maria")
    assert [row.verdict for row in dictionary.search.rows(two_fitted)] == [
        Verdict.UNSURE,
        Verdict.NONE,
    ]
    dictionary.verdicts.set_on_fits(change.after, "maria")
    assert {row.verdict for row in dictionary.search.rows(two_fitted)} == {Verdict.REJECTED}


def test_undo_leaves_out_people_who_were_removed_and_takes_the_others_back(dictionary, two_fitted):
    change = dictionary.verdicts.set(dict.fromkeys(two_fitted, Verdict.REJECTED), "maria")
    removal = dictionary.removals.people(two_fitted[:1])
    dictionary.verdicts.take_back(change)
    assert dictionary.fits.current_of(two_fitted[1]).verdict is Verdict.NONE
    dictionary.removals.put_back(removal.id)
    assert dictionary.fits.current_of(two_fitted[0]).verdict is Verdict.REJECTED


def test_undo_reaches_the_fit_that_was_judged_after_another_took_its_place(
    dictionary, two_fitted, make_fit
):
    sample_id = two_fitted[0]
    change = dictionary.verdicts.set({sample_id: Verdict.REJECTED}, "maria")
    judged = dictionary.fits.current_of(sample_id).id
    dictionary.fits.offer([make_fit(sample_id, pose=1.0)])
    dictionary.verdicts.set_on_fits(change.before, "maria")
    assert dictionary.fits.get_many([judged])[0].verdict is Verdict.NONE
    assert dictionary.fits.current_of(sample_id).id != judged
    assert dictionary.fits.current_of(sample_id).verdict is Verdict.NONE


def test_a_verdict_on_a_fit_seen_before_it_was_replaced_stays_with_that_fit(
    dictionary, two_fitted, make_fit
):
    sample_id = two_fitted[0]
    seen = dictionary.fits.current_of(sample_id).id
    dictionary.fits.offer([make_fit(sample_id, loss=10.0, pose=1.0)])
    change = dictionary.verdicts.set_on_fits({seen: Verdict.REJECTED}, "maria")
    assert change.before == {seen: Verdict.NONE}
    assert dictionary.fits.current_of(sample_id).verdict is Verdict.NONE
    assert dictionary.fits.get_many([seen])[0].verdict is Verdict.REJECTED


def test_a_sample_without_fit_takes_no_verdict_and_none_of_the_others_do(
    dictionary, two_fitted, make_sample
):
    bare = dictionary.samples.add([make_sample(9)]).added_ids[0]
    with pytest.raises(NoSuchRecordError, match=f"Sample {bare} has no fit"):
        dictionary.verdicts.set({two_fitted[0]: Verdict.ACCEPTED, bare: Verdict.ACCEPTED}, "maria")
    assert dictionary.fits.current_of(two_fitted[0]).verdict is Verdict.NONE


@pytest.mark.parametrize("method", ["set", "set_on_fits"])
def test_an_unknown_id_is_named(dictionary, method):
    with pytest.raises(NoSuchRecordError, match="99"):
        getattr(dictionary.verdicts, method)({99: Verdict.ACCEPTED}, "maria")


def test_every_verdict_is_logged_with_author_before_and_after(dictionary, two_fitted):
    sample_id = two_fitted[0]
    dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "jan")  # changes nothing: no event
    dictionary.verdicts.set({sample_id: Verdict.NONE}, "jan")
    told = [
        (event.author, event.before, event.after)
        for event in dictionary.events.of(sample_id)
        if event.what == "verdict"
    ]
    assert told == [("maria", "none", "accepted"), ("jan", "accepted", "none")]
    times = [event.at for event in dictionary.events.of(sample_id)]
    assert times == sorted(times)


def test_the_author_is_the_user_where_none_is_named(dictionary, two_fitted, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    dictionary.verdicts.set({two_fitted[0]: Verdict.ACCEPTED})
    assert dictionary.fits.current_of(two_fitted[0]).verdict_by == "ada"


@pytest.mark.parametrize("error", [KeyError("uid 1234"), OSError("no name"), ImportError("pwd")])
def test_a_user_without_a_name_is_unknown(monkeypatch, error):
    def nameless() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert clock.default_author() == "unknown"


def test_a_rejection_keeps_its_reason_and_other_verdicts_have_none(dictionary, two_fitted):
    fit_id = dictionary.fits.current_of(two_fitted[0]).id
    dictionary.verdicts.set_on_fits(
        {fit_id: Verdict.REJECTED}, "maria", reasons={fit_id: RejectReason.LIMB}
    )
    assert dictionary.fits.current_of(two_fitted[0]).reject_reason is RejectReason.LIMB
    dictionary.verdicts.set({two_fitted[0]: Verdict.REJECTED})
    assert dictionary.fits.current_of(two_fitted[0]).reject_reason is RejectReason.LIMB
    dictionary.verdicts.set_on_fits(
        {fit_id: Verdict.ACCEPTED}, "maria", reasons={fit_id: RejectReason.LIMB}
    )
    assert dictionary.fits.current_of(two_fitted[0]).reject_reason is None


def test_undo_gives_a_reason_back_and_takes_one_away(dictionary, two_fitted):
    fit_id = dictionary.fits.current_of(two_fitted[0]).id
    rejected = {fit_id: Verdict.REJECTED}
    dictionary.verdicts.set_on_fits(rejected)
    change = dictionary.verdicts.set_on_fits(rejected, reasons={fit_id: RejectReason.SHAPE})
    assert change.changed == {fit_id}, "another reason is a change, too"
    dictionary.verdicts.set_on_fits(change.before, reasons=change.reasons_before)
    assert dictionary.fits.current_of(two_fitted[0]).reject_reason is None
    dictionary.verdicts.set_on_fits(change.after, reasons=change.reasons_after)
    assert dictionary.fits.current_of(two_fitted[0]).reject_reason is RejectReason.SHAPE


def test_reasons_are_logged_and_counted_of_current_fits(dictionary, two_fitted, make_fit):
    fit_ids = [dictionary.fits.current_of(sample_id).id for sample_id in two_fitted]
    dictionary.verdicts.set_on_fits(
        dict.fromkeys(fit_ids, Verdict.REJECTED),
        "maria",
        reasons=dict.fromkeys(fit_ids, RejectReason.DEPTH),
    )
    assert dictionary.verdicts.reject_reasons() == {RejectReason.DEPTH: 2}
    assert dictionary.info()["by_reject_reason"] == {"depth": 2}
    event = dictionary.events.of(two_fitted[0])[-1]
    assert (event.before, event.after) == ("none", "rejected: depth")
    dictionary.fits.offer([make_fit(two_fitted[0], loss=10.0, pose=1.0)])
    assert dictionary.verdicts.reject_reasons() == {RejectReason.DEPTH: 1}


@pytest.mark.parametrize("reason", [None, *RejectReason])
def test_a_verdict_reads_back_with_its_reason(reason):
    text = verdict_text(Verdict.REJECTED, reason)
    assert verdict_from_text(text) == (Verdict.REJECTED, reason)
