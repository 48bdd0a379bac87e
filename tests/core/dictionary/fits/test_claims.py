"""Claims: a sample is worked on by one process at a time, and a dead one's work is taken over."""

from __future__ import annotations

import pytest

from core.dictionary.store import Dictionary


@pytest.fixture
def ids(dictionary, make_sample):
    return dictionary.samples.add([make_sample(index) for index in range(1, 7)]).added_ids


def test_what_one_has_claimed_another_does_not_get(dictionary, ids):
    with Dictionary.open(dictionary.project) as other:
        assert dictionary.claims.take("fit", ids[:3]) == list(ids[:3])
        assert other.claims.take("fit", ids) == list(ids[3:])
        assert other.claims.take("flag", ids) == list(ids), "another work is no rival"
        assert dictionary.claims.take("fit", ids) == list(ids[:3]), "its own it may claim again"
        dictionary.claims.release("fit")
        assert other.claims.take("fit", ids[::-1]) == list(ids[::-1])


def test_the_next_claim_lets_go_of_the_one_before(dictionary, ids):
    with Dictionary.open(dictionary.project) as other:
        dictionary.claims.take("fit", ids[:3])
        dictionary.claims.take("fit", ids[3:])
        assert other.claims.take("fit", ids) == list(ids[:3])


def test_what_a_worker_left_is_known_and_taken_over(dictionary, ids):
    with Dictionary.open(dictionary.project) as other:
        other.claims.take("fit", ids[:4])
        taken = dictionary.claims.taken_by_others("fit", ids[1:])
        assert (taken.by_the_living, taken.by_the_gone) == (list(ids[1:4]), [])
        assert other.claims.taken_by_others("fit", ids).by_the_living == []
    taken = dictionary.claims.taken_by_others("fit", ids[1:])
    assert (taken.by_the_living, taken.by_the_gone) == ([], list(ids[1:4]))
    assert dictionary.claims.take("fit", ids) == list(ids)
    dictionary.claims.release("fit")
    assert dictionary._connection.scalar("SELECT count(*) FROM claims") == 0


def test_claims_of_the_dead_do_not_pile_up(dictionary, ids):
    with Dictionary.open(dictionary.project) as other:
        other.claims.take("flag", ids)
    dictionary.claims.take("fit", ids[:1])
    dictionary.claims.release("fit")
    assert dictionary._connection.scalar("SELECT count(*) FROM claims") == 0


def test_a_removed_sample_takes_its_claim_with_it(dictionary, ids):
    dictionary.claims.take("fit", ids)
    dictionary._connection.execute("DELETE FROM samples WHERE id = ?", (ids[0],))
    assert dictionary.problems() == []


def test_a_sample_that_was_removed_since_the_list_was_made_is_passed_over(dictionary, ids):
    dictionary._connection.execute("DELETE FROM samples WHERE id = ?", (ids[1],))
    assert dictionary.claims.take("fit", ids) == [ids[0], *ids[2:]]
