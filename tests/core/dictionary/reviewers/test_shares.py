"""Splitting work among reviewers, and blind second opinions."""

from __future__ import annotations

import pytest

from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import query_from_text, text_of_query
from core.errors import StudioError
from core.types.fits import Verdict
from tests.core.dictionary.conftest import new_fit, new_sample

COUNT = 20


@pytest.fixture
def ids(dictionary) -> list[int]:
    ids = dictionary.samples.add(new_sample(number) for number in range(COUNT)).added_ids
    dictionary.fits.offer([new_fit(number) for number in ids])
    return list(ids)


def listed(dictionary, text: str) -> list[int]:
    query = query_from_text(text)
    assert query_from_text(text_of_query(query)) == query
    by_sql = dictionary.search.ids(query).tolist()
    index = dictionary.search.index(dictionary.search.snapshot())
    assert index.ids(query).tolist() == by_sql
    return by_sql


def test_equal_shares_are_equal_and_the_same_for_the_same_seed(dictionary, ids):
    split = dictionary.shares.split(ids, {"maria": 1, "jan": 1}, seed=5)
    assert split.counts() == {"maria": 10, "jan": 10} or split.counts() == {"jan": 10, "maria": 10}
    assert dictionary.shares.split(ids, {"maria": 1, "jan": 1}, seed=5).after == split.after
    assert dictionary.shares.split(ids, {"maria": 1, "jan": 1}, seed=6).after != split.after


def test_unequal_shares_by_order_are_ranges(dictionary, ids):
    dictionary.shares.split(ids, {"maria": 3, "jan": 1}, seed=None)
    assert listed(dictionary, "assigned:maria") == ids[:15]
    assert listed(dictionary, "assigned:jan") == ids[15:]
    assert listed(dictionary, "assigned:none") == []


def test_the_pictures_of_a_moment_stay_together(dictionary, ids):
    for first in range(0, COUNT, 4):
        dictionary.groups.same_moment(ids[first : first + 4])
    after = dictionary.shares.split(ids, {"maria": 1, "jan": 1}, seed=1).after
    for first in range(0, COUNT, 4):
        assert len({after[number] for number in ids[first : first + 4]}) == 1


def test_a_split_is_undone_exactly(dictionary, ids):
    dictionary.shares.split(ids[:5], {"eva": 1})
    split = dictionary.shares.split(ids, {"maria": 1, "jan": 1})
    dictionary.shares.assign(split.before)
    assert dictionary.shares.assigned_counts() == {"eva": 5}
    assert listed(dictionary, "assigned:any") == ids[:5]


@pytest.mark.parametrize("reviewers", [{}, {"": 1}, {"maria": 0}])
def test_a_split_needs_names_and_shares(dictionary, ids, reviewers):
    with pytest.raises(StudioError):
        dictionary.shares.split(ids, reviewers)


def test_what_waits_for_me_is_mine_and_without_verdict(dictionary, ids):
    assert listed(dictionary, "waiting:maria") == ids, "a project that was not split is everyone's"
    dictionary.shares.split(ids, {"maria": 1, "jan": 1}, seed=None)
    dictionary.verdicts.set({ids[0]: Verdict.ACCEPTED}, "maria")
    assert listed(dictionary, "waiting:maria") == ids[1:10]
    assert listed(dictionary, "reviewer:maria") == ids[:1]


def test_a_share_is_drawn_reproducibly_and_waits_for_anyone_but_the_first(dictionary, ids):
    dictionary.verdicts.set(dict.fromkeys(ids[:10], Verdict.ACCEPTED), "maria")
    dictionary.verdicts.set({ids[10]: Verdict.UNSURE}, "maria")
    drawn = dictionary.shares.ask_second_opinions(ids, 0.3, seed=2)
    assert len(drawn) == 3
    assert set(drawn) <= set(ids[:10]), "what is unsure has no first verdict to compare"
    dictionary.shares.forget_second_opinions(drawn)
    assert dictionary.shares.ask_second_opinions(ids, 0.3, seed=2) == drawn
    fits = dictionary.fits.current_ids(drawn)
    assert dictionary.shares.asked_of("jan") == set(fits.values())
    assert dictionary.shares.asked_of("maria") == set()
    assert set(drawn) < set(listed(dictionary, "waiting:jan"))


def test_a_blind_opinion_is_asked_once_and_a_difference_is_listed(dictionary, ids):
    dictionary.verdicts.set(dict.fromkeys(ids[:4], Verdict.ACCEPTED), "maria")
    drawn = dictionary.shares.ask_second_opinions(ids, 0.5, reviewer="jan")
    fits = dictionary.fits.current_ids(drawn)
    first, second = drawn
    change = dictionary.verdicts.set_on_fits(
        {fits[first]: Verdict.REJECTED}, "jan", blind=fits.values()
    )
    assert dictionary.shares.asked_of("jan") == {fits[second]}
    assert listed(dictionary, "with:disagreement") == [first]
    dictionary.verdicts.take_back(change)
    assert dictionary.shares.asked_of("jan") == {fits[first], fits[second]}
    assert listed(dictionary, "with:disagreement") == []


def test_a_fit_that_was_replaced_is_not_asked_about(dictionary, ids):
    dictionary.verdicts.set({ids[0]: Verdict.REJECTED}, "maria")
    dictionary.shares.ask_second_opinions(ids, 1.0)
    dictionary.fits.offer([new_fit(ids[0], loss=1.0, pose=1.0)])
    assert dictionary.shares.asked_of("jan") == set()


@pytest.mark.parametrize("share", [0, -0.1, 1.5])
def test_a_share_is_a_share(dictionary, ids, share):
    with pytest.raises(StudioError, match="share"):
        dictionary.shares.ask_second_opinions(ids, share)


def test_rules_that_are_not_used_let_everything_through(dictionary, ids):
    assert dictionary.search.count(SampleQuery()) == COUNT
