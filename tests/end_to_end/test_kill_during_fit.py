"""``kill -9`` in the middle of ``fit``: the database stays sound and ``fit`` goes on."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import facing_root, matrix_to_axis_angle
from core.types.fits import Origin
from core.types.runs import RunStatus
from core.types.samples import NewSample
from core.workflows.fit_project import fit_samples

PEOPLE = 60
BATCH = 4
PATIENCE_S = 120
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    """People who stand about, seen in pictures that need not exist for fitting."""
    generator = torch.Generator().manual_seed(0)
    pose = 0.15 * torch.randn(PEOPLE, 72, generator=generator)
    pose[:, :3] = matrix_to_axis_angle(facing_root(torch.zeros(PEOPLE)))
    body = open_body.posed(pose, torch.zeros(PEOPLE, 10))
    camera = torch.tensor([[0.0, 0.0, 45.0]]).expand(PEOPLE, 3)
    on_crop = project_to_crop(body.keypoints, camera).numpy()
    keypoints_px = np.concatenate([on_crop, np.ones((PEOPLE, 49, 1))], axis=2).astype(np.float32)
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(
            NewSample(
                picture_path=Path(f"/pictures/{index}.jpg"),
                picture_size_px=(224, 224),
                dataset="made",
                person_key="0",
                box_center_px=np.array([112, 112], dtype=np.float32),
                box_scale=224 / 200,
                keypoints_px=keypoints,
            )
            for index, keypoints in enumerate(keypoints_px)
        )
    return folder


def start_fitting(project: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "main.py", "fit", str(project), "--batch-size", str(BATCH)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_for_some_fits(project: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    with Dictionary.open(project) as dictionary:
        while dictionary.search.count(SampleQuery(only_without_fit=True)) > PEOPLE - 2 * BATCH:
            assert process.poll() is None, "the fitting ended before it could be killed"
            assert time.monotonic() < deadline, "no fits within the time"
            time.sleep(0.01)


def test_a_killed_fitting_leaves_a_sound_database_and_goes_on(project):
    process = start_fitting(project)
    try:
        wait_for_some_fits(project, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert process.returncode == -signal.SIGKILL

    raw = sqlite3.connect(project / "dictionary.db")
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        left = dictionary.search.count(SampleQuery(only_without_fit=True))
        before = dictionary.fits.current(dictionary.search.ids())
        assert dictionary.runs.all()[0].status is RunStatus.INTERRUPTED
    assert 0 < left < PEOPLE
    assert (PEOPLE - left) % BATCH == 0, "a batch is stored whole or not at all"

    report = fit_samples(project, batch_size=16)
    assert report.fitted == left
    with Dictionary.open(project) as dictionary:
        assert dictionary.info()["samples_with_fit"] == PEOPLE
        for sample_id in dictionary.search.ids():
            best = [fit for fit in dictionary.fits.history(sample_id) if not fit.runner_up]
            assert [fit.origin for fit in best] == [Origin.NETWORK]
            assert sample_id not in before or before[sample_id].id == best[0].id
        assert dictionary.problems() == []
