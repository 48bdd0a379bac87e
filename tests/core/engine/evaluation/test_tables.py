"""Tables say mean and spread, and their CSV holds every seed."""

from __future__ import annotations

import csv
import io
import math

import pytest

from core.engine.evaluation.plots import Bar, bar_plot
from core.engine.evaluation.tables import Spread, Table

TABLE = Table(
    "t",
    "A | title",
    ("method", "error, mm"),
    (("static | fits", Spread((84.0, 86.0, 85.0))), ("unknown", "–")),
    "A note.",
)


def test_a_spread_is_mean_and_sample_deviation():
    spread = Spread((84.0, 86.0, 85.0))
    assert spread.mean == 85.0
    assert spread.deviation == pytest.approx(1.0)
    assert spread.text() == "85.0 ± 1.0"
    assert Spread((3.14159,)).text(2) == "3.14"
    assert Spread(()).text() == "–"
    assert Spread((-0.04,)).text() == "0.0"
    assert math.isnan(Spread(()).mean)


def test_markdown_has_a_row_a_line_and_escapes_bars():
    lines = TABLE.markdown().splitlines()
    assert lines[2] == "| method | error, mm |"
    assert lines[4] == "| static \\| fits | 85.0 ± 1.0 |"
    assert lines[-1] == "A note."


def test_csv_keeps_every_seed():
    rows = list(csv.DictReader(io.StringIO(TABLE.csv())))
    assert rows[0]["error, mm"] == "85.0000"
    assert rows[0]["error, mm spread"] == "1.0000"
    assert rows[0]["error, mm seeds"] == "84.0000 86.0000 85.0000"
    assert rows[1]["error, mm"] == "–"


def test_a_plot_is_written_without_a_screen(tmp_path):
    bars = [Bar("static", "a", Spread((84.0, 86.0))), Bar("alone", "b", Spread((80.0,)))]
    path = tmp_path / "plot.png"
    bar_plot(path, bars, title="Errors", unit="mm", reference=("start", 90.0))
    assert path.read_bytes()[1:4] == b"PNG"
