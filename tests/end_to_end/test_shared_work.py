"""Several processes at one project work on each person once, and on a killed one's people, too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.engine.regression.head_checkpoints import detector_head_path
from core.types.fits import Origin
from core.workflows.fit_project import fit_samples
from core.workflows.flag_project import flag_samples
from core.workflows.predict_project import predict_samples
from core.workflows.refit_project import refit_samples
from tests.core.engine.training.conftest import make_samples

PEOPLE = 12
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path, open_body):
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(make_samples(open_body, tmp_path, PEOPLE))
    return tmp_path / "project"


def ids_of(project):
    with Dictionary.open(project) as dictionary:
        return dictionary.search.ids().tolist()


def start_fitting(project):
    return subprocess.Popen(
        [sys.executable, "main.py", "fit", str(project), "--batch-size", "1"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def test_two_processes_that_fit_at_once_fit_everyone_once(project):
    processes = [start_fitting(project) for _ in range(2)]
    said = [process.communicate(timeout=240)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    # One that starts late may find nothing left to do, and says no number.
    fitted = [re.search(r"Fitted (\d+) (?:people|person)", item) for item in said]
    assert sum(int(found[1]) for found in fitted if found is not None) == PEOPLE
    with Dictionary.open(project) as dictionary:
        for sample_id in dictionary.search.ids().tolist():
            best = [fit for fit in dictionary.fits.history(sample_id) if not fit.runner_up]
            assert [fit.origin for fit in best] == [Origin.NETWORK]
        assert dictionary.problems() == []


CLAIMS_AND_WAITS = """
import sys, time
from pathlib import Path
from core.dictionary.store import Dictionary
with Dictionary.open(Path(sys.argv[1])) as dictionary:
    dictionary.claims.take(sys.argv[2], [int(number) for number in sys.argv[3:]])
    print("claimed", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.usefixtures("every_step_reported")
def test_the_people_of_a_killed_process_are_taken_over_by_one_that_is_at_work(project):
    ids = ids_of(project)
    other = subprocess.Popen(
        [sys.executable, "-c", CLAIMS_AND_WAITS, str(project), "fit network", *map(str, ids[:5])],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )

    def kill_midway(progress):
        if progress.done >= 4:
            other.kill()
            other.wait()

    with other:
        try:
            assert other.stdout.readline() == b"claimed\n"
            assert fit_samples(project, batch_size=4, progress=kill_midway).fitted == PEOPLE
        finally:
            other.kill()


@pytest.mark.parametrize(
    ("name", "work"),
    [
        ("refit studio ('mean',)", lambda project: refit_samples(project, starts=("mean",))),
        ("flag", flag_samples),
        (f"predict {detector_head_path()} ", predict_samples),
    ],
)
def test_what_another_process_is_at_is_left_to_it_and_told(project, name, work):
    ids = ids_of(project)
    fit_samples(project)
    with Dictionary.open(project) as other:
        assert other._connection.execute("SELECT * FROM claims") == [], "let go of at the end"
        assert other.claims.take(name, ids[2:5]) == ids[2:5]
        report = work(project)
    assert report.left_to_others == 3
    assert "3 in the hands of another process" in report.summary()
    assert work(project).left_to_others == 0
