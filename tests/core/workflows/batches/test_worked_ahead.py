"""Batches in several threads: in order, as with one thread, and over when they are over."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from core.dictionary.store import Dictionary
from core.progress import CancelToken, Progress
from core.workflows.batches.worked_ahead import batches_ahead, worked_ahead
from core.workflows.fit_project import fit_samples
from core.workflows.flag_project import flag_samples
from tests.core.workflows.test_fitting import people_of

SAME_ANYWHERE = """
SELECT sample_id, pose_axis_angle, betas, camera_translation, crop_camera, reprojection_loss,
    pose_prior_loss, angle_prior_loss, shape_prior_loss, bone_direction_loss, depth_loss,
    pull_loss, comparison_loss, max_abs_beta, depth_m, origin, runner_up, pose_valid, shape_valid
FROM fits ORDER BY id"""


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def test_results_come_in_the_order_of_the_batches():
    later = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert later.wait(10)  # the second is done before the first
        later.set()
        return number**2

    with threads(2):
        assert list(worked_ahead(range(5), work)) == [(n, n**2) for n in range(5)]


def test_no_more_is_read_than_the_threads_need():
    read: list[int] = []

    def batches() -> Iterator[int]:
        for number in range(10):
            read.append(number)
            yield number

    with threads(2):
        ahead = batches_ahead()
        for done, _ in worked_ahead(batches(), str):
            assert len(read) <= done + 1 + ahead


def test_what_work_raises_is_raised_in_its_turn_and_settings_return():
    patience_s = sys.getswitchinterval()

    def work(number: int) -> int:
        assert torch.get_num_threads() == 1
        return 1 // (2 - number)

    with threads(2):
        done = []
        with pytest.raises(ZeroDivisionError):
            done.extend(batch for batch, _ in worked_ahead(range(5), work))
        assert torch.get_num_threads() == 2
    assert sys.getswitchinterval() == patience_s
    assert not [each for each in threading.enumerate() if each.name.startswith("batch")]


@pytest.fixture(scope="module")
def two_projects(tmp_path_factory: pytest.TempPathFactory, open_body) -> list[Path]:
    """The same people twice."""
    folders = [tmp_path_factory.mktemp("fits") / name for name in ("in turn", "side by side")]
    people = people_of(open_body, 7)
    for folder in folders:
        with Dictionary.create(folder) as dictionary:
            dictionary.samples.add(people)
    return folders


def test_fits_side_by_side_are_those_made_in_turn_to_the_last_bit(two_projects):
    stored = []
    for count, folder in enumerate(two_projects, start=1):
        with threads(count):
            report = fit_samples(folder, init="lifter", batch_size=2)
        assert report.fitted == 7
        with Dictionary.open(folder) as dictionary:
            stored.append(dictionary._connection.execute(SAME_ANYWHERE))
            assert dictionary.problems() == []
    assert stored[0] == stored[1]


def test_a_stop_leaves_no_claim_and_keeps_what_is_stored(tmp_path, open_body, every_step_reported):
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(people_of(open_body, 6))
    cancel = CancelToken()

    def stop_after_the_first(progress: Progress) -> None:
        if progress.done:
            cancel.cancel()

    with threads(2):
        report = fit_samples(
            folder, init="lifter", batch_size=1, progress=stop_after_the_first, cancel=cancel
        )
    assert (report.cancelled, report.fitted) == (True, 1)
    with Dictionary.open(folder) as dictionary:
        assert dictionary._connection.execute("SELECT * FROM claims") == []


ASSESSED = """
SELECT id, suspicion, informativeness, disagreement_deg, error_2d_px, error_3d_mm FROM samples"""


def test_flags_side_by_side_are_those_raised_in_turn(two_projects):
    stored = []
    for count, folder in enumerate(two_projects, start=1):
        with threads(count):
            fit_samples(folder, init="lifter")
            report = flag_samples(folder, batch_size=2)
        assert (report.assessed, report.cancelled, report.left_to_others) == (7, False, 0)
        with Dictionary.open(folder) as dictionary:
            read = dictionary._connection.execute
            flags = read("SELECT * FROM flags ORDER BY name, sample_id")
            stored.append((read(ASSESSED), flags))
            assert read("SELECT * FROM claims") == []
    assert stored[0] == stored[1]
    assert all(None not in row[1:3] for row in stored[0][0])
