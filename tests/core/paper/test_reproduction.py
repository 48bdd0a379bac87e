"""The reproduction in miniature: interrupted, resumed, and written down."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from itertools import product

import pytest
import torch

from core.engine.evaluation.tables import Spread
from core.errors import Cancelled, StudioError
from core.paper import statements as module
from core.paper.benchmark import UNITS_PER_FITTED_ITERATION, cells_of, reproduce
from core.paper.cells import Cell, Start, trained_run
from core.paper.report import write_report
from core.paper.settings import QUICK, Method, Pairing
from core.paper.statements import StatementResult, statements
from core.progress import CancelToken

SMALL = replace(
    QUICK,
    name="small",
    train_people=5,
    test_people=3,
    seeds=(0,),
    iterations=1,
    batch_size=5,
    paired_people=4,
)


_PEOPLE = 5 + 3
_UNITS_OF_A_START = UNITS_PER_FITTED_ITERATION + 1 + 1


@pytest.fixture(scope="module")
def one_thread():
    """So few people are no work for several threads, which only wait for one another."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def interrupted_and_resumed(tmp_path_factory, one_thread):
    """Cancelled in the middle of the cells, then run again; results and what was left to do."""
    out = tmp_path_factory.mktemp("reproduction") / "work"
    token, totals = CancelToken(), []

    def watch(progress):
        totals.append(progress.total)
        if progress.done > _PEOPLE + 2 and not token.cancelled:
            token.cancel()

    with pytest.raises(Cancelled):
        reproduce(out, SMALL, progress=watch, cancel=token)
    finished = {path.parent.name for path in out.glob("cells/*/result.json")}
    times = {name: (out / "cells" / name / "result.json").stat().st_mtime_ns for name in finished}
    left = []
    results = reproduce(out, SMALL, progress=lambda progress: left.append(progress.total))
    return out, results, totals[0], left[0], times


def test_an_interrupted_reproduction_goes_on_where_it_was(interrupted_and_resumed):
    out, results, wanted, left, times = interrupted_and_resumed
    assert wanted == _PEOPLE + len(Pairing) * len(Start) * _UNITS_OF_A_START
    assert 0 < left < wanted
    assert set(results.cells) == set(cells_of(SMALL))
    assert times, "nothing was finished before the interruption"
    for name, changed in times.items():
        assert (out / "cells" / name / "result.json").stat().st_mtime_ns == changed


def test_a_finished_reproduction_has_nothing_left_and_says_the_same(interrupted_and_resumed):
    out, results, *_ = interrupted_and_resumed
    totals = []
    again = reproduce(out, SMALL, progress=lambda progress: totals.append(progress.total))
    assert set(totals) == {0}
    assert again.cells == results.cells
    assert again.initial == results.initial


def test_every_cell_judges_all_test_people_and_the_dictionary(interrupted_and_resumed):
    _, results, *_ = interrupted_and_resumed
    for cell, result in results.cells.items():
        assert result.test.people == 3
        assert result.dictionary.people == 5
        assert bool(result.refitted) == (cell.method is Method.IN_LOOP)
    assert results.mean_body.people == 3
    assert all(errors.people == 5 for errors in results.fitted_again.values())
    static = results.cells[Cell(Pairing.UNPAIRED, Start.MEAN, Method.STATIC, 0)]
    assert static.dictionary == results.initial[Start.MEAN]


def test_checkpoints_without_a_dictionary_are_no_training(tmp_path):
    run = tmp_path / "checkpoints" / "run_1"
    run.mkdir(parents=True)
    (run / "last.pt").touch()
    assert trained_run(tmp_path) == (0, False)
    (tmp_path / "dictionary.db").touch()
    assert trained_run(tmp_path) == (1, False)


def test_other_settings_in_the_same_folder_are_refused(interrupted_and_resumed):
    out, *_ = interrupted_and_resumed
    with pytest.raises(StudioError, match="other settings"):
        reproduce(out, replace(SMALL, iterations=2))


def test_the_report_holds_tables_plots_and_conditions(interrupted_and_resumed, tmp_path):
    _, results, *_ = interrupted_and_resumed
    report = write_report(tmp_path, results)
    text = report.path.read_text()
    for number in range(1, 5):
        assert f"## Table {number}." in text
        assert (tmp_path / f"table_{number}.png").read_bytes()[1:4] == b"PNG"
        assert f"(table_{number}.png)" in text
    assert "seeds: (0,)" in text
    assert "minutes in all" in text
    rows = list(csv.DictReader((tmp_path / "table_3.csv").read_text().splitlines()))
    assert [row["dictionary"] for row in rows] == [
        *["initial"] * 2,
        *["fitted 6 times more, no regressor"] * 2,
        *["final"] * 4,
    ]
    initial = results.initial[Start.MEAN].reconstruction_mm
    assert float(rows[0]["reconstruction, mm"]) == pytest.approx(initial, abs=1e-3)
    assert len(report.statements) == 16
    json.dumps([statement.verdict for statement in report.statements])


def _with_test_errors(results, method, errors_mm):
    """The results with these reconstruction errors, a value a seed, for one method."""
    cells = dict(results.cells)
    for seed, error in enumerate(errors_mm):
        for pairing, start in product(Pairing, Start):
            template = results.cells[Cell(pairing, start, method, 0)]
            test = replace(template.test, reconstruction_mm=error)
            cells[Cell(pairing, start, method, seed)] = replace(template, test=test)
    settings = replace(results.settings, seeds=tuple(range(len(errors_mm))))
    return replace(results, cells=cells, settings=settings)


@pytest.mark.parametrize(
    ("static", "verdict"),
    [
        ((84.0, 85.0, 83.0), StatementResult.HOLDS),
        ((84.0, 85.0, 79.9), StatementResult.MOSTLY),
        ((79.0, 80.5, 79.9), StatementResult.FAILS),
    ],
)
def test_an_ordering_is_called_what_it_is(interrupted_and_resumed, static, verdict):
    _, results, *_ = interrupted_and_resumed
    results = _with_test_errors(results, Method.STATIC, static)
    results = _with_test_errors(results, Method.IN_LOOP, (80.0, 80.0, 80.0))
    results = _with_test_errors(results, Method.FINAL, (80.0, 80.0, 80.0))
    found = [statement for statement in statements(results) if statement.table == 1]
    assert [item.verdict for item in found] == [verdict] * 4
    assert found[0].difference_mm == Spread(tuple(item - 80.0 for item in static))


@pytest.mark.parametrize(
    ("final", "verdict"),
    [
        ((82.0, 78.0), StatementResult.HOLDS),
        ((84.0, 80.0), StatementResult.MOSTLY),
        ((70.0, 71.0), StatementResult.FAILS),
    ],
)
def test_about_the_same_means_within_three_hundredths(interrupted_and_resumed, final, verdict):
    _, results, *_ = interrupted_and_resumed
    assert module.ABOUT_EQUAL_SHARE == 0.03
    for method in (Method.STATIC, Method.IN_LOOP):
        results = _with_test_errors(results, method, (80.0, 80.0))
    results = _with_test_errors(results, Method.FINAL, final)
    found = [statement for statement in statements(results) if statement.table == 4]
    assert {item.verdict for item in found} == {verdict}
