"""Queries as JSON's values: what is stored in saved views and configurations."""

from __future__ import annotations

import json
from datetime import date

import pytest

from core.dictionary.search.query import DayRange, SampleQuery, SortKey, ValueRange
from core.dictionary.search.query_json import query_from_rules, rules_of
from core.errors import StudioError
from core.types.cameras import CameraSource
from core.types.fits import Origin, Verdict

FULL = SampleQuery(
    text="beach",
    verdicts=frozenset({Verdict.NONE, Verdict.UNSURE}),
    origins=frozenset({Origin.GROUND_TRUTH}),
    datasets=frozenset({"lsp"}),
    flags=frozenset({"betas", "depth"}),
    flagged=True,
    runs=frozenset({3, 12}),
    fitted=DayRange(date(2026, 11, 1), None),
    only_corrected=True,
    groups=frozenset({"left-out"}),
    moments=frozenset({"take 3", "any"}),
    subjects=frozenset({"Eva"}),
    cameras=frozenset({CameraSource.LONG_LENS, CameraSource.FOUND}),
    sort=SortKey.SUSPICION,
    descending=True,
).with_range(SortKey.LOSS, ValueRange(0.1 + 0.2, None))


@pytest.mark.parametrize("query", [SampleQuery(), FULL, SampleQuery(only_without_fit=True)])
def test_a_query_survives_as_json(query):
    assert query_from_rules(json.loads(json.dumps(rules_of(query)))) == query


def test_only_what_filters_is_written():
    assert rules_of(SampleQuery()) == {}
    assert rules_of(SampleQuery(descending=True)) == {"descending": True}


def test_a_rule_of_a_newer_program_is_refused_by_name():
    with pytest.raises(StudioError, match="colour") as caught:
        query_from_rules({"text": "beach", "colour": ["red"]})
    assert "newer" in caught.value.remedy


@pytest.mark.parametrize(
    "rules",
    [
        [],
        {"text": 3},
        {"runs": [True]},
        {"runs": "3"},
        {"only_corrected": 1},
        {"verdicts": ["fine"]},
        {"cameras": ["guessed"]},
        {"moments": [3]},
        {"sort": "beauty"},
        {"ranges": {"loss": [5, 1]}},
        {"ranges": {"verdict": [1, 2]}},
        {"ranges": {"loss": [1]}},
        {"fitted": ["yesterday", None]},
        {"fitted": [3, None]},
    ],
)
def test_what_is_no_rule_is_refused_with_its_value(rules):
    with pytest.raises(StudioError):
        query_from_rules(rules)
