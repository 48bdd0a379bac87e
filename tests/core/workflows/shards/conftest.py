"""A project whose work is shared out: a dozen people, two pictures of them one moment."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.shards.snapshots import make_snapshot
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.workflows.fit_project import fit_samples
from tests.core.workflows.shards.fit_values import BATCH, one_thread
from tests.core.workflows.test_fitting import people_of

PEOPLE = 12


@pytest.fixture(scope="session")
def unfitted(tmp_path_factory: pytest.TempPathFactory, open_body: BodyModel) -> Path:
    """Twelve people; the first and the last are one person, at one moment."""
    folder = tmp_path_factory.mktemp("shards") / "unfitted"
    people = people_of(open_body, PEOPLE - 1)
    # Not quite the same, or one body would explain both before anything is fitted together.
    keypoints = people[0].keypoints_px.copy()
    keypoints[:, :2] += np.random.default_rng(1).normal(size=(49, 2))
    again = Path("/pictures/again.jpg")
    people.append(replace(people[0], picture_path=again, keypoints_px=keypoints))
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add(people).added_ids
        dictionary.groups.same_moment([ids[0], ids[-1]])
    return folder


@pytest.fixture
def project(unfitted: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(unfitted, tmp_path / "project"))


@pytest.fixture(scope="session")
def by_one_process(unfitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = Path(shutil.copytree(unfitted, tmp_path_factory.mktemp("one") / "project"))
    with one_thread():
        report = fit_samples(project, init="lifter", batch_size=BATCH)
    assert report.groups.fitted == 1, report.groups
    assert report.fitted == PEOPLE
    return project


@pytest.fixture(scope="session")
def snapshotted(unfitted: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a snapshot beside it; its database is not used by any shard."""
    project = Path(shutil.copytree(unfitted, tmp_path_factory.mktemp("many") / "project"))
    make_snapshot(project, project.parent / "people.snapshot")
    return project
