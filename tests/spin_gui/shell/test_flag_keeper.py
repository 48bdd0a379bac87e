"""The search for failures in the background: it starts, shows itself, ends with its project."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from core.dictionary.records import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.pipeline.flagging import FlagReport
from core.progress import Progress
from core.records import Verdict
from spin_gui.jobs import flagging
from spin_gui.jobs.flagging import AT_MOST_WHILE_BUSY, FlagKeeper
from spin_gui.models.session import ProjectSession
from tests.spin_gui.models.small_project import new_fit

FITTED = 6


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It looks at once."""
    monkeypatch.setattr(flagging, "REST_MS", 1)
    monkeypatch.setattr(flagging, "BUSY_REST_MS", 1)


@pytest.fixture
def session(project: Path):
    opened = ProjectSession(project)
    yield opened
    opened.close()


@pytest.fixture
def keeper(qtbot, session: ProjectSession):
    made = FlagKeeper(session)
    yield made
    made.close()


class Engine:
    """Stands in for core's flagging: notes how it is called, and can be held up."""

    def __init__(self) -> None:
        self.calls: list[int | None] = []
        self.go_on = threading.Event()
        self.entered = threading.Event()
        self.go_on.set()

    def __call__(self, project, *, at_most, batch_size, progress, cancel):
        self.calls.append(at_most)
        self.entered.set()
        progress(Progress("Flagging", 1, 6, 1.0))
        while not self.go_on.wait(0.01):
            if cancel.cancelled:
                return FlagReport(cancelled=True)
        return FlagReport()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(flagging, "flag_samples", made)
    return made


def test_opening_a_project_assesses_its_fits_and_the_session_notices(qtbot, soon, session):
    keeper = FlagKeeper(session)
    with qtbot.waitSignal(keeper.rested, timeout=60000) as blocker:
        pass
    assert blocker.args[0].assessed == FITTED
    with qtbot.waitSignal(session.rows_stale, timeout=5000):
        session.notice_external_changes()
    session.set_query(SampleQuery(sort=SortKey.SUSPICION, descending=True))
    suspicions = [session.row(int(one)).suspicion for one in session.sample_ids[:FITTED]]
    assert suspicions == sorted(suspicions, reverse=True)
    keeper.close()


def test_nothing_starts_where_everything_is_assessed(qtbot, soon, engine, session, keeper):
    session.dictionary.store_assessments([])
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    assert engine.calls == [None]
    from core.pipeline.flagging import flag_samples

    flag_samples(session.project)
    session.take_in_changes()
    qtbot.wait(50)
    keeper.look_now()
    assert not keeper.looking
    assert engine.calls == [None]


def test_a_new_fit_is_looked_at(qtbot, soon, engine, session, keeper):
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    with Dictionary.open(session.project) as other:
        other.offer([new_fit(1, 1.0)])
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        session.take_in_changes()
    assert engine.calls == [None, None]


def test_while_a_job_runs_it_looks_at_few(qtbot, soon, engine, session, keeper):
    keeper.set_busy(True)
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    assert engine.calls == [AT_MOST_WHILE_BUSY]


def test_a_verdict_can_be_given_while_it_looks(qtbot, soon, engine, session, keeper):
    engine.go_on.clear()
    qtbot.waitUntil(engine.entered.is_set, timeout=5000)
    assert keeper.looking
    session.select(1)
    session.set_verdict(Verdict.ACCEPTED)
    assert session.dictionary.current_fit(1).verdict is Verdict.ACCEPTED
    engine.go_on.set()


def test_closing_stops_it_at_once_and_for_good(qtbot, soon, engine, session, keeper):
    engine.go_on.clear()
    qtbot.waitUntil(engine.entered.is_set, timeout=5000)
    keeper.close()
    assert not keeper.looking
    session.take_in_changes()
    qtbot.wait(50)
    assert len(engine.calls) == 1


def test_an_error_is_told_once(qtbot, soon, session, monkeypatch):
    def broken(*_arguments, **_options):
        raise StudioError("The disk is full.")

    monkeypatch.setattr(flagging, "flag_samples", broken)
    keeper = FlagKeeper(session)
    reports = []
    keeper.failed.connect(reports.append)
    qtbot.waitUntil(lambda: len(reports) == 1, timeout=5000)
    session.take_in_changes()
    qtbot.wait(50)
    assert [report.message for report in reports] == ["The disk is full."]
    keeper.close()


def test_the_window_shows_how_far_it_is_and_closes_while_it_looks(qtbot, soon, engine, window):
    qtbot.waitUntil(lambda: engine.calls and not window.page.flags.looking, timeout=5000)
    engine.go_on.clear()
    window.page.flags.look_now()
    qtbot.waitUntil(lambda: window.status.flagging.text() != "", timeout=5000)
    assert window.status.flagging.text() == "Looking for failures: 1 of 6"
    window.close_project()
    assert window.status.flagging.text() == ""
