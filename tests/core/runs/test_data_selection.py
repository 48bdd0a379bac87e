"""The samples a training takes, as its configuration stores them."""

from __future__ import annotations

import json

import pytest

from core.dictionary.search.query_parser import query_from_text
from core.errors import StudioError
from core.runs.data_selection import DataSelection
from core.runs.training_configuration import STUDIO, TrainingConfiguration
from core.types.fits import Verdict


def test_every_filter_of_a_list_survives_in_a_configuration():
    query = query_from_text("verdict:none flag:any loss:10..50 run:3 fitted:2026-11-01.. beach")
    values = {**STUDIO.to_dict(), "where": DataSelection.of(query).to_rules()}
    stored = TrainingConfiguration.from_json(json.dumps(values))
    assert stored.where.query() == query
    assert TrainingConfiguration.from_json(stored.to_json()) == stored


def test_configurations_of_older_programs_load():
    older = {
        "text": "beach",
        "verdicts": ["accepted"],
        "origins": [],
        "datasets": [],
        "flags": [],
        "only_without_fit": False,
    }
    query = TrainingConfiguration.from_dict({"where": older}).where.query()
    assert (query.text, query.verdicts) == ("beach", frozenset({Verdict.ACCEPTED}))
    assert query.origins == frozenset()


def test_a_filter_of_a_newer_program_is_refused():
    with pytest.raises(StudioError, match=r"where.*colour"):
        TrainingConfiguration.from_dict({"where": {"colour": ["red"]}})
