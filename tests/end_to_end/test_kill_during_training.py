"""``kill -9`` in the middle of ``train``: nothing of the dictionary is lost, and it goes on."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.training.checkpointing import StoredRun
from core.engine.training.train import train
from core.runs.run_folder import RunFolder, read_metrics
from core.types.fits import Origin
from core.types.runs import RunStatus
from core.workflows.fit_project import fit_samples
from tests.core.engine.training.conftest import make_samples

PEOPLE = 8
CHECKPOINT_EVERY = 3
KILLED_AFTER = 8
MORE = 4
PATIENCE_S = 240
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(make_samples(open_body, tmp_path, PEOPLE))
    fit_samples(tmp_path / "project", profile="paper")
    return tmp_path / "project"


def start_training(project: Path) -> subprocess.Popen[bytes]:
    words = (
        "--profile cpu-demo --backbone test_resnet --input-size-px 48 --start-from random "
        f"--batch-size 4 --workers 0 --iterations 100000 --checkpoint-every {CHECKPOINT_EVERY}"
    )
    return subprocess.Popen(
        [sys.executable, "main.py", "train", str(project), *words.split()],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def the_run(project: Path) -> int:
    with Dictionary.open(project) as dictionary:
        runs = [run for run in dictionary.runs.all() if run.kind == "train"]
    return runs[0].id if runs else 0


def iterations_told(folder: RunFolder) -> list[int]:
    """As any watcher of the file sees them; the last line may be cut."""
    if not folder.metrics.is_file():
        return []
    lines = folder.metrics.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line)["iteration"] for line in lines if line.endswith("\n")]


def wait_for_iterations(project: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while max(iterations_told(RunFolder.of(project, the_run(project))), default=0) < KILLED_AFTER:
        assert process.poll() is None, "the training ended before it could be killed"
        assert time.monotonic() < deadline, "no iterations within the time"
        time.sleep(0.02)


def histories(project: Path) -> dict[int, list[int]]:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        ids = dictionary.search.ids().tolist()
        return {
            sample_id: sorted(fit.id for fit in dictionary.fits.history(sample_id))
            for sample_id in ids
        }


def test_a_killed_training_loses_the_steps_since_its_checkpoint_and_nothing_else(project):
    process = start_training(project)
    try:
        wait_for_iterations(project, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL

    raw = sqlite3.connect(project / "dictionary.db")
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
    run_id = the_run(project)
    folder = RunFolder.of(project, run_id)
    told, reached = iterations_told(folder), StoredRun(folder.last).iteration
    assert told == list(range(1, len(told) + 1))
    assert reached % CHECKPOINT_EVERY == 0
    # The kill may fall between the metrics of an iteration and the checkpoint after it.
    assert reached >= max(told) - CHECKPOINT_EVERY
    before = histories(project)
    with Dictionary.open(project) as dictionary:
        assert dictionary.runs.all()[0].status is RunStatus.INTERRUPTED
        fits = dictionary.fits.current(dictionary.search.ids().tolist()).values()
    assert any(fit.origin is Origin.IN_LOOP and fit.run_id == run_id for fit in fits)

    more = replace(folder.stored_configuration(), iterations=reached + MORE)
    report = train(project, more, resume_run=run_id)
    assert (report.run_id, report.iterations) == (run_id, reached + MORE)
    assert [metrics.iteration for metrics in read_metrics(folder.metrics)] == [
        *range(1, reached + MORE + 1)
    ]
    after = histories(project)
    assert all(set(before[item]) <= set(after[item]) for item in before)
    with Dictionary.open(project) as dictionary:
        assert dictionary.runs.all()[0].status is RunStatus.FINISHED
