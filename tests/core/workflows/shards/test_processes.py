"""Shards in processes of their own, as a cluster runs them, make the fits of one process."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.shards.part_files import manifest_path, part_path
from core.errors import StudioError
from tests.core.workflows.shards.fit_values import BATCH, current, histories

pytest.importorskip("pyarrow")

ROOT = Path(__file__).resolve().parents[4]


def run(*words: str | Path) -> tuple[int, str, str]:
    """Status, result and log of a subcommand."""
    out, log = io.StringIO(), io.StringIO()
    options = build_parser().parse_args([str(word) for word in words])
    return options.run(options, Console(out, log)), out.getvalue(), log.getvalue()


def test_torchrun_and_the_launcher_of_submitit_make_the_fits_of_one_process(
    by_one_process, snapshotted, tmp_path, monkeypatch
):
    """torchrun does both shards; then one part is lost, and the launcher makes it again."""
    pytest.importorskip("submitit")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    project = Path(shutil.copytree(snapshotted, tmp_path / "project"))
    out, snapshot = tmp_path / "parts", snapshotted.parent / "people.snapshot"
    work = [str(project), "--init", "lifter", "--batch-size", str(BATCH), "--out", str(out)]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    subprocess.run(
        [*torchrun, "--nproc-per-node=2", "main.py", "fit", *work, f"--snapshot={snapshot}"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=240,
    )
    content = [part_path(out, index).read_bytes() for index in range(2)]
    part_path(out, 1).unlink()
    launcher = ("--launcher", "local", "--shards", "2", "--snapshot", snapshot)
    status, told, _ = run("fit", *work, *launcher)
    assert status == 0
    assert "Merged 2 of 2 parts" in told
    assert [part_path(out, index).read_bytes() for index in range(2)] == content
    assert len(list((out / "logs").glob("*_result.pkl"))) == 1
    assert current(project) == current(by_one_process)
    assert histories(project) == histories(by_one_process)


def test_a_shard_by_the_command_line_says_what_it_did_and_merge_what_came_of_it(
    snapshotted, tmp_path, monkeypatch
):
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    project = Path(shutil.copytree(snapshotted, tmp_path / "project"))
    snapshot, out = snapshotted.parent / "people.snapshot", tmp_path / "parts"
    words = ("fit", project, "--init=lifter", "--batch-size=6", "--snapshot", snapshot)
    with pytest.raises(StudioError, match="where the shards' parts go"):
        run(*words, "--shard=0/2")
    with pytest.raises(StudioError, match="which shard this is"):
        run(*words, "--out", out)
    with pytest.raises(StudioError, match="--body cannot be given to a shard"):
        run(*words, "--out", out, "--shard=0/2", "--body", "smpl.pkl")
    status, told, _ = run(*words, "--out", out, "--shard=0/2")
    # Six that were fitted alone, and the other member of the moment.
    assert (status, told) == (0, f"Shard 0/2: 7 people in {part_path(out, 0)}.\n")
    assert "is there already" in run(*words, "--out", out, "--shard=0/2")[1]
    assert current(project) == {}
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert run(*words, "--out", out)[1].startswith("Shard 1/2: 6 people")
    assert manifest_path(part_path(out, 1)).is_file()
    status, told, log = run("merge", project, out)
    assert (status, len(current(project))) == (0, 12)
    assert told.startswith("Merged 2 of 2 parts")
    assert "Assessed 12 fits" in log
