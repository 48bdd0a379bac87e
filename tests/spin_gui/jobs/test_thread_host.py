"""Work on another thread: order of signals, progress, cancelling, errors, ends."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, Slot

from core.errors import Cancelled, SetupError, StudioError
from core.progress import Progress
from spin_gui.jobs.job import Job, JobKind
from spin_gui.jobs.runner import JobRunner
from spin_gui.jobs.thread_host import JobHost
from spin_gui.jobs.torch_loading import LOADING_TEXT


class _Listener(QObject):
    """Writes down every signal of a host and the thread it arrived in."""

    def __init__(self, host: JobHost) -> None:
        super().__init__()
        self.heard: list[tuple[str, object]] = []
        self.threads: set[QThread] = set()
        self.running_at_end: bool | None = None
        self._host = host
        host.started.connect(self.on_started)
        host.progressed.connect(self.on_progressed)
        host.failed.connect(self.on_failed)
        host.finished.connect(self.on_finished)

    def _note(self, name: str, value: object) -> None:
        self.heard.append((name, value))
        self.threads.add(QThread.currentThread())

    @Slot()
    def on_started(self) -> None:
        self._note("started", None)

    @Slot(object)
    def on_progressed(self, progress: object) -> None:
        self._note("progressed", progress)

    @Slot(object)
    def on_failed(self, report: object) -> None:
        self._note("failed", report)

    @Slot(object)
    def on_finished(self, report: object) -> None:
        self.running_at_end = self._host.running
        self._note("finished", report)

    @property
    def names(self) -> list[str]:
        return [name for name, _value in self.heard]


def _run(qtbot, work) -> _Listener:
    host = JobHost("Testing", work)
    listener = _Listener(host)
    with qtbot.waitSignal(host.finished, timeout=5000):
        host.start()
    qtbot.wait(30)
    return listener


def test_signals_come_in_order_and_in_the_main_thread(qtbot):
    work_thread = []

    def work(progress, cancel):
        work_thread.append(threading.current_thread())
        progress(Progress("counting", 1, 2))
        return "the report"

    listener = _run(qtbot, work)
    assert listener.names == ["started", "progressed", "finished"]
    assert listener.heard[-1] == ("finished", "the report")
    assert listener.threads == {QThread.currentThread()}
    assert work_thread[0] is not threading.current_thread()
    assert listener.running_at_end is False


def test_an_error_is_reported_before_the_end(qtbot):
    def work(progress, cancel):
        raise SetupError("No graphics.", remedy="Install a driver.")

    listener = _run(qtbot, work)
    assert listener.names == ["started", "failed", "finished"]
    report = listener.heard[1][1]
    assert (report.message, report.remedy, report.is_fault) == (
        "No graphics.",
        "Install a driver.",
        False,
    )
    assert listener.heard[2] == ("finished", None)


def test_a_fault_of_the_program_carries_its_traceback(qtbot):
    def work(progress, cancel):
        return {}["missing"]

    report = _run(qtbot, work).heard[1][1]
    assert report.is_fault
    assert "KeyError" in report.message
    assert Path(__file__).name in report.details
    assert report.during == "Testing"


def test_cancelled_work_ends_without_an_error(qtbot):
    def work(progress, cancel):
        while True:
            cancel.raise_if_cancelled()
            time.sleep(0.005)

    host = JobHost("Testing", work)
    listener = _Listener(host)
    host.start()
    qtbot.wait(30)
    with qtbot.waitSignal(host.finished, timeout=5000):
        host.cancel()
    assert listener.names == ["started", "finished"]
    assert host.cancelled


def test_cancelled_work_may_hand_over_what_it_has_done(qtbot):
    def work(progress, cancel):
        done = 0
        while not cancel.cancelled:
            done += 1
            time.sleep(0.005)
        return done

    host = JobHost("Testing", work)
    host.start()
    qtbot.wait(30)
    with qtbot.waitSignal(host.finished, timeout=5000) as finished:
        host.cancel()
    assert finished.args[0] > 0


def test_progress_comes_at_most_ten_times_a_second_and_ends_with_the_last(qtbot):
    def work(progress, cancel):
        for done in range(500):
            progress(Progress("counting", done + 1, 500))
            time.sleep(0.001)

    began = time.monotonic()
    listener = _run(qtbot, work)
    reports = [value for name, value in listener.heard if name == "progressed"]
    assert len(reports) <= 10 * (time.monotonic() - began) + 2
    assert reports[-1].done == 500


def test_a_job_is_started_once(qtbot):
    host = JobHost("Testing", lambda progress, cancel: None)
    with qtbot.waitSignal(host.finished, timeout=5000):
        host.start()
    with pytest.raises(RuntimeError, match="twice"):
        host.start()


def _job(work) -> Job:
    from pathlib import Path

    return Job(kind=JobKind.FIT, title="Testing", project=Path(), work=work)


def test_the_runner_runs_one_job_after_another_and_refuses_two_at_once(qtbot):
    runner = JobRunner()
    release = threading.Event()

    def work(progress, cancel):
        release.wait(5)
        raise Cancelled

    runner.start(_job(work))
    assert runner.busy
    with pytest.raises(StudioError, match="still running"):
        runner.start(_job(work))
    with qtbot.waitSignal(runner.finished, timeout=5000):
        runner.cancel()
        assert runner.stopping
        release.set()
    assert not runner.busy
    with qtbot.waitSignal(runner.finished, timeout=5000) as finished:
        runner.start(_job(lambda progress, cancel: 7))
    assert finished.args[1] == 7


def test_while_pytorch_loads_the_first_progress_says_so_and_the_title_follows(qtbot, monkeypatch):
    loaded = threading.Event()
    monkeypatch.setattr("spin_gui.jobs.thread_host.torch_is_loaded", loaded.is_set)
    monkeypatch.setattr("spin_gui.jobs.thread_host.load_torch_for_jobs", loaded.set)
    listener = _run(qtbot, lambda _progress, _cancel: "done")
    phases = [told.phase for name, told in listener.heard if name == "progressed"]
    assert phases == [LOADING_TEXT, "Testing"]
    again = _run(qtbot, lambda _progress, _cancel: "done")
    assert again.names == ["started", "finished"]
