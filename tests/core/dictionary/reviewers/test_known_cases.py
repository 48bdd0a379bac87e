"""Hidden known cases: answers are counted for reviewers, and for nothing else."""

from __future__ import annotations

import pytest

from core.dictionary.search.query_parser import query_from_text
from core.errors import StudioError
from core.types.fits import Verdict
from tests.core.dictionary.conftest import new_fit, new_sample

ACCEPTED, REJECTED, UNSURE = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE


@pytest.fixture
def fits(dictionary) -> dict[int, int]:
    """Fits by sample: maria accepted three and rejected three of eight."""
    ids = dictionary.samples.add(new_sample(number) for number in range(8)).added_ids
    dictionary.fits.offer([new_fit(number) for number in ids])
    dictionary.verdicts.set(
        dict.fromkeys(ids[:3], ACCEPTED) | dict.fromkeys(ids[3:6], REJECTED), "maria"
    )
    return dictionary.fits.current_ids(ids)


def waiting(dictionary, name: str) -> list[int]:
    query = query_from_text(f"waiting:{name}")
    found = dictionary.search.ids(query).tolist()
    assert dictionary.search.index(dictionary.search.snapshot()).ids(query).tolist() == found
    return found


def test_as_many_accepted_as_rejected_ones_are_drawn_and_wait_for_all_but_the_expert(
    dictionary, fits
):
    drawn = dictionary.known_cases.draw(fits, 4, expert="maria", seed=1)
    verdicts = [row.verdict for row in dictionary.search.rows(drawn)]
    assert sorted(verdicts) == [ACCEPTED, ACCEPTED, REJECTED, REJECTED]
    assert dictionary.known_cases.waiting_for("jan") == {fits[number] for number in drawn}
    assert dictionary.known_cases.waiting_for("maria") == frozenset()
    assert set(waiting(dictionary, "jan")) == {*drawn, *list(fits)[6:]}
    dictionary.known_cases.forget(drawn)
    assert dictionary.known_cases.draw(fits, 4, expert="maria", seed=1) == drawn


def test_answers_change_no_verdict_and_are_no_opinions(dictionary, fits):
    drawn = dictionary.known_cases.draw(fits, 6, expert="maria")
    before = (dictionary.info(), dictionary.opinions.all(), dictionary.fits.current(fits).keys())
    given = {fits[number]: ACCEPTED for number in drawn[:5]} | {fits[drawn[5]]: UNSURE}
    change = dictionary.verdicts.set_on_fits(given, "jan", blind=set(given))
    assert change.changed == set(given)
    after = (dictionary.info(), dictionary.opinions.all(), dictionary.fits.current(fits).keys())
    assert after == before
    assert dictionary.known_cases.waiting_for("jan") == frozenset()
    (score,) = dictionary.known_cases.scores()
    assert (score.reviewer, score.right, score.missed, score.refused, score.unsure) == (
        "jan",
        3,
        2,
        0,
        1,
    )
    dictionary.verdicts.take_back(change)
    assert dictionary.known_cases.scores() == []
    assert dictionary.known_cases.waiting_for("jan") == set(given)


def test_a_verdict_that_was_given_knowingly_is_a_verdict(dictionary, fits):
    drawn = dictionary.known_cases.draw(fits, 1, expert="maria")
    dictionary.verdicts.set({drawn[0]: UNSURE}, "jan")
    assert dictionary.search.rows(drawn)[0].verdict is UNSURE
    assert dictionary.known_cases.waiting_for("jan") == frozenset(), "it is no case any more"


def test_the_count_is_positive(dictionary, fits):
    with pytest.raises(StudioError, match="0 known cases"):
        dictionary.known_cases.draw(fits, 0, expert="maria")
    assert dictionary.known_cases.draw(fits, 5, expert="eva") == [], "she judged none"
