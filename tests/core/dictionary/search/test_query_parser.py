"""Filters as people type them."""

from __future__ import annotations

from datetime import date

import pytest

from core.dictionary.search.query import MEASURES, DayRange, SampleQuery, SortKey, ValueRange
from core.dictionary.search.query_parser import (
    MEASURE_WORDS,
    choice_from_text,
    query_from_text,
    text_of_query,
)
from core.errors import StudioError
from core.types.cameras import CameraSource
from core.types.fits import Origin, Verdict


def test_keys_filter_and_other_words_are_searched_for():
    query = query_from_text("verdict:rejected,none flag:betas beach day without:fit")
    assert query == SampleQuery(
        text="beach day",
        verdicts=frozenset({Verdict.REJECTED, Verdict.NONE}),
        flags=frozenset({"betas"}),
        only_without_fit=True,
    )


def test_ranges_days_and_runs_are_read_as_people_write_them():
    query = query_from_text("loss:10..50 run:3 fitted:2026-11-01.. keypoints:12.. with:corrections")
    assert query == SampleQuery(
        ranges=(
            (SortKey.LOSS, ValueRange(10, 50)),
            (SortKey.KEYPOINTS, ValueRange(12, None)),
        ),
        runs=frozenset({3}),
        fitted=DayRange(date(2026, 11, 1)),
        only_corrected=True,
    )


def test_every_measure_has_a_word_of_its_own():
    assert sorted(MEASURE_WORDS.values()) == sorted(MEASURES)


@pytest.mark.parametrize(
    "query",
    [
        SampleQuery(),
        SampleQuery(text="night's street", origins=frozenset({Origin.GROUND_TRUTH, Origin.MEAN})),
        SampleQuery(datasets=frozenset({"my set"}), flags=frozenset({"few keypoints"})),
        SampleQuery(verdicts=frozenset(Verdict), only_without_fit=True),
        SampleQuery(flagged=True, flags=frozenset({"betas"}), runs=frozenset({12, 3})),
        SampleQuery(flagged=False, only_corrected=True),
        SampleQuery(groups=frozenset({"any", "left-out"}), moments=frozenset({"take 3 · b"})),
        SampleQuery(subjects=frozenset({"none"}), cameras=frozenset(CameraSource)),
        SampleQuery(fitted=DayRange(date(2026, 11, 1), None)),
        SampleQuery(fitted=DayRange(date(2026, 11, 1), date(2026, 11, 1))),
        SampleQuery()
        .with_range(SortKey.SUSPICION, ValueRange(0.1 + 0.2, 1.0))
        .with_range(SortKey.LOSS, ValueRange(None, 1e-7))
        .with_range(SortKey.KEYPOINTS, ValueRange(12, 12)),
    ],
)
def test_a_query_survives_as_text(query):
    assert query_from_text(text_of_query(query)) == query


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour:red", "colour"),
        ("verdict:good", "accepted"),
        ("'open", "quote"),
        ("loss:many", "many"),
        ("loss:nan..", "nan"),
        ("loss:..", "LOW..HIGH"),
        ("loss:", "LOW..HIGH"),
        ("loss:50..10", "smaller first"),
        ("fitted:2026-13-01..", "2026-13-01"),
        ("fitted:2026-11-02..2026-11-01", "earlier first"),
        ("run:first", "number"),
        ("run:99999999999999999999", "number"),
        ("flag:any,none", "nothing out"),
        ("camera:guessed", "assumed"),
        ("moment:", "any"),
        ("subject:left-out", "group:left-out"),
    ],
)
def test_what_is_not_understood_is_named(text, named):
    with pytest.raises(StudioError, match=named) as caught:
        query_from_text(text)
    assert caught.value.remedy


@pytest.mark.parametrize("space", [" ", "  ", "\t", "\x1f", "\u2003", "\x85"])
def test_any_space_in_quotes_separates_words(space):
    query = query_from_text(f"'two{space}words' three")
    assert query.text == "two words three"
    assert query_from_text(text_of_query(query)) == query


def test_a_word_that_is_no_text_finds_nothing(dictionary):
    """As a shell hands over a name whose bytes are no UTF-8."""
    query = query_from_text("caf\udce9 dataset:\udce9")
    assert query_from_text(text_of_query(query)) == query
    assert dictionary.search.count(query) == 0


def test_what_only_orders_samples_chooses_none_to_act_on():
    with pytest.raises(StudioError, match="like:12") as error:
        choice_from_text("verdict:none like:12,mirrored")
    assert "same:12" in error.value.remedy
    for text in ("same:12", "verdict:none", ""):
        assert choice_from_text(text) == query_from_text(text)
