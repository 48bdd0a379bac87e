"""The numbers that are read on a thread: once per pause, and at once where they are looked at."""

from __future__ import annotations

import pytest

from core.types.fits import Verdict
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.tabs import project_facts
from spin_gui.tabs.project_facts import ProjectFacts

NEVER = 1_000_000


@pytest.fixture
def facts(session, qtbot, monkeypatch):
    monkeypatch.setattr(project_facts, "REST_MS", 0)
    facts = ProjectFacts(session)
    facts.read_soon()
    qtbot.waitUntil(lambda: facts.known is not None)
    qtbot.waitUntil(lambda: not facts.is_reading)
    return facts


def test_a_change_is_read_after_a_rest_that_grows_with_the_reading(
    facts, session, qtbot, monkeypatch
):
    monkeypatch.setattr(project_facts, "REST_AFTER_READING", NEVER)
    judge_selected(session, Verdict.REJECTED)
    qtbot.waitUntil(lambda: facts.known.exportable == 5, timeout=60_000)
    qtbot.waitUntil(lambda: facts._host is None)
    facts._rest_ms = max(facts._rest_ms, NEVER)  # a reading of less than a millisecond
    judge_selected(session, Verdict.REJECTED)
    assert facts.is_reading
    assert facts._rest.remainingTime() > 1000
    facts.read_now()
    qtbot.waitUntil(lambda: facts.known.exportable == 4)


def test_nothing_is_read_at_once_where_nothing_changed(facts):
    known = facts.known
    facts.read_now()
    assert not facts.is_reading
    assert facts.known is known


def test_closing_while_it_reads_waits_for_the_thread(facts, session):
    facts.read_soon()
    facts._read()
    session.closing.emit()
    assert facts._host is not None
    assert not facts._host.running
