"""Made errors are shown in the place of accepted fits, and are in no count and no fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.fits import FitLosses, Verdict
from core.types.reviewing.made_errors import ErrorFlag, ErrorKind, MadeError
from core.types.view_groups import GroupNames
from tests.core.dictionary.conftest import new_fit, new_sample

ACCEPTED, REJECTED, NONE, UNSURE = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.NONE, Verdict.UNSURE
LOSSES = FitLosses(
    reprojection=9.0, pose_prior=8.0, angle_prior=7.0, shape_prior=6.0, comparison=150.0
)


def error_in(dictionary: Dictionary, sample_id: int, *, beta: float = 4.5) -> MadeError:
    fit = dictionary.fits.current_of(sample_id)
    assert fit is not None
    betas = np.full(10, beta, np.float32)
    return MadeError(
        sample_id=sample_id,
        fit_id=fit.id,
        kind=ErrorKind.EXTREME_SHAPE,
        parameters=replace(fit.parameters, betas=betas),
        losses=LOSSES,
        suspicion=0.9,
        informativeness=0.4,
        error_2d_px=33.0,
        flags=(ErrorFlag(name="pose", score=0.8, reason="bent"),),
    )


@pytest.fixture
def ids(dictionary: Dictionary) -> list[int]:
    """Five people; maria accepted the first three."""
    ids = dictionary.samples.add(new_sample(number) for number in range(5)).added_ids
    dictionary.fits.offer([new_fit(number, loss=20.0 + number) for number in ids])
    dictionary.verdicts.set(dict.fromkeys(ids[:3], ACCEPTED), "maria")
    return ids


def look_as(dictionary: Dictionary, name: str) -> frozenset[int]:
    dictionary.sign_as(name)
    return dictionary.hidden.update()


def test_the_error_is_all_that_its_reviewer_sees_of_the_fit(dictionary: Dictionary, ids):
    sample_id = ids[1]
    error = error_in(dictionary, sample_id)
    assert dictionary.made_errors.plant([error]) == [sample_id]
    true = dictionary.fits.current_of(sample_id)
    assert look_as(dictionary, "jan") == {sample_id}
    assert dictionary.hidden.errors == {sample_id}
    (shown_id,) = dictionary.hidden.fit_ids
    assert shown_id < 0
    fit = dictionary.fits.current_of(sample_id)
    assert (fit.id, fit.verdict, fit.is_current) == (shown_id, NONE, True)
    assert fit.losses == LOSSES
    assert (fit.origin, fit.created_at) == (true.origin, true.created_at)
    assert np.array_equal(fit.parameters.betas, error.parameters.betas)
    assert [fit.id for fit in dictionary.fits.history(sample_id)] == [shown_id]
    assert dictionary.fits.get_many([shown_id])[0].losses == LOSSES
    (row,) = dictionary.search.rows([sample_id])
    assert (row.current_fit_id, row.loss, row.suspicion, row.verdict) == (shown_id, 150, 0.9, NONE)
    assert row.flags == ("betas", "pose", "reprojection")
    reasons = {flag.name: flag.reason for flag in dictionary.flags.of(sample_id)}
    assert reasons["betas"] == "a beta of 4.5"
    told = [(event.what, event.fit_id, event.after) for event in dictionary.events.of(sample_id)]
    assert told == [("current fit", shown_id, str(shown_id))]


def test_lists_are_sorted_and_filtered_by_what_is_shown(dictionary: Dictionary, ids):
    dictionary.made_errors.plant([error_in(dictionary, ids[1])])
    worst_first = SampleQuery(sort=SortKey.LOSS, descending=True)
    waiting = query_from_text("waiting:jan")
    for name, first, listed in (("maria", ids[4], ids[3:]), ("jan", ids[1], [ids[1], *ids[3:]])):
        look_as(dictionary, name)
        index = dictionary.search.index(dictionary.search.snapshot())
        for search in (dictionary.search, index):
            assert search.ids(worst_first)[0] == first, name
            assert search.ids(query_from_text("verdict:none")).tolist() == listed
            assert (ids[1] in search.ids(query_from_text("flag:pose"))) is (name == "jan")
        assert dictionary.search.ids(waiting).tolist() == [ids[1], *ids[3:]], "also by others"


def test_an_answer_is_counted_for_the_reviewer_and_for_nothing_else(dictionary: Dictionary, ids):
    before = (dictionary.info(), dictionary.opinions.all(), dictionary.events.of(ids[0]))
    dictionary.made_errors.plant([error_in(dictionary, key) for key in ids[:3]])
    look_as(dictionary, "jan")
    given = dict(zip(sorted(dictionary.hidden.fit_ids), (REJECTED, ACCEPTED, UNSURE), strict=True))
    change = dictionary.verdicts.set_on_fits(given, blind=set(given))
    assert change.changed == given.keys()
    assert look_as(dictionary, "jan") == set(ids[:3])
    after = (dictionary.info(), dictionary.opinions.all(), dictionary.events.of(ids[0]))
    assert after == before
    (score,) = dictionary.known_cases.scores()
    assert (score.reviewer, score.right, score.missed, score.unsure) == ("jan", 1, 1, 1)
    assert score.errors == {"extreme shape": (1, 3)}
    low, high = score.interval
    assert 0.05 < low < 1 / 3 < high < 0.8
    dictionary.verdicts.take_back(change)
    assert dictionary.known_cases.scores() == []
    assert look_as(dictionary, "jan") == set(ids[:3])


def test_who_accepted_the_fit_is_asked_only_where_everyone_is(dictionary: Dictionary, ids):
    dictionary.made_errors.plant([error_in(dictionary, ids[0])])
    dictionary.made_errors.plant([error_in(dictionary, ids[1])], ask_everyone=True)
    assert look_as(dictionary, "maria") == {ids[1]}
    dictionary.verdicts.set_on_fits(
        dict.fromkeys(dictionary.hidden.fit_ids, REJECTED), blind=dictionary.hidden.fit_ids
    )
    assert dictionary.known_cases.scores()[0].right == 1
    assert look_as(dictionary, "maria") == {ids[1]}
    assert dictionary.search.rows(ids[1:2])[0].verdict is ACCEPTED


def test_nothing_can_be_done_to_a_fit_by_the_number_that_an_error_is_shown_under(
    dictionary: Dictionary, ids
):
    dictionary.made_errors.plant([error_in(dictionary, ids[0])])
    look_as(dictionary, "jan")
    (shown_id,) = dictionary.hidden.fit_ids
    with pytest.raises(DictionaryError):
        dictionary.fits.make_current(ids[0], shown_id)
    body = new_fit(ids[0])
    with pytest.raises(DictionaryError):
        dictionary.corrections.keep_fit(body, made_from_fit_id=shown_id, body_name=None)
    answered = {shown_id: REJECTED}
    dictionary.verdicts.set_on_fits(answered, blind={shown_id})
    dictionary.verdicts.set_on_fits(answered, blind={shown_id})
    assert dictionary.known_cases.scores()[0].total == 1, "the second time it waits no more"
    look_as(dictionary, "maria")
    assert len(dictionary.fits.history(ids[0])) == 1


def test_errors_wait_as_long_as_their_fit_is_current_and_accepted(dictionary: Dictionary, ids):
    dictionary.made_errors.plant([error_in(dictionary, key) for key in ids[:3]])
    dictionary.verdicts.set({ids[0]: UNSURE}, "maria")
    dictionary.fits.make_current(ids[1], None)
    assert look_as(dictionary, "jan") == {ids[2]}
    taken_out = dictionary.questions.take_out(ids)
    assert [row["sample_id"] for row in taken_out["made_errors"]] == ids[:3]
    assert look_as(dictionary, "jan") == {ids[2]}
    assert dictionary.hidden.fit_ids == frozenset()
    dictionary.questions.put_in_again(taken_out)
    assert look_as(dictionary, "jan") == {ids[2]}
    dictionary.questions.put_in_again(taken_out)
    assert dictionary.questions.counts().made_errors == 3, "each once"


def test_one_who_is_a_case_already_or_shares_a_body_is_no_candidate(dictionary: Dictionary, ids):
    dictionary.verdicts.set(dict.fromkeys(ids, ACCEPTED), "maria")
    dictionary.made_errors.plant([error_in(dictionary, ids[0])])
    dictionary.shares.ask_second_opinions([ids[1]], 1.0)
    dictionary.known_cases.draw([ids[2]], 1, expert="maria")
    dictionary.groups.assign({ids[3]: GroupNames(moment="m", subject=None, camera="left")})
    assert dictionary.made_errors.candidates(ids) == [ids[4]]
    assert dictionary.shares.ask_second_opinions(ids, 1.0) == [ids[3], ids[4]]
    assert dictionary.made_errors.plant([error_in(dictionary, key) for key in ids]) == []
