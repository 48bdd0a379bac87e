"""What shards made, merged: the same current fits as one process makes, by value."""

from __future__ import annotations

import os
import shutil
import signal
import warnings
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.shards.part_files import manifest_path, part_path
from core.dictionary.store import Dictionary
from core.errors import StudioError, UserFileError
from core.progress import Progress, ignore_progress
from core.types.fits import Verdict
from core.types.runs import RunStatus
from core.workflows.fit_project import fit_samples
from core.workflows.refit_project import refit_samples
from core.workflows.shards.merge_parts import merge_parts
from core.workflows.shards.shard_job import ShardReport, ShardRequest, run_shard
from core.workflows.shards.share import Share
from tests.core.workflows.shards.conftest import PEOPLE
from tests.core.workflows.shards.fit_values import BATCH, current, histories, one_thread

pytest.importorskip("pyarrow")

SHARDS = 4
OPTIONS = {"init": "lifter", "batch-size": BATCH}


def shard(
    project: Path,
    index: int,
    *,
    count: int = SHARDS,
    out: Path,
    progress=ignore_progress,
    **options,
) -> ShardReport:
    request = ShardRequest(
        project,
        project.parent / "people.snapshot",
        out,
        "fit",
        Share(index, count),
        {**OPTIONS, **options},
    )
    with one_thread():
        return run_shard(
            request,
            lambda source: (
                not fit_samples(
                    project, init="lifter", batch_size=BATCH, source=source, progress=progress
                ).cancelled
            ),
        )


def killed(work) -> None:
    """Have a process of its own killed at its first report of progress."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks with threads
        child = os.fork()
    if not child:
        signal.alarm(120)
        try:  # with one thread: those of the parent are not in its copy
            work(lambda _progress: os.kill(os.getpid(), signal.SIGKILL))
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.fixture(scope="module")
def parts(snapshotted: Path) -> Path:
    """Four shards of it, one of which was killed and started again."""
    out = snapshotted.parent / "parts"
    shard(snapshotted, 0, out=out)
    killed(lambda progress: shard(snapshotted, 1, out=out, progress=progress))
    assert sorted(path.name for path in out.glob("part-*")) == ["part-0.json", "part-0.parquet"]
    reports = [shard(snapshotted, index, out=out) for index in range(SHARDS)]
    assert [report.was_there for report in reports] == [True, False, False, False]
    return out


@pytest.fixture
def target(snapshotted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(snapshotted, tmp_path / "project"))


def test_four_shards_one_killed_and_restarted_make_the_fits_of_one_process(
    by_one_process, parts, target
):
    report = merge_parts(target, [parts])
    assert (report.parts, report.missing, report.refused) == (SHARDS, (), 0)
    assert report.groups == 1
    assert report.became_current == PEOPLE
    assert len(current(target)) == PEOPLE
    assert current(target) == current(by_one_process)
    assert histories(target) == histories(by_one_process)
    with Dictionary.open(target) as dictionary:
        assert dictionary.problems() == []
        assert {run.status for run in dictionary.runs.all()} == {RunStatus.FINISHED}


def test_a_second_merge_stores_nothing(parts, target):
    merge_parts(target, [parts])
    before, kept = current(target), histories(target)
    with Dictionary.open(target) as dictionary:
        stamp = dictionary.file.content_stamp()
    again = merge_parts(target, [parts])
    assert (again.became_current, again.kept, again.groups, again.refused) == (0, 0, 0, 0)
    assert again.there_already > PEOPLE
    assert (current(target), histories(target)) == (before, kept)
    with Dictionary.open(target) as dictionary:
        assert dictionary.file.content_stamp() == stamp


def test_what_a_person_chose_after_a_merge_stands_after_the_next(parts, target):
    merge_parts(target, [parts])
    with Dictionary.open(target) as dictionary:
        ids = dictionary.search.ids().tolist()
        chosen = {
            sample_id: min(fit.id for fit in dictionary.fits.history(sample_id))
            for sample_id in ids
        }
        former = dictionary.fits.make_all_current(chosen)
    merge_parts(target, [parts])
    with Dictionary.open(target) as dictionary:
        assert dictionary.fits.current_ids(ids) == chosen
        dictionary.fits.make_all_current(former)  # as any other offer is taken back


def test_an_ended_merge_goes_on_where_it_was(by_one_process, parts, target, monkeypatch):
    from core.progress import CancelToken

    monkeypatch.setattr("core.progress.REPORT_INTERVAL_S", 0.0)
    cancel = CancelToken()

    def stop(progress: Progress) -> None:
        if progress.done:
            cancel.cancel()

    report = merge_parts(target, [parts], progress=stop, cancel=cancel)
    assert report.cancelled
    assert 0 < len(current(target)) < PEOPLE
    merge_parts(target, [parts])
    assert current(target) == current(by_one_process)


def test_parts_may_come_one_by_one_and_groups_wait_for_all(by_one_process, parts, target):
    late = merge_parts(target, [part_path(parts, 3)])
    assert late.missing == (0, 1, 2)
    for index in (2, 0, 1):
        report = merge_parts(target, [part_path(parts, index)])
        assert report.groups == 0
    whole = merge_parts(target, [parts])
    assert (whole.groups, whole.missing) == (1, ())
    assert current(target) == current(by_one_process)


def test_offers_pass_by_the_rules_of_the_dictionary(parts, target):
    """One is accepted, one corrected and one removed since the snapshot."""
    accepted, corrected, removed = 5, 6, 7
    refit_samples(target, starts=["mean"], sample_ids=[accepted])
    with Dictionary.open(target) as dictionary:
        chosen = dictionary.fits.current_ids([accepted])
        dictionary.verdicts.set({accepted: Verdict.ACCEPTED}, author="maria")
        keypoints = dictionary.samples.get(corrected).keypoints_px.copy()
        moved = keypoints + np.float32([3, 0, 0])
        dictionary.corrections.set_keypoints(corrected, moved, compare=lambda *_: None)
        dictionary.removals.people([removed])
    report = merge_parts(target, [parts])
    assert (report.locked, report.refused) == (1, 2)
    assert "sample 7: Sample 7 was removed." in report.refusals
    assert any("sample 6" in line and "corrected since" in line for line in report.refusals)
    with Dictionary.open(target) as dictionary:
        assert dictionary.fits.current_ids([accepted]) == chosen


def test_a_damaged_part_is_refused_by_name_and_nothing_is_stored(parts, target, tmp_path):
    copied = Path(shutil.copytree(parts, tmp_path / "parts"))
    content = bytearray(part_path(copied, 2).read_bytes())
    content[len(content) // 2] ^= 1
    part_path(copied, 2).write_bytes(content)
    with pytest.raises(UserFileError, match=r"part-2\.parquet: the part is damaged"):
        merge_parts(target, [copied])
    assert current(target) == {}


def test_a_damaged_part_is_made_again_by_its_shard(snapshotted, parts, tmp_path):
    copied = Path(shutil.copytree(parts, tmp_path / "parts"))
    part_path(copied, 3).write_bytes(b"")
    report = shard(snapshotted, 3, out=copied)
    assert not report.was_there
    assert "damaged" in report.damaged
    assert part_path(copied, 3).read_bytes() == part_path(parts, 3).read_bytes()


def test_parts_of_other_inputs_are_refused_by_name(snapshotted, parts, target, tmp_path):
    with pytest.raises(UserFileError, match=r"part-0\.parquet: .*--init lifter instead of mean"):
        shard(snapshotted, 0, out=parts, init="mean")
    with pytest.raises(UserFileError, match=r"--shards 4 instead of 5"):
        shard(snapshotted, 0, out=parts, count=5)
    other = tmp_path / "other"
    shard(snapshotted, 0, count=50, out=other)
    with pytest.raises(UserFileError, match=r"part-0\.parquet: the part is of other inputs"):
        merge_parts(target, [parts, other])


def test_parts_of_another_project_are_refused(parts, tmp_path, unfitted):
    stranger = Path(shutil.copytree(unfitted, tmp_path / "stranger"))
    with pytest.raises(StudioError, match="snapshot of another project"):
        merge_parts(stranger, [parts])
    assert current(stranger) == {}


def test_a_shard_neither_opens_nor_changes_the_projects_database(snapshotted, tmp_path):
    """Where there is none at all, pictures and checkpoints still have their place."""
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(snapshotted.parent / "people.snapshot", tmp_path)
    shard(bare, 1, out=tmp_path / "parts")
    assert list(bare.iterdir()) == []
    assert manifest_path(part_path(tmp_path / "parts", 1)).is_file()


def test_a_folder_without_parts_is_said_to_have_none(target, tmp_path):
    with pytest.raises(UserFileError, match="holds no part"):
        merge_parts(target, [tmp_path / "project"])


def test_numbers_of_a_part_are_exact(parts):
    """Shapes and precision of what other programs read from it."""
    import pyarrow.parquet as pq

    table = pq.read_table(part_path(parts, 0))
    poses = np.stack(table.column("pose_axis_angle").to_numpy(zero_copy_only=False))
    assert poses.shape == (table.num_rows, 72)
    assert poses.dtype == np.float32
