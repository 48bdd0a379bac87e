"""The index in memory answers as SQL does, at once and after every kind of edit."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.search import column_cache, row_orders
from core.dictionary.search.query import DayRange, SampleQuery, SortKey
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.search.sample_index import SampleIndex
from core.dictionary.storage.change_log import changed_samples, newest_change
from core.dictionary.store import Dictionary
from core.types.cameras import CameraSource, PictureCamera, long_lens_camera
from core.types.fits import Origin, Verdict
from core.types.flags import FlagName
from core.types.view_groups import GroupNames

TODAY = datetime.now(UTC).date()
PEOPLE = 60

FILTERS = [
    "",
    "verdict:none",
    "verdict:accepted,rejected origin:mean",
    "dataset:LSP",
    "dataset:lsp flag:betas,depth",
    "flag:any",
    "flag:none",
    "flag:any,depth",
    "run:1",
    "run:1,2,77",
    "loss:10..60",
    "loss:..30 suspicion:0.5..",
    "beta:3..",
    "keypoints:12..40 without:fit",
    "error3d:..100",
    "prior:70 depth:30..50 error2d:1.. informativeness:..0.5 disagreement:..20",
    "without:fit",
    "with:corrections",
    "3_a",
    "coco",
    "PERSON",
    "nowhere",
    f"fitted:{TODAY}",
    f"fitted:..{TODAY - timedelta(days=1)}",
    "verdict:rejected loss:5.. flag:any lsp",
    "moment:any",
    "moment:none lsp",
    "moment:take,other",
    "subject:Eva verdict:none",
    "subject:any,none",
    "group:Eva,other",
    "group:left-out",
    "group:none camera:assumed",
    "camera:given",
    "camera:given,assumed",
    "'camera:long lens'",
]


@pytest.fixture
def people(dictionary: Dictionary, make_sample, make_fit) -> Dictionary:
    """Sixty samples of all kinds; many values are equal, so that ties are met."""
    generator = np.random.default_rng(3)
    ids = dictionary.samples.add(
        make_sample(
            number,
            dataset=("lsp", "coco", "LSP set")[number % 3],
            picture=f"{number % 7}_A%.jpg",
            visible=int(generator.integers(0, 49)),
        )
        for number in range(PEOPLE)
    ).added_ids
    run_ids = [
        dictionary.runs.start("training", configuration={}, versions={}, seed=None)
        for _ in range(2)
    ]
    fitted = [sample_id for sample_id in ids if sample_id % 5]
    dictionary.fits.offer(
        [
            make_fit(
                item,
                loss=float(generator.integers(1, 8)) * 10,
                beta=float(generator.uniform(0, 5)),
                depth_m=float(generator.integers(20, 60)),
                origin=(Origin.MEAN, Origin.IN_LOOP)[item % 2],
                run_id=run_ids[item // 2 % 2] if item % 2 else None,
            )
            for item in fitted
        ]
    )
    dictionary.verdicts.set({item: list(Verdict)[item % 4] for item in fitted[:40]}, "maria")
    assess(dictionary, fitted[5:45], generator)
    group(dictionary, ids)
    return dictionary


def group(dictionary: Dictionary, ids: list[int]) -> None:
    """Moments, a subject, one left out, and two cameras that are known."""
    names = {ids[0]: "take", ids[1]: "take", ids[2]: "other", ids[3]: "other", ids[4]: "take"}
    dictionary.groups.assign(
        {
            **{one: GroupNames(moment=name) for one, name in names.items()},
            ids[9]: GroupNames(subject="Eva"),
            ids[12]: GroupNames(moment="third", subject="Eva"),
        }
    )
    member = dictionary.groups.of([ids[4]])[ids[4]]
    dictionary.groups.restore({ids[4]: replace(member, left_out=True)})
    size = (640, 480)
    cameras = {
        Path("/pictures/1_A%.jpg"): PictureCamera(900.0, (320.0, 240.0)),
        Path("/pictures/2_A%.jpg"): long_lens_camera(size),
    }
    change = dictionary.cameras.set(cameras, compare=lambda *_given: None)
    assert len(change.after) == 2


def assess(dictionary: Dictionary, ids: list[int], generator: np.random.Generator) -> None:
    dictionary.assessments.store(
        [
            Assessment(
                basis=basis,
                suspicion=float(generator.integers(0, 4)) / 4,
                informativeness=float(generator.random()),
                disagreement_deg=float(generator.random() * 40) if one % 2 else None,
                error_2d_px=float(generator.random() * 9),
                error_3d_mm=float(generator.random() * 200) if one % 3 else None,
                flags=(RaisedFlag(FlagName.DEPTH, 1.0, "far"),) if one % 4 == 0 else (),
            )
            for one, basis in dictionary.assessments.inputs(ids).items()
        ]
    )


@pytest.fixture
def index(people: Dictionary) -> SampleIndex:
    return people.search.index(people.search.snapshot())


def assert_same(index: SampleIndex, dictionary: Dictionary) -> None:
    """Every filter under every order, against SQL."""
    for number, text in enumerate(FILTERS):
        keys = list(SortKey) if number in (0, 1) else [list(SortKey)[number % len(SortKey)]]
        for sort in keys:
            for descending in (False, True):
                query = query_from_text(text).in_order_of(
                    SampleQuery(sort=sort, descending=descending)
                )
                found = index.ids(query)
                assert found is not None
                assert found.tolist() == dictionary.search.ids(query).tolist(), (text, sort)


def test_every_filter_and_order_is_answered_as_by_sql(people, index):
    assert_same(index, people)
    assert index.verdict_count(Verdict.ACCEPTED) == people.search.verdict_counts()[Verdict.ACCEPTED]


def test_a_day_at_the_end_of_the_calendar_is_a_day(people, index):
    query = SampleQuery(fitted=DayRange(None, date.max))
    assert index.ids(query).tolist() == people.search.ids(query).tolist()


FRACTIONS = ("000000", "000001", "499999", "999499", "999500", "999999")


def test_a_fit_stored_just_before_the_next_second_or_day_is_not_counted_with_it(people, index):
    connection = people._connection
    times = [
        f"{day}T{clock}.{fraction}+00:00"
        for day, clock in (("2026-05-03", "23:59:58"), ("2026-05-03", "23:59:59"))
        for fraction in FRACTIONS
    ] + ["2026-05-04T00:00:00.000000+00:00", "2026-05-04T00:00:00.000001+00:00"]
    fitted = people.search.ids(SampleQuery(only_without_fit=False))
    ids = [item for item in fitted.tolist() if item in people.fits.current_ids(fitted)][
        : len(times)
    ]
    # Descending by id, so that ties broken by id would show.
    with connection.writing():
        connection.execute_many(
            "UPDATE samples SET current_created_at = ? WHERE id = ?",
            list(zip(times, reversed(ids), strict=True)),
        )
        connection.execute(
            "UPDATE fits SET created_at = samples.current_created_at FROM samples "
            "WHERE samples.current_fit_id = fits.id"
        )
    assert_same(index, people)
    third = SampleQuery(fitted=DayRange(date(2026, 5, 3), date(2026, 5, 3)))
    assert index.ids(third).tolist() == people.search.ids(third).tolist()
    assert len(index.ids(third)) == len(times) - 2


@pytest.mark.parametrize("seed", range(3))
def test_it_follows_whatever_another_process_writes(people, index, make_sample, make_fit, seed):
    generator = np.random.default_rng(seed)
    with Dictionary.open(people.project) as other:
        for step in range(6):
            ids = [
                int(item) for item in generator.choice(np.arange(1, PEOPLE + 1), 5, replace=False)
            ]
            with_fit = list(other.fits.current_ids(ids))
            edit = (step + seed) % 6
            if edit == 0:
                other.verdicts.set(dict.fromkeys(with_fit, Verdict.UNSURE), "piet")
            elif edit == 1:
                other.fits.offer(
                    [make_fit(sample_id, loss=float(step), pose=0.9 + step) for sample_id in ids]
                )
            elif edit == 2:
                assess(other, with_fit, generator)
            elif edit == 3:
                other.samples.add([make_sample(900 + 10 * seed + step, dataset="new set")])
            elif edit == 4:
                other.fits.make_current(with_fit[0], None)
            else:
                other.assessments.forget_all()
            assert_same(index, people)


def test_removed_samples_leave_and_come_back(people, index):
    connection = people._connection
    stored = {
        table: connection.rows(f"SELECT * FROM {table} WHERE {key} = 5")[0]
        for table, key in (("samples", "id"), ("annotations", "sample_id"))
    }
    with connection.writing():
        connection.execute("DELETE FROM samples WHERE id = 5")
    assert_same(index, people)
    assert 5 not in index.ids(SampleQuery())
    with connection.writing():
        for table, row in stored.items():
            marks = ", ".join("?" * len(row))
            connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values())
            )
    assert_same(index, people)
    assert 5 in index.ids(SampleQuery())


def test_a_project_without_samples_lists_nothing(dictionary, make_sample):
    index = dictionary.search.index(dictionary.search.snapshot())
    assert index.ids(SampleQuery(text="a", flagged=True)).tolist() == []
    dictionary.samples.add([make_sample(1)])
    assert_same(index, dictionary)


def test_orders_of_columns_that_did_not_change_are_kept(people, index, monkeypatch):
    for sort in SortKey:
        index.ids(SampleQuery(sort=sort))
    made = []
    make = SampleIndex._made_order
    monkeypatch.setattr(
        SampleIndex, "_made_order", lambda self, sort: made.append(sort) or make(self, sort)
    )
    people.verdicts.set({1: Verdict.REJECTED}, "maria")
    for sort in SortKey:
        index.ids(SampleQuery(sort=sort))
    assert made == [], "where one verdict changed its sample is put in its place"
    monkeypatch.setattr(row_orders, "MERGED_UP_TO", 0)
    people.verdicts.set({1: Verdict.UNSURE}, "maria")
    for sort in SortKey:
        index.ids(SampleQuery(sort=sort))
    assert made == [SortKey.VERDICT]


def test_an_order_in_which_few_values_changed_is_as_if_sorted_again():
    generator = np.random.default_rng(0)
    for _round in range(200):
        before = generator.choice([0.0, 1.0, 2.0, np.nan, -np.inf], 40)
        now = before.copy()
        changed = generator.integers(0, 40, 5)
        now[changed] = generator.choice([0.0, 1.5, np.nan], 5)
        found = row_orders.merged(row_orders.ascending(before), before, now)
        assert found.tolist() == np.argsort(now, kind="stable").tolist()
        assert found.dtype == np.int32


def test_orders_made_with_the_snapshot_answer_as_sql_does(people):
    snapshot, orders = people.search.snapshot_in_order()
    index = people.search.index(snapshot, orders)
    assert set(orders) == set(SortKey)
    assert_same(index, people)


def test_a_project_is_read_in_parts_of_any_length(people, monkeypatch):
    whole = people.search.snapshot()
    for together in (1, 7, len(whole)):
        monkeypatch.setattr(column_cache, "_READ_TOGETHER", together)
        parts = people.search.snapshot()
        np.testing.assert_array_equal(parts.ids, whole.ids)
        for name, column in whole.numbers.items():
            np.testing.assert_array_equal(parts.numbers[name], column)


def test_too_many_changes_are_read_again_by_the_index(people, index, monkeypatch):
    monkeypatch.setattr("core.dictionary.search.column_cache.READ_AGAIN_ABOVE", 3)
    people.assessments.forget_all()
    assert index.ids(SampleQuery()) is None


# The log of changes


def test_the_log_names_samples_whatever_changed_them(people, make_sample):
    connection = people._connection
    before = newest_change(connection)
    assert changed_samples(connection, after=before, at_most=100) == []
    people.verdicts.set({3: Verdict.ACCEPTED}, "maria")
    people.assessments.forget_all()
    added = people.samples.add([make_sample(500)]).added_ids[0]
    changed = changed_samples(connection, after=before, at_most=1000)
    assert {3, added} <= set(changed)


def test_a_reader_too_far_behind_or_of_another_file_is_told_so(people):
    connection = people._connection
    newest = newest_change(connection)
    assert changed_samples(connection, after=newest + 5, at_most=100) is None
    with connection.writing():
        connection.execute("DELETE FROM changes WHERE id <= ?", (newest - 2,))
    assert changed_samples(connection, after=newest - 4, at_most=100) is None
    assert changed_samples(connection, after=newest - 2, at_most=100) is not None


def test_the_log_is_tidied_as_it_grows(dictionary, make_sample, monkeypatch):
    sample_id = dictionary.samples.add([make_sample(1)]).added_ids[0]
    connection = dictionary._connection
    with connection.writing():
        connection.execute("UPDATE sqlite_sequence SET seq = 149990 WHERE name = 'changes'")
        for _ in range(20):
            connection.execute("UPDATE samples SET corrections = 1 WHERE id = ?", (sample_id,))
    oldest, newest = connection.execute("SELECT min(id), max(id) FROM changes")[0]
    assert (oldest, newest) == (149_991, 150_010)


def test_a_group_or_a_camera_that_is_given_later_is_found(people, index):
    group_query, camera_query = query_from_text("moment:late"), query_from_text("camera:typed")
    assert len(index.ids(group_query)) == len(index.ids(camera_query)) == 0
    people.groups.assign({20: GroupNames(moment="late"), 21: GroupNames(moment="late")})
    picture = people.samples.get(20).picture_path
    typed = PictureCamera(800.0, (320.0, 240.0), source=CameraSource.TYPED)
    people.cameras.set({picture: typed}, compare=lambda *_given: None)
    assert index.ids(group_query).tolist() == [20, 21]
    assert 20 in index.ids(camera_query)


def test_what_groups_and_cameras_let_through_is_what_they_hold(people):
    def found(text: str) -> list[int]:
        return people.search.ids(query_from_text(text)).tolist()

    assert found("moment:take") == [1, 2, 5]
    assert found("group:Eva") == found("subject:Eva") == [10, 13]
    assert found("group:any") == [1, 2, 3, 4, 5, 10, 13]
    assert found("moment:any") == [1, 2, 3, 4, 5, 13]
    assert len(found("group:none")) == PEOPLE - 7
    assert found("group:left-out") == [5]
    given, assumed, long = (
        found(text) for text in ("camera:given", "camera:assumed", "'camera:long lens'")
    )
    assert sorted([*given, *assumed, *long]) == list(range(1, PEOPLE + 1))
    assert given
    assert long
