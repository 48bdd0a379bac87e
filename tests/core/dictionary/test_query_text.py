"""Filters as people type them."""

from __future__ import annotations

import pytest

from core.dictionary.query_text import query_from_text, text_of_query
from core.dictionary.records import SampleQuery
from core.errors import StudioError
from core.records import Origin, Verdict


def test_keys_filter_and_other_words_are_searched_for():
    query = query_from_text("verdict:rejected,none flag:betas beach day without:fit")
    assert query == SampleQuery(
        text="beach day",
        verdicts=frozenset({Verdict.REJECTED, Verdict.NONE}),
        flags=frozenset({"betas"}),
        only_without_fit=True,
    )


@pytest.mark.parametrize(
    "query",
    [
        SampleQuery(),
        SampleQuery(text="night's street", origins=frozenset({Origin.GROUND_TRUTH, Origin.MEAN})),
        SampleQuery(datasets=frozenset({"my set"}), flags=frozenset({"few keypoints"})),
        SampleQuery(verdicts=frozenset(Verdict), only_without_fit=True),
    ],
)
def test_a_query_survives_as_text(query):
    assert query_from_text(text_of_query(query)) == query


@pytest.mark.parametrize(
    ("text", "named"),
    [("colour:red", "colour"), ("verdict:good", "accepted"), ("'open", "quote")],
)
def test_what_is_not_understood_is_named(text, named):
    with pytest.raises(StudioError, match=named) as caught:
        query_from_text(text)
    assert caught.value.remedy
