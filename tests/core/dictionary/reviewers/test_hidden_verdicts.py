"""What a reviewer is not to see yet shows nowhere that a dictionary can be asked."""

from __future__ import annotations

import pytest

from core.dictionary.search.histograms import Histograms
from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from tests.core.dictionary.conftest import new_fit, new_sample

ACCEPTED, REJECTED, NONE, UNSURE = Verdict.ACCEPTED, Verdict.REJECTED, Verdict.NONE, Verdict.UNSURE


@pytest.fixture
def ids(dictionary: Dictionary) -> list[int]:
    """Six people; maria accepted two and rejected two of them."""
    ids = dictionary.samples.add(new_sample(number) for number in range(6)).added_ids
    dictionary.fits.offer([new_fit(number, loss=100.0 + number) for number in ids])
    given = dict.fromkeys(ids[:2], ACCEPTED) | dict.fromkeys(ids[2:4], REJECTED)
    dictionary.verdicts.set(given, "maria")
    return ids


def everything_told(dictionary: Dictionary, sample_id: int) -> dict[str, object]:
    """All that a window shows of one person, and all counts that the person is in."""
    search = dictionary.search
    index = search.index(search.snapshot())
    texts = ("verdict:none", "verdict:accepted", "reviewer:maria", "with:disagreement")
    queries = [query_from_text(text) for text in texts]
    fit = dictionary.fits.current_of(sample_id)
    assert fit is not None
    agreement = dictionary.verdicts.agreement()
    return {
        "row": search.rows([sample_id])[0].verdict,
        "fit": (fit.verdict, fit.verdict_by, fit.verdict_at, fit.reject_reason),
        "history": [each.verdict for each in dictionary.fits.history(sample_id)],
        "by id": dictionary.fits.get_many([fit.id])[0].verdict,
        "events": [event.what for event in dictionary.events.of(sample_id)],
        "opinions": dictionary.opinions.of_sample(sample_id),
        "lists": [sample_id in search.ids(query) for query in queries],
        "index": [sample_id in index.ids(query) for query in queries],
        "counts": [search.count(query) for query in queries],
        "verdict counts": search.verdict_counts(),
        "of index": [index.verdict_count(verdict) for verdict in Verdict],
        "facts": search.work_facts(),
        "gallery": dictionary.flags.sample_ids((), queries[0]).tolist(),
        "flag counts": dictionary.flags.counts(queries[0]),
        "reasons": dictionary.verdicts.reject_reasons(),
        "agreement": agreement,
        "histograms": {
            key: None if each is None else each.counts.tolist()
            for key, each in Histograms().of(index, queries[0]).items()
        },
        "order": search.ids(SampleQuery(sort=SortKey.VERDICT)).tolist(),
    }


def unjudged_twin(dictionary: Dictionary, project, sample_id: int) -> dict[str, object]:
    """The same of a copy in which no one ever judged the person."""
    with Dictionary.open(project) as copy:
        copy._connection.execute("DELETE FROM events WHERE what = 'verdict' AND sample_id = ?",
                                 (sample_id,))  # fmt: skip
        fit_id = copy.fits.current_ids([sample_id])[sample_id]
        for statement in (
            "DELETE FROM opinions WHERE fit_id = ?",
            "DELETE FROM judged_fits WHERE fit_id = ?",
            "UPDATE fits SET verdict = 'none', verdict_by = NULL, verdict_at = NULL WHERE id = ?",
            "UPDATE samples SET current_verdict = 'none' WHERE current_fit_id = ?",
        ):
            copy._connection.execute(statement, (fit_id,))
        return everything_told(copy, sample_id)


@pytest.mark.parametrize("place", [0, 2])
def test_the_one_who_is_asked_sees_the_project_as_if_the_first_verdict_had_not_been_given(
    dictionary: Dictionary, ids, tmp_path, place
):
    judged = ids[place]
    dictionary.shares.ask_second_opinions([judged], 1.0)
    dictionary.file.copy_to(tmp_path / "twin")
    before = everything_told(dictionary, judged)
    dictionary.sign_as("jan")
    assert dictionary.hidden.update() == {judged}
    assert everything_told(dictionary, judged) != before
    assert everything_told(dictionary, judged) == unjudged_twin(
        dictionary, tmp_path / "twin", judged
    )
    dictionary.sign_as("maria")
    assert dictionary.hidden.update() == {judged}
    assert everything_told(dictionary, judged) == before, "she gave it"


def test_writers_see_all_there_is_and_the_answer_uncovers_it(dictionary: Dictionary, ids):
    dictionary.shares.ask_second_opinions(ids[:1], 1.0)
    dictionary.sign_as("jan")
    dictionary.hidden.update()
    (fit_id,) = dictionary.hidden.fit_ids
    change = dictionary.verdicts.set_on_fits({fit_id: REJECTED}, blind={fit_id})
    assert change.before == {fit_id: ACCEPTED}
    assert dictionary.hidden.update() == {ids[0]}
    assert dictionary.search.rows(ids[:1])[0].verdict is UNSURE
    dictionary.verdicts.take_back(change)
    assert dictionary.hidden.update() == {ids[0]}
    assert dictionary.search.rows(ids[:1])[0].verdict is NONE


def test_counts_of_reviewers_and_merges_hold_what_is_hidden(dictionary: Dictionary, ids, tmp_path):
    dictionary.file.copy_to(tmp_path / "copy")
    before = dictionary.reviewers.report()
    dictionary.shares.ask_second_opinions(ids[:1], 1.0)
    dictionary.sign_as("jan")
    dictionary.hidden.update()
    assert dictionary.reviewers.report() == before
    assert dictionary.reviewers.names() == ["maria"]
    assert not dictionary.merges.rehearse(tmp_path / "copy"), "nothing is lacking here"


def test_an_index_takes_in_what_shows_otherwise_although_nothing_was_written(
    dictionary: Dictionary, ids
):
    dictionary.shares.ask_second_opinions(ids[:1], 1.0)
    not_reviewed = query_from_text("verdict:none")
    index = dictionary.search.index(dictionary.search.snapshot())
    assert ids[0] not in index.ids(not_reviewed)
    dictionary.sign_as("jan")
    index.read_again(dictionary.hidden.update())
    assert ids[0] in index.ids(not_reviewed)
    dictionary.sign_as("maria")
    index.read_again(dictionary.hidden.update())
    assert ids[0] not in index.ids(not_reviewed)


def test_other_dictionaries_of_the_project_hide_nothing(dictionary: Dictionary, ids):
    dictionary.shares.ask_second_opinions(ids[:1], 1.0)
    dictionary.sign_as("jan")
    dictionary.hidden.update()
    with Dictionary.open(dictionary.project) as other:
        other.sign_as("jan")
        assert other.search.rows(ids[:1])[0].verdict is ACCEPTED, "an export, a training"
