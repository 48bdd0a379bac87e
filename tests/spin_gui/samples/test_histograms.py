"""Histograms count what the other filters let through, and filter by dragging or typing."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.dictionary.search.histograms import BINS, Histograms
from core.dictionary.search.query import SampleQuery, SortKey, ValueRange
from core.dictionary.search.query_parser import query_from_text
from core.types.fits import Verdict
from spin_gui.samples.histogram_strip import HistogramStrip
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_samples
from tests.spin_gui.small_project import make_project

PEOPLE = 60
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(tmp_path, qtbot):
    losses = [float(10 * (1 + number)) for number in range(PEOPLE)]
    project = make_project(tmp_path, people=PEOPLE, losses=losses, pictures=False)
    opened = ProjectSession(project)
    judge_samples(opened, range(1, 21), Verdict.ACCEPTED)
    yield opened
    opened.close()


@pytest.fixture
def strip(session, qtbot):
    strip = HistogramStrip(session)
    qtbot.addWidget(strip)
    strip.resize(1400, 170)
    strip.show()
    qtbot.waitExposed(strip)
    qtbot.waitUntil(lambda: strip.cells[SortKey.LOSS].plot.histogram is not None)
    return strip


def counts(session, text: str) -> dict[SortKey, int]:
    made = Histograms().of(session.catalogue.index, query_from_text(text))
    return {measure: 0 if one is None else one.known for measure, one in made.items()}


def test_each_leaves_its_own_range_out(session):
    all_counts = counts(session, "")
    assert all_counts[SortKey.LOSS] == all_counts[SortKey.DEPTH] == PEOPLE
    assert all_counts[SortKey.SUSPICION] == 0
    ranged = counts(session, "verdict:none loss:300..400")
    assert ranged[SortKey.LOSS] == 40
    assert ranged[SortKey.DEPTH] == 11


def test_bars_hold_the_values_between_their_edges(session):
    made = Histograms().of(session.catalogue.index, SampleQuery())[SortKey.LOSS]
    losses = session.catalogue.index.snapshot.numbers["loss"]
    assert made.counts.sum() == PEOPLE
    inner = [
        int(((losses >= low) & (losses < high)).sum())
        for low, high in zip(made.edges[1:-2], made.edges[2:-1], strict=True)
    ]
    assert made.counts[1:-1].tolist() == inner
    assert len(made.counts) == BINS


def test_one_value_for_all_is_one_bar(session):
    made = Histograms().of(session.catalogue.index, SampleQuery())[SortKey.MAX_ABS_BETA]
    assert np.count_nonzero(made.counts) == 1


def drag(qtbot, plot, low: float, high: float, *, y: int | None = None) -> None:
    height = plot.height() // 3
    first, last = QPoint(round(plot.x_of(low)), height), QPoint(round(plot.x_of(high)), height)
    if y is not None:
        last.setY(y)
    qtbot.mousePress(plot, LEFT, pos=first)
    for share in (0.25, 0.5, 0.75, 1.0):
        point = first + (last - first) * share
        qtbot.mouseMove(plot, point)
    qtbot.mouseRelease(plot, LEFT, pos=last)


def test_dragging_filters_and_back_takes_it_away_in_one_step(session, strip, qtbot):
    plot = strip.cells[SortKey.LOSS].plot
    drag(qtbot, plot, 10, 300**0.5)
    wanted = session.query.range_of(SortKey.LOSS)
    assert wanted.low == pytest.approx(100, rel=0.06)
    assert wanted.high == pytest.approx(300, rel=0.06)
    listed = session.catalogue.index.snapshot.numbers["loss"][session.sample_ids - 1]
    assert listed.min() >= wanted.low
    assert listed.max() <= wanted.high
    session.query_back()
    assert session.query == SampleQuery()
    session.query_forward()
    assert session.query.range_of(SortKey.LOSS) == wanted


def test_dragging_to_the_end_leaves_it_open(session, strip, qtbot):
    plot = strip.cells[SortKey.LOSS].plot
    drag(qtbot, plot, 200**0.5, 1e9)
    assert session.query.range_of(SortKey.LOSS).high is None


def test_an_end_can_be_taken_hold_of(session, strip, qtbot):
    session.set_query(SampleQuery().with_range(SortKey.LOSS, ValueRange(100, 300)))
    plot = strip.cells[SortKey.LOSS].plot
    qtbot.waitUntil(lambda: plot.range.low == 10)
    drag(qtbot, plot, 300**0.5, 20)
    wanted = session.query.range_of(SortKey.LOSS)
    assert wanted.low == 100
    assert wanted.high == pytest.approx(400, rel=0.06)


@pytest.mark.parametrize("how", ["double-click", "away"])
def test_the_range_is_taken_away_with_the_mouse(session, strip, qtbot, how):
    session.set_query(SampleQuery().with_range(SortKey.LOSS, ValueRange(100, 300)))
    plot = strip.cells[SortKey.LOSS].plot
    qtbot.waitUntil(lambda: bool(plot.range))
    if how == "double-click":
        qtbot.mouseDClick(plot, LEFT, pos=plot.rect().center())
    else:
        drag(qtbot, plot, 12, 16, y=plot.height() + 60)
    assert session.query == SampleQuery()


def test_the_error_is_shown_as_its_root_and_keeps_its_digits(session, strip, qtbot):
    session.set_query(SampleQuery().with_range(SortKey.LOSS, ValueRange(120, 300)))
    cell = strip.cells[SortKey.LOSS]
    qtbot.waitUntil(lambda: cell.low.text() == "10.9545")
    assert cell.title.text() == "Error, px"
    assert cell.plot.histogram.edges[-1] <= (10 * PEOPLE) ** 0.5
    cell.low.editingFinished.emit()
    assert session.query.range_of(SortKey.LOSS) == ValueRange(120, 300)
    cell.high.setFocus()
    cell.high.selectAll()
    qtbot.keyClicks(cell.high, "15.5")
    qtbot.keyClick(cell.high, Qt.Key.Key_Return)
    wanted = session.query.range_of(SortKey.LOSS)
    assert (wanted.low, wanted.high) == (pytest.approx(120, abs=1e-4), 240.25)


def test_ranges_are_typed_without_a_mouse(session, strip, qtbot):
    cell = strip.cells[SortKey.LOSS]
    cell.low.setFocus()
    qtbot.keyClicks(cell.low, "10")
    qtbot.keyClick(cell.low, Qt.Key.Key_Return)
    assert session.query.range_of(SortKey.LOSS) == ValueRange(100, None)
    cell.high.setFocus()
    qtbot.keyClicks(cell.high, "fifty")
    qtbot.keyClick(cell.high, Qt.Key.Key_Return)
    assert session.query.range_of(SortKey.LOSS) == ValueRange(100, None)
    assert cell.high.text() == ""


def test_bars_follow_filters_and_verdicts(session, strip, qtbot):
    plot = strip.cells[SortKey.LOSS].plot
    session.set_query(query_from_text("verdict:accepted"))
    qtbot.waitUntil(lambda: plot.histogram.known == 20)
    judge_samples(session, range(1, 6), Verdict.REJECTED)
    qtbot.waitUntil(lambda: plot.histogram.known == 15)
    assert "15 samples" in plot.accessibleDescription()
