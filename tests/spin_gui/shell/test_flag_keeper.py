"""The search for failures in the background: it starts, shows itself, ends with its project."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.dictionary.records import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.pipeline.flag_report import FlagReport
from core.pipeline.flag_service import FlagRequest
from core.progress import Progress
from core.records import Verdict
from spin_gui.error_reports import ErrorReport
from spin_gui.jobs import flagging
from spin_gui.jobs.flagging import AT_MOST_WHILE_BUSY, BATCH, FlagKeeper
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


class ScriptedProcess(QObject):
    """Stands in for the process: notes what it is asked, and answers when it is told to."""

    progressed = Signal(object)
    failed = Signal(object)
    finished = Signal(object)

    def __init__(self, *_project) -> None:
        super().__init__()
        self.requests: list[FlagRequest] = []
        self.working = self.closed = False
        self.held = False

    def look(self, request: FlagRequest) -> None:
        self.requests.append(request)
        self.working = True
        self.progressed.emit(Progress("Flagging", 1, 6, 1.0))
        if not self.held:
            QTimer.singleShot(1, self.answer)

    @Slot()
    def answer(self) -> None:
        self.working = False
        self.finished.emit(FlagReport())

    def break_down(self, message: str) -> None:
        self.working = False
        self.failed.emit(
            ErrorReport(during="", message=message, remedy="", details="", is_fault=False)
        )
        self.finished.emit(None)

    def close(self) -> None:
        self.closed, self.working = True, False


@pytest.fixture
def process(qtbot) -> ScriptedProcess:
    return ScriptedProcess()


@pytest.fixture
def keeper(qtbot, process: ScriptedProcess, session: ProjectSession):
    made = FlagKeeper(session, process=process)
    yield made
    made.close()


def test_opening_a_project_assesses_its_fits_and_the_session_notices(qtbot, soon, session):
    keeper = FlagKeeper(session)
    with qtbot.waitSignal(keeper.rested, timeout=240000) as blocker:
        pass
    assert blocker.args[0].assessed == FITTED
    with qtbot.waitSignal(session.rows_stale, timeout=5000):
        session.notice_external_changes()
    session.set_query(SampleQuery(sort=SortKey.SUSPICION, descending=True))
    suspicions = [session.row(int(one)).suspicion for one in session.sample_ids[:FITTED]]
    assert suspicions == sorted(suspicions, reverse=True)
    keeper.close()


def test_nothing_starts_where_everything_is_assessed(qtbot, soon, process, session, keeper):
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    assert process.requests == [FlagRequest(None, BATCH)]
    from core.pipeline.flagging import flag_samples

    flag_samples(session.project)
    session.take_in_changes()
    qtbot.wait(50)
    keeper.look_now()
    assert not keeper.looking
    assert len(process.requests) == 1


def test_a_new_fit_is_looked_at(qtbot, soon, process, session, keeper):
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    with Dictionary.open(session.project) as other:
        other.offer([new_fit(1, 1.0)])
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        session.take_in_changes()
    assert process.requests == [FlagRequest(None, BATCH)] * 2


def test_while_a_job_runs_it_looks_at_few(qtbot, soon, process, session, keeper):
    keeper.set_busy(True)
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    assert process.requests == [FlagRequest(AT_MOST_WHILE_BUSY, BATCH)]


def test_a_verdict_can_be_given_while_it_looks(qtbot, soon, session):
    keeper = FlagKeeper(session)
    qtbot.waitUntil(lambda: keeper.looking, timeout=5000)
    session.select(1)
    session.set_verdict(Verdict.ACCEPTED)
    assert session.dictionary.current_fit(1).verdict is Verdict.ACCEPTED
    keeper.close()


def test_closing_stops_it_at_once_and_for_good(qtbot, soon, process, session, keeper):
    process.held = True
    qtbot.waitUntil(lambda: keeper.looking, timeout=5000)
    keeper.close()
    assert process.closed
    assert not keeper.looking
    session.take_in_changes()
    qtbot.wait(50)
    assert len(process.requests) == 1


def test_an_error_is_told_once(qtbot, soon, process, session, keeper):
    process.held = True
    reports = []
    keeper.failed.connect(reports.append)
    qtbot.waitUntil(lambda: keeper.looking, timeout=5000)
    process.break_down("The disk is full.")
    session.take_in_changes()
    qtbot.wait(50)
    assert [report.message for report in reports] == ["The disk is full."]
    assert len(process.requests) == 1


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows opened from now on have a scripted process."""
    monkeypatch.setattr(flagging, "FlagProcess", ScriptedProcess)


def test_the_window_shows_how_far_it_is_and_closes_while_it_looks(qtbot, soon, scripted, window):
    process = window.page.flags.process
    qtbot.waitUntil(lambda: process.requests and not process.working, timeout=5000)
    process.held = True
    window.page.flags.look_now()
    assert window.status.flagging.text() == "Looking for failures: 1 of 6"
    window.close_project()
    assert process.closed
    assert window.status.flagging.text() == ""
