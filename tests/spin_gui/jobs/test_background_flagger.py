"""The search for failures in the background: it starts, shows itself, ends with its project."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.progress import Progress
from core.types.fits import Verdict
from core.workflows.engine_process import FlagRequest
from core.workflows.flag_report import FlagReport
from spin_gui.jobs import background_flagger as flagging
from spin_gui.jobs.background_flagger import AT_MOST_WHILE_BUSY, BATCH, BackgroundFlagger
from spin_gui.jobs.engine_process import EngineProcess
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from spin_gui.window import sample_parts
from tests.spin_gui.small_project import new_fit

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


class ScriptedEngine(QObject):
    """Stands in for the engine's process: notes what it is asked, answers when it is told to."""

    answered = Signal(str, object)
    ended = Signal(str)

    def __init__(self, *_project) -> None:
        super().__init__()
        self.requests: list[FlagRequest] = []
        self.needed = self.closed = self.held = False

    def ask(self, request: FlagRequest) -> None:
        self.requests.append(request)
        self.answered.emit("progress", asdict(Progress("Flagging", 1, 6, 1.0)))
        if not self.held:
            QTimer.singleShot(1, self.answer)

    def keep_for(self, _user: str, *, needed: bool) -> None:
        self.needed = needed

    @Slot()
    def answer(self) -> None:
        self.answered.emit("flagged", asdict(FlagReport()))

    def break_down(self, message: str) -> None:
        told = {"work": "flag", "message": message, "remedy": "Make room.", "details": ""}
        self.answered.emit("broken", told)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def engine(qtbot) -> ScriptedEngine:
    return ScriptedEngine()


@pytest.fixture
def held_engine(engine: ScriptedEngine) -> ScriptedEngine:
    """It answers nothing; named before ``keeper``, which may ask at once."""
    engine.held = True
    return engine


@pytest.fixture
def keeper(qtbot, engine: ScriptedEngine, session: ProjectSession):
    made = BackgroundFlagger(session, engine)
    yield made
    made.close()


@pytest.fixture
def real_engine(qtbot, session: ProjectSession):
    process = EngineProcess(session.project)
    yield process
    process.close()


def test_opening_a_project_assesses_its_fits_and_the_session_notices(
    qtbot, soon, session, real_engine
):
    keeper = BackgroundFlagger(session, real_engine)
    with qtbot.waitSignal(keeper.rested, timeout=240000) as blocker:
        pass
    assert blocker.args[0].assessed == FITTED
    with qtbot.waitSignal(session.rows_stale, timeout=5000):
        session.notice_external_changes()
    session.set_query(SampleQuery(sort=SortKey.SUSPICION, descending=True))
    suspicions = [
        session.records.row(int(sample_id)).suspicion for sample_id in session.sample_ids[:FITTED]
    ]
    assert suspicions == sorted(suspicions, reverse=True)
    keeper.close()


def test_nothing_starts_where_everything_is_assessed(qtbot, soon, engine, session, keeper):
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    assert engine.requests == [FlagRequest(None, BATCH)]
    from core.workflows.flag_project import flag_samples

    flag_samples(session.project)
    session.take_in_changes()
    qtbot.wait(50)
    keeper.look_now()
    assert not keeper.looking
    assert len(engine.requests) == 1


def test_edited_keypoints_are_looked_at_where_every_fit_is_assessed(
    qtbot, soon, engine, session, keeper
):
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    from core.workflows.flag_project import flag_samples

    flag_samples(session.project)
    without_fit = int(session.dictionary.search.ids(SampleQuery(only_without_fit=True))[-1])
    picture = session.dictionary.samples.get(without_fit)
    assert session.dictionary.label_checks.due() == []
    keypoints = picture.keypoints_px.copy()
    keypoints[48] = (5, 5, 1)
    no_losses = np.empty(0)
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        session.dictionary.corrections.set_keypoints(
            without_fit, keypoints, compare=lambda *_: no_losses
        )
        session.take_in_changes()
        keeper.look_soon()
    assert session.dictionary.assessments.due() == []
    assert len(engine.requests) == 2


def test_a_new_fit_is_looked_at(qtbot, soon, engine, session, keeper):
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    with Dictionary.open(session.project) as other:
        other.fits.offer([new_fit(1, 1.0)])
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        session.take_in_changes()
    assert engine.requests == [FlagRequest(None, BATCH)] * 2


def test_while_a_job_runs_it_looks_at_few(qtbot, monkeypatch, engine, session, keeper):
    monkeypatch.setattr(flagging, "BUSY_REST_MS", 1)
    keeper.set_busy(True)
    with qtbot.waitSignal(keeper.rested, timeout=5000):
        pass
    assert engine.requests == [FlagRequest(AT_MOST_WHILE_BUSY, BATCH)]


def test_a_verdict_can_be_given_while_it_looks(qtbot, soon, session, real_engine):
    keeper = BackgroundFlagger(session, real_engine)
    qtbot.waitUntil(lambda: keeper.looking, timeout=5000)
    session.select(1)
    judge_selected(session, Verdict.ACCEPTED)
    assert session.dictionary.fits.current_of(1).verdict is Verdict.ACCEPTED
    keeper.close()


def test_closing_stops_it_at_once_and_for_good(qtbot, soon, held_engine, session, keeper):
    engine = held_engine
    qtbot.waitUntil(lambda: keeper.looking, timeout=5000)
    keeper.close()
    assert not keeper.looking
    assert not engine.needed
    session.take_in_changes()
    qtbot.wait(50)
    assert len(engine.requests) == 1


def test_a_process_that_ends_by_itself_is_started_once_more_and_then_told_of(
    qtbot, soon, held_engine, session, keeper
):
    engine = held_engine
    reports = []
    keeper.failed.connect(reports.append)
    for asked in (1, 2):
        qtbot.waitUntil(lambda asked=asked: len(engine.requests) == asked, timeout=5000)
        assert not reports
        engine.ended.emit("Killed")
    assert [report.details for report in reports] == ["Killed"]
    assert "900 MB" in reports[0].remedy
    assert not keeper.looking


def test_a_process_that_was_ended_and_works_again_may_end_once_more(
    qtbot, soon, held_engine, session, keeper
):
    engine = held_engine
    reports = []
    keeper.failed.connect(reports.append)
    qtbot.waitUntil(lambda: len(engine.requests) == 1, timeout=5000)
    engine.ended.emit("Killed")
    qtbot.waitUntil(lambda: len(engine.requests) == 2, timeout=5000)
    engine.answer()
    keeper.look_now()
    engine.ended.emit("Killed")
    qtbot.waitUntil(lambda: len(engine.requests) == 4, timeout=5000)
    assert not reports


def test_an_error_is_told_once(qtbot, soon, held_engine, session, keeper):
    engine = held_engine
    reports = []
    keeper.failed.connect(reports.append)
    qtbot.waitUntil(lambda: keeper.looking, timeout=5000)
    engine.break_down("The disk is full.")
    session.take_in_changes()
    qtbot.wait(50)
    assert [report.message for report in reports] == ["The disk is full."]
    assert len(engine.requests) == 1


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows opened from now on have a scripted engine."""
    monkeypatch.setattr(sample_parts, "EngineProcess", ScriptedEngine)


def test_the_window_shows_how_far_it_is_and_closes_while_it_looks(qtbot, soon, scripted, window):
    engine = window.page.parts.engine
    qtbot.waitUntil(
        lambda: bool(engine.requests) and not window.page.parts.flags.looking, timeout=5000
    )
    engine.held = True
    window.page.parts.flags.look_now()
    assert window.status.flagging.text() == "Looking for failures: 1 of 6"
    window.close_project()
    assert engine.closed
    assert window.status.flagging.text() == ""
