"""A large project is read in the background; the list is right before, during and after."""

from __future__ import annotations

import pytest

from core.dictionary.search.query import SampleQuery, SortKey, ValueRange
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from spin_gui.session.session import ProjectSession
from tests.spin_gui.small_project import make_project, new_fit

BY_LOSS = SampleQuery(sort=SortKey.LOSS, descending=True)


@pytest.fixture
def large(tmp_path, monkeypatch, qtbot):
    """A session whose project counts as large."""
    monkeypatch.setattr("spin_gui.session.sample_catalogue.READ_AT_ONCE", 2)
    session = ProjectSession(make_project(tmp_path))
    yield session
    session.close()


def test_the_list_is_there_before_the_project_was_read(large, qtbot):
    assert large.catalogue.index is None
    large.set_query(BY_LOSS)
    assert large.sample_ids.tolist() == [6, 5, 4, 3, 2, 1]
    with qtbot.waitSignal(large.catalogue.ready):
        pass
    large.refresh_list()
    assert large.sample_ids.tolist() == [6, 5, 4, 3, 2, 1]
    assert large.counts().left_to_review == 6


def test_what_was_written_while_the_project_was_read_is_taken_in(large, qtbot):
    with qtbot.waitSignal(large.catalogue.ready), Dictionary.open(large.project) as other:
        other.verdicts.set({3: Verdict.ACCEPTED})
    large.set_query(SampleQuery(verdicts=frozenset({Verdict.ACCEPTED})))
    assert large.sample_ids.tolist() == [3]


def test_closing_ends_the_reading_however_often_it_was_asked_for(large, qtbot):
    large.catalogue._start_reading()
    large.catalogue._start_reading()
    large.catalogue.close()
    assert large.catalogue._thread is None or not large.catalogue._thread.is_alive()


def test_more_changes_than_are_read_one_by_one_are_read_again(large, qtbot, monkeypatch):
    with qtbot.waitSignal(large.catalogue.ready):
        pass
    monkeypatch.setattr("core.dictionary.search.column_cache.READ_AGAIN_ABOVE", 0)
    with Dictionary.open(large.project) as other:
        other.fits.offer([new_fit(2, 1.0, turn_rad=1.0)])
    large.set_query(SampleQuery().with_range(SortKey.LOSS, ValueRange(None, 5)))
    assert large.sample_ids.tolist() == [2]
    assert large.catalogue.index is None
    with qtbot.waitSignal(large.catalogue.ready):
        pass


def test_views_and_queues_go_on_where_they_were_left(session):
    queue = SampleQuery(verdicts=frozenset({Verdict.NONE}), sort=SortKey.LOSS, descending=True)
    session.open_view(queue)
    assert session.current_id == 6
    session.go_next()
    session.go_next()
    session.open_view(SampleQuery())
    assert session.current_id == 1
    session.open_view(queue)
    assert session.current_id == 4


def test_back_and_forward_lead_through_filters_and_samples(session):
    session.go_next()
    session.select(5)
    session.set_query(BY_LOSS)
    session.set_query(SampleQuery(text="person_0003"), passing=True)
    session.set_query(SampleQuery(text="person_0004"))
    session.query_back()
    assert session.query == BY_LOSS
    session.query_forward()
    assert session.query.text == "person_0004"
    assert session.current_id == 4
    visited = []
    for _ in range(4):
        session.visit_back()
        visited.append(session.current_id)
    assert visited == [3, 5, 2, 1]
    session.visit_forward()
    assert session.current_id == 2
