"""The engine's process: it works, ends with its project, and tells when it breaks."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, QProcess, Signal

from core.dictionary.store import Dictionary
from core.engine.project_models import project_body
from core.workflows.engine_process import BROKEN, FLAGGED, LIFTED, FlagRequest, LiftRequest
from core.workflows.lift_samples import SampleLifter
from spin_gui.images.lifted_bodies import LiftedBodyCache, LiftKey
from spin_gui.jobs import engine_process
from spin_gui.jobs.engine_process import EngineProcess

EVERYTHING = FlagRequest(None, 64)
FITTED = 6
LOADED_MS = 240_000
"""PyTorch loads in seconds; on a machine that has other work to do, in minutes."""


class Answers:
    def __init__(self, process: EngineProcess) -> None:
        self.told: list[tuple[str, object]] = []
        self.last_words: list[str] = []
        process.answered.connect(lambda name, content: self.told.append((name, content)))
        process.ended.connect(self.last_words.append)

    def named(self, name: str) -> list[object]:
        return [content for one, content in self.told if one == name]


@pytest.fixture
def process(qtbot, project: Path):
    made = EngineProcess(project)
    yield made
    made.close()


def is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_flags_and_lifts_and_ends_when_it_is_not_needed(qtbot, process, project):
    process._linger.setInterval(200)
    answers = Answers(process)
    process.keep_for("flags", needed=True)
    process.ask(EVERYTHING)
    process.ask(LiftRequest((1, 2)))
    qtbot.waitUntil(
        lambda: bool(answers.named(FLAGGED) and answers.named(LIFTED)), timeout=LOADED_MS
    )
    assert answers.named(FLAGGED)[0]["assessed"] == FITTED
    process_id = process.process_id
    process.ask(EVERYTHING)
    qtbot.waitUntil(lambda: len(answers.named(FLAGGED)) == 2, timeout=LOADED_MS)
    assert answers.named(FLAGGED)[1]["assessed"] == 0
    assert process.process_id == process_id
    process.keep_for("flags", needed=False)
    qtbot.waitUntil(lambda: not is_running(process_id), timeout=20000)
    assert process.process_id == 0
    assert not answers.last_words
    with Dictionary.open(project) as dictionary:
        assert not dictionary.assessments.due(limit=1)


def test_lifted_bodies_are_those_of_the_network_and_come_a_few_at_a_time(qtbot, process, project):
    lifted = LiftedBodyCache(process)
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(range(1, 8))
        expected = SampleLifter(project_body(dictionary)).bodies(samples)
    keys = {sample.id: LiftKey.of(sample) for sample in samples}
    lifted.request_samples(samples)
    qtbot.waitUntil(lambda: all(map(lifted.is_done, keys.values())), timeout=LOADED_MS)
    assert expected
    for sample in samples:
        body, known = lifted.get(keys[sample.id]), expected.get(sample.id)
        assert (body is None) == (known is None)
        if body is not None:
            np.testing.assert_allclose(body.pose_axis_angle, known.pose_axis_angle, atol=1e-4)
            np.testing.assert_allclose(body.camera_translation, known.camera_translation, rtol=1e-3)
    lifted.close()


def test_a_process_that_was_let_go_and_has_ended_is_forgotten(qtbot, process):
    for _ in range(3):
        process.ask(EVERYTHING)
        qtbot.waitUntil(lambda: process.process_id != 0, timeout=5000)
        process_id = process.process_id
        process._let_go()
        qtbot.waitUntil(lambda one=process_id: not is_running(one), timeout=20000)
    qtbot.wait(50)
    assert len(process.findChildren(QProcess)) <= 1


def test_an_interrupt_of_the_terminal_leaves_it_working(qtbot, process):
    answers = Answers(process)
    process.ask(EVERYTHING)
    qtbot.waitUntil(lambda: bool(answers.told), timeout=LOADED_MS)
    os.kill(process.process_id, signal.SIGINT)
    qtbot.waitUntil(lambda: bool(answers.named(FLAGGED)), timeout=LOADED_MS)
    assert not answers.last_words


def test_nothing_is_imported_from_the_folder_the_program_was_started_in(
    qtbot, process, tmp_path, monkeypatch
):
    (tmp_path / "json.py").write_text("raise SystemExit('foreign code')")
    monkeypatch.chdir(tmp_path)
    answers = Answers(process)
    process.ask(FlagRequest(0, 1))
    qtbot.waitUntil(lambda: bool(answers.told or answers.last_words), timeout=LOADED_MS)
    assert not answers.last_words


def test_bodies_that_got_no_answer_are_asked_for_once_more(qtbot, project):
    class Mute(QObject):
        answered, ended = Signal(str, object), Signal(str)
        asked = 0

        def ask(self, _request: object) -> None:
            self.asked += 1

        def keep_for(self, _user: str, *, needed: bool) -> None:
            pass

    engine = Mute()
    lifted = LiftedBodyCache(engine)
    with Dictionary.open(project) as dictionary:
        sample = dictionary.samples.get(1)
    key = LiftKey.of(sample)
    lifted.request_samples([sample])
    engine.ended.emit("Killed")
    assert engine.asked == 2
    assert not lifted.is_done(key)
    engine.answered.emit(BROKEN, {"work": "lift"})
    assert engine.asked == 2
    qtbot.waitUntil(lambda: lifted.is_done(key))
    assert lifted.get(key) is None


def test_closing_while_it_loads_leaves_no_process(qtbot, process):
    process.ask(EVERYTHING)
    qtbot.waitUntil(lambda: process.process_id != 0, timeout=5000)
    qtbot.wait(400)
    process_id = process.process_id
    process.close()
    assert not is_running(process_id)


def test_an_error_of_the_core_is_told_in_its_own_words(qtbot, tmp_path):
    process = EngineProcess(tmp_path / "nowhere")
    answers = Answers(process)
    process.ask(EVERYTHING)
    qtbot.waitUntil(lambda: bool(answers.named(BROKEN)), timeout=LOADED_MS)
    told = answers.named(BROKEN)[0]
    assert told["work"] == "flag"
    assert "nowhere" in told["message"]
    assert told["remedy"]
    process.close()


def test_a_process_that_cannot_even_start_leaves_its_last_words(qtbot, process, monkeypatch):
    monkeypatch.setattr(engine_process, "SERVICE", "core.no_such_module")
    answers = Answers(process)
    process.ask(EVERYTHING)
    qtbot.waitUntil(lambda: bool(answers.last_words), timeout=LOADED_MS)
    assert "no_such_module" in answers.last_words[0]
    assert process.process_id == 0
