"""Rule 6: sortable and filterable columns are indexed and true; lists are read in pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from core.dictionary.search.query import DayRange, SampleQuery, SortKey, ValueRange
from core.dictionary.search.query_sql import SORT_COLUMNS
from core.dictionary.store import Dictionary
from core.types.fits import Origin, Verdict

TODAY = datetime.now(UTC).date()
LOSSES = [30.0, 10.0, None, 150.0, 20.0, None]


@pytest.fixture
def listed(dictionary: Dictionary, make_sample, make_fit) -> list[int]:
    """Six samples; two without a fit."""
    ids = dictionary.samples.add(
        make_sample(number, dataset="lsp" if number % 2 else "coco", picture=f"{9 - number}_a%.jpg")
        for number in range(6)
    ).added_ids
    dictionary.fits.offer(
        [
            make_fit(
                sample_id,
                loss=loss,
                beta=loss / 40,
                depth_m=100 - loss / 10,
                origin=Origin.MEAN if loss > 15 else Origin.IN_LOOP,
            )
            for sample_id, loss in zip(ids, LOSSES, strict=True)
            if loss is not None
        ]
    )
    dictionary.verdicts.set({ids[0]: Verdict.ACCEPTED, ids[1]: Verdict.REJECTED}, "maria")
    return ids


def positions(dictionary: Dictionary, listed: list[int], query: SampleQuery) -> list[int]:
    found = dictionary.search.ids(query)
    assert found.dtype == np.int64
    assert dictionary.search.count(query) == len(found)
    return [listed.index(sample_id) for sample_id in found]


@pytest.mark.parametrize(
    ("sort", "ascending"),
    [
        (SortKey.ID, [0, 1, 2, 3, 4, 5]),
        (SortKey.NAME, [5, 4, 3, 2, 1, 0]),
        (SortKey.IMPORTED, [0, 1, 2, 3, 4, 5]),
        (SortKey.LOSS, [1, 4, 0, 3, 2, 5]),
        (SortKey.MAX_ABS_BETA, [1, 4, 0, 3, 2, 5]),
        (SortKey.DEPTH, [3, 0, 4, 1, 2, 5]),
        (SortKey.VERDICT, [0, 3, 4, 1, 2, 5]),
    ],
)
def test_rule_6_lists_are_sorted_and_missing_values_come_last(dictionary, listed, sort, ascending):
    assert positions(dictionary, listed, SampleQuery(sort=sort)) == ascending


def test_rule_6_descending_keeps_missing_values_last(dictionary, listed):
    query = SampleQuery(sort=SortKey.LOSS, descending=True)
    assert positions(dictionary, listed, query) == [3, 0, 4, 1, 5, 2]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"text": "7_A"}, [2]),
        ({"text": "LSP"}, [1, 3, 5]),
        ({"text": "a%"}, [0, 1, 2, 3, 4, 5]),
        ({"text": "_%_"}, []),
        ({"text": "person 4"}, [4]),
        ({"text": "' OR 1=1 --"}, []),
        ({"verdicts": frozenset({Verdict.NONE})}, [3, 4]),
        ({"verdicts": frozenset({Verdict.ACCEPTED, Verdict.REJECTED})}, [0, 1]),
        ({"origins": frozenset({Origin.MEAN})}, [0, 3, 4]),
        ({"datasets": frozenset({"lsp"})}, [1, 3, 5]),
        ({"flags": frozenset({"reprojection", "betas"})}, [3]),
        ({"only_without_fit": True}, [2, 5]),
        ({"datasets": frozenset({"lsp"}), "only_without_fit": True}, [5]),
        ({"flagged": True}, [3]),
        ({"flagged": False}, [0, 1, 2, 4, 5]),
        ({"flagged": False, "flags": frozenset({"betas"})}, []),
        ({"runs": frozenset({7})}, []),
        ({"ranges": ((SortKey.LOSS, ValueRange(20, 30)),)}, [0, 4]),
        ({"ranges": ((SortKey.LOSS, ValueRange(None, 20)),)}, [1, 4]),
        ({"ranges": ((SortKey.KEYPOINTS, ValueRange(50, None)),)}, []),
        ({"ranges": ((SortKey.SUSPICION, ValueRange(0, 1)),)}, []),
        ({"fitted": DayRange(TODAY, TODAY)}, [0, 1, 3, 4]),
        ({"fitted": DayRange(TODAY + timedelta(days=1))}, []),
        ({"fitted": DayRange(None, TODAY - timedelta(days=1))}, []),
        ({"fitted": DayRange(None, date.max)}, [0, 1, 3, 4]),
        ({"only_corrected": True}, []),
    ],
)
def test_rule_6_filters_let_through_what_they_say(dictionary, listed, filters, expected):
    assert positions(dictionary, listed, SampleQuery(**filters)) == expected
    sorted_by_loss = SampleQuery(**filters, sort=SortKey.LOSS)
    assert sorted(positions(dictionary, listed, sorted_by_loss)) == expected


def test_rule_6_every_sort_key_walks_an_index_without_sorting(dictionary, listed, monkeypatch):
    plans: list[str] = []
    execute = type(dictionary._connection).execute

    def explain(connection, sql, parameters=()):
        if "SELECT id FROM samples" in sql:
            plans.extend(
                row[3] for row in execute(connection, f"EXPLAIN QUERY PLAN {sql}", parameters)
            )
        return execute(connection, sql, parameters)

    monkeypatch.setattr(type(dictionary._connection), "execute", explain)
    for sort in SortKey:
        for descending in (False, True):
            plans.clear()
            dictionary.search.ids(SampleQuery(sort=sort, descending=descending))
            assert any("samples" in plan for plan in plans), sort
            assert not [plan for plan in plans if "TEMP B-TREE" in plan], (sort, plans)


def test_rule_6_the_list_of_a_review_is_not_sorted_either(dictionary, listed):
    where = "current_verdict IN ('none') AND current_loss IS NOT NULL"
    plan = dictionary._connection.execute(
        f"EXPLAIN QUERY PLAN SELECT id FROM samples WHERE {where} ORDER BY current_loss, id"
    )
    (step,) = [row[3] for row in plan]
    assert "COVERING INDEX samples_by_verdict_and_loss" in step


def test_rule_6_every_column_that_can_be_sorted_or_filtered_is_indexed(dictionary):
    database = dictionary._connection.database
    first_columns = {index.columns[0] for index in database["samples"].indexes} | {"id"}
    filtered = {"current_verdict", "current_origin", "dataset", "current_fit_id", "current_run_id"}
    assert set(SORT_COLUMNS.values()) | filtered <= first_columns
    assert set(SORT_COLUMNS) == set(SortKey)


def test_rows_show_the_current_fit(dictionary, listed):
    row = dictionary.search.rows([listed[3]])[0]
    assert row.name == "6_a%.jpg · person 3"
    assert (row.dataset, row.verdict, row.origin, row.loss) == (
        "lsp",
        Verdict.NONE,
        Origin.MEAN,
        150.0,
    )
    assert (row.max_abs_beta, row.depth_m) == (3.75, 85.0)
    assert row.flags == ("betas", "reprojection")
    assert row.has_fit


def test_rows_without_a_fit_say_so(dictionary, listed):
    row = dictionary.search.rows([listed[2]])[0]
    assert (row.verdict, row.origin, row.loss, row.max_abs_beta, row.depth_m) == (
        Verdict.NONE,
        None,
        None,
        None,
        None,
    )
    assert not row.has_fit


def test_verdicts_are_counted_whatever_verdict_is_filtered(dictionary, listed):
    expected = {
        Verdict.NONE: 2,
        Verdict.ACCEPTED: 1,
        Verdict.REJECTED: 1,
        Verdict.UNSURE: 0,
    }
    assert dictionary.search.verdict_counts() == expected
    only = SampleQuery(verdicts=frozenset({Verdict.ACCEPTED}))
    assert dictionary.search.verdict_counts(only) == expected
    lsp = dictionary.search.verdict_counts(SampleQuery(datasets=frozenset({"lsp"})))
    assert lsp[Verdict.REJECTED] == 1
    assert lsp[Verdict.ACCEPTED] == 0


def test_info_counts_everything(dictionary, listed):
    facts = dictionary.info()
    assert (facts["samples"], facts["samples_with_fit"], facts["fits"]) == (6, 4, 4)
    assert facts["by_origin"] == {"mean": 3, "in-loop": 1}
    assert facts["by_verdict"] == {"none": 2, "accepted": 1, "rejected": 1, "unsure": 0}
    assert facts["by_dataset"] == {"coco": 3, "lsp": 3}
    assert facts["flags"] == {"betas": 1, "reprojection": 1}
    assert facts["schema_version"] == dictionary.file.schema_version


@pytest.fixture
def many(project, make_sample) -> Iterator[Dictionary]:
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(make_sample(number) for number in range(3000))
        yield dictionary


def test_more_ids_than_sqlite_takes_parameters_are_one_page(many: Dictionary):
    """SQLite takes 32766 parameters; ids travel as one."""
    ids = np.tile(many.search.ids(), 12)
    assert len(many.search.rows(ids)) == 36000


# What is stored twice


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE samples SET current_loss = 1 WHERE id = 1", "list columns"),
        ("UPDATE samples SET current_verdict = 'unsure' WHERE id = 1", "list columns"),
        ("UPDATE fits SET verdict = 'unsure' WHERE sample_id = 1", "list columns"),
        ("DELETE FROM flags WHERE name = 'betas'", "lacks the flag betas"),
        (
            "INSERT INTO flags (name, sample_id, score) VALUES ('no keypoints', 1, 0)",
            "flag no keypoints wrongly",
        ),
        ("DELETE FROM annotations WHERE sample_id = 1", "no keypoints"),
    ],
)
def test_the_checker_sees_columns_and_flags_that_do_not_match(
    project, make_sample, make_fit, damage, told
):
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add([make_sample(1)])
        dictionary.fits.offer([make_fit(1, beta=4.0)])
        assert dictionary.problems() == []
        dictionary._connection.execute(damage)
        assert any(told in problem for problem in dictionary.problems())


def test_list_columns_stay_true_through_random_edits(dictionary, make_sample, make_fit):
    """Offers, verdicts and choices of the history in random order; the fixture checks the rest."""
    generator = np.random.default_rng(3)
    ids = dictionary.samples.add(make_sample(number) for number in range(5)).added_ids
    verdicts = list(Verdict)
    for _ in range(120):
        sample_id = ids[generator.integers(5)]
        match generator.integers(3):
            case 0:
                pose = generator.normal(size=72).astype(np.float32)
                loss, beta = generator.uniform(1, 200), generator.uniform(0, 5)
                dictionary.fits.offer([make_fit(sample_id, loss=loss, pose=pose, beta=beta)])
            case 1 if dictionary.fits.current_of(sample_id):
                verdict = verdicts[generator.integers(4)]
                dictionary.verdicts.set({sample_id: verdict}, "maria")
            case 2 if dictionary.fits.history(sample_id):
                history = dictionary.fits.history(sample_id)
                chosen = history[generator.integers(len(history))]
                dictionary.fits.make_current(sample_id, chosen.id, "maria")
        for row in dictionary.search.rows(ids):
            fit = dictionary.fits.current_of(row.id)
            if fit is not None:
                assert (row.loss, row.verdict) == (fit.losses.comparison, fit.verdict)
    assert dictionary.problems() == []
