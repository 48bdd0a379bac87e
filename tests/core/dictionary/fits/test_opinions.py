"""Each reviewer's verdict is kept, and the verdict that counts follows from all of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

import pytest

from core.dictionary.storage import clock
from core.types.fits import RejectReason, Verdict
from core.types.reviewing.opinions import (
    DISAGREEMENT_AUTHOR,
    EffectiveVerdict,
    Opinion,
    effective_verdict,
    standing_opinions,
)

ACCEPTED, REJECTED, UNSURE, NONE = (
    Verdict.ACCEPTED,
    Verdict.REJECTED,
    Verdict.UNSURE,
    Verdict.NONE,
)


def opinion(reviewer: str, verdict: Verdict, at: int, saw: Iterable[str] = ()) -> Opinion:
    return Opinion(
        fit_id=1,
        sample_id=1,
        reviewer=reviewer,
        verdict=verdict,
        at=f"{at:04d}",
        saw=frozenset(saw),
    )


@pytest.fixture
def fit_id(dictionary, sample_id, make_fit) -> int:
    return dictionary.fits.offer([make_fit(sample_id)])[0].fit_id


def borne(dictionary, fit_id: int) -> tuple[Verdict, str | None]:
    (fit,) = dictionary.fits.get_many([fit_id])
    return fit.verdict, fit.verdict_by


def test_the_newest_opinion_of_one_reviewer_counts():
    said = [opinion("maria", ACCEPTED, 1), opinion("maria", REJECTED, 2)]
    assert effective_verdict(said) == EffectiveVerdict(REJECTED, None, "maria", "0002")


def test_two_who_agree_bear_the_first_name():
    said = [opinion("jan", ACCEPTED, 2, ["maria"]), opinion("maria", ACCEPTED, 1)]
    assert effective_verdict(said).by == "maria"


def test_two_who_did_not_see_each_other_and_differ_leave_the_fit_unsure():
    said = [opinion("maria", ACCEPTED, 1), opinion("jan", REJECTED, 2)]
    assert effective_verdict(said) == EffectiveVerdict(UNSURE, None, DISAGREEMENT_AUTHOR, "0002")


def test_who_saw_another_opinion_overrules_it_but_not_a_later_one():
    first, second = opinion("maria", ACCEPTED, 1), opinion("jan", REJECTED, 2, ["maria"])
    assert effective_verdict([first, second]).by == "jan"
    assert effective_verdict([first, second, opinion("maria", ACCEPTED, 3)]).verdict is UNSURE


def test_a_cleared_verdict_is_no_opinion_and_what_it_overruled_stays_so():
    said = [opinion("maria", ACCEPTED, 1), opinion("jan", NONE, 2, ["maria"])]
    assert standing_opinions(said) == ()
    assert effective_verdict(said).verdict is NONE


def test_the_verdict_does_not_depend_on_the_order_of_the_opinions():
    draw = random.Random(4)
    names = ("maria", "jan", "eva")
    for _ in range(200):
        said = [
            opinion(
                draw.choice(names),
                draw.choice(list(Verdict)),
                at,
                draw.sample(names, draw.randrange(3)),
            )
            for at in range(4)
        ]
        results = {effective_verdict(list(order)) for order in itertools.permutations(said)}
        assert len(results) == 1, said


def test_every_verdict_is_kept_with_its_reviewer_and_time(dictionary, fit_id, sample_id):
    dictionary.verdicts.set({sample_id: ACCEPTED}, "maria")
    dictionary.verdicts.set_on_fits({fit_id: REJECTED}, "jan", reasons={fit_id: RejectReason.LIMB})
    first, second = dictionary.opinions.of_sample(sample_id)
    assert (first.reviewer, first.verdict, first.saw) == ("maria", ACCEPTED, frozenset())
    assert (second.reviewer, second.reason, second.saw) == ("jan", RejectReason.LIMB, {"maria"})
    assert first.at < second.at
    assert borne(dictionary, fit_id) == (REJECTED, "jan")


def test_an_agreeing_verdict_is_an_opinion_that_changes_nothing(dictionary, fit_id, sample_id):
    dictionary.verdicts.set({sample_id: ACCEPTED}, "maria")
    change = dictionary.verdicts.set({sample_id: ACCEPTED}, "jan")
    assert change.changed == {fit_id}
    assert borne(dictionary, fit_id) == (ACCEPTED, "maria")
    assert not dictionary.verdicts.set({sample_id: ACCEPTED}, "jan").changed


def test_a_blind_opinion_that_differs_unlocks_the_fit(dictionary, fit_id, sample_id):
    dictionary.verdicts.set({sample_id: ACCEPTED}, "maria")
    dictionary.verdicts.set_on_fits({fit_id: REJECTED}, "jan", blind={fit_id})
    assert borne(dictionary, fit_id) == (UNSURE, DISAGREEMENT_AUTHOR)
    assert dictionary.search.rows([sample_id])[0].verdict is UNSURE
    dictionary.verdicts.set({sample_id: ACCEPTED}, "maria")  # now she has seen what jan said
    assert borne(dictionary, fit_id) == (ACCEPTED, "maria")


def test_taking_back_restores_verdict_author_and_time(dictionary, fit_id, sample_id):
    dictionary.verdicts.set({sample_id: ACCEPTED}, "maria")
    (before,) = dictionary.fits.get_many([fit_id])
    for blind in (set(), {fit_id}):
        change = dictionary.verdicts.set_on_fits({fit_id: REJECTED}, "jan", blind=blind)
        dictionary.verdicts.take_back(change)
        (after,) = dictionary.fits.get_many([fit_id])
        assert (after.verdict, after.verdict_by, after.verdict_at) == (
            ACCEPTED,
            "maria",
            before.verdict_at,
        )


def test_a_clock_that_was_set_back_makes_no_new_verdict_older(dictionary, fit_id, monkeypatch):
    dictionary.verdicts.set_on_fits({fit_id: ACCEPTED}, "maria")
    monkeypatch.setattr(
        "core.dictionary.fits.opinions.utc_now", lambda: "2001-01-01T00:00:00.000000+00:00"
    )
    dictionary.verdicts.set_on_fits({fit_id: REJECTED}, "maria")
    assert borne(dictionary, fit_id) == (REJECTED, "maria")


def test_edits_are_signed_with_the_name_of_the_reviewer(dictionary, fit_id, sample_id):
    assert dictionary.author == clock.default_author()
    dictionary.sign_as(" eva ")
    dictionary.verdicts.set({sample_id: ACCEPTED})
    dictionary.fits.make_current(sample_id, None)
    assert {event.author for event in dictionary.events.of(sample_id)} == {"eva", "program"}
    assert borne(dictionary, fit_id) == (ACCEPTED, "eva")
