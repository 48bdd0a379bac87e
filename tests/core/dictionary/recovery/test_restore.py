"""Restoring a backup: right beside a left-over log, and whole wherever it is killed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.dictionary.recovery.backups import back_up, backups_of
from core.dictionary.recovery.restore import restore
from core.dictionary.storage import database_swap as swapping
from core.dictionary.storage.database_swap import Swap
from core.dictionary.storage.migrations import MIGRATIONS, Migration, newest_version
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import DictionaryBusyError, DictionaryError, NotAProjectError
from core.types.fits import Verdict

ROOT = Path(__file__).resolve().parents[4]

JUDGE_AND_DIE = """
import os, sys
from pathlib import Path
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
dictionary = Dictionary.open(Path(sys.argv[1]))
dictionary.verdicts.set({1: Verdict.REJECTED}, "maria")
os._exit(0)  # as a kill: nothing is closed, the log stays
"""

WAIT_WITH_PROJECT = """
import sys
from pathlib import Path
from core.dictionary.store import Dictionary
dictionary = Dictionary.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def run(script: str, project: Path) -> None:
    subprocess.run([sys.executable, "-c", script, str(project)], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def left_over(tmp_path_factory) -> Path:
    """A project that was accepted, backed up, then rejected by a process that was killed."""
    from tests.core.dictionary.conftest import new_fit, new_sample

    project = tmp_path_factory.mktemp("restoring") / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(new_sample(number) for number in range(20))
        dictionary.fits.offer([new_fit(sample_id) for sample_id in range(1, 21)])
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    back_up(project)
    run(JUDGE_AND_DIE, project)
    assert (project / "dictionary.db-wal").stat().st_size > 0
    return project


@pytest.fixture
def project(left_over, tmp_path) -> Path:
    return shutil.copytree(left_over, tmp_path / "project")


def verdict(project: Path) -> Verdict:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        return dictionary.fits.current_of(1).verdict


def nothing(_database: Path) -> None:
    return


def overwrite(database: Path) -> None:
    with database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xa5" * 4096 * 10)


def cut_short(database: Path) -> None:
    with database.open("r+b") as file:
        file.truncate(10_000)


def remove(database: Path) -> None:
    database.unlink()


def empty(database: Path) -> None:
    database.write_bytes(b"")


def damage_the_log(database: Path) -> None:
    log = database.with_name("dictionary.db-wal")
    content = bytearray(log.read_bytes())
    content[40:80] = bytes(40)
    log.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [nothing, overwrite, cut_short, remove, empty, damage_the_log],
    ids=lambda damage: damage.__name__,
)
def test_beside_a_left_over_log_the_backup_is_what_is_there_after(
    project, damage: Callable[[Path], None]
):
    damage(project / "dictionary.db")
    replaced = {path.name: path.read_bytes() for path in project.glob("dictionary.db*")}
    replaced.pop("dictionary.db-shm", None)  # an index of the log, made again at any opening
    restored = restore(project)
    assert verdict(project) is Verdict.ACCEPTED
    kept = {path.name: path.read_bytes() for path in restored.kept_in.iterdir()}
    assert {name: kept[name] for name in replaced} == replaced
    assert not (project / "restoring.json").exists()


def test_what_was_replaced_can_be_restored_in_turn_with_its_log(project):
    restored = restore(project)
    restore(project, restored.kept_in / "dictionary.db")
    assert verdict(project) is Verdict.REJECTED


def test_without_damage_and_killed_anywhere_the_project_is_the_old_or_the_new(project, tmp_path):
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.core.dictionary.recovery.test_restore",
            str(project),
            str(tmp_path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    outcomes = json.loads(told.stdout)
    assert len(outcomes) > 15, "steps that were tried"
    assert [outcome for outcome in outcomes if outcome[0] not in ("rejected", "accepted")] == []
    # Once it is the new one it stays so: no later step goes back.
    assert [outcome[0] for outcome in outcomes] == sorted(
        (outcome[0] for outcome in outcomes), reverse=True
    )
    assert [outcome for outcome in outcomes if outcome[1]] == [], "left over"


def test_a_project_that_another_process_has_open_is_left_alone(project):
    before = (project / "dictionary.db").read_bytes()
    other = subprocess.Popen(
        [sys.executable, "-c", WAIT_WITH_PROJECT, str(project)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(DictionaryBusyError, match="another program has the project open"):
            restore(project)
    finally:
        other.communicate("")
    assert (project / "dictionary.db").read_bytes()[:4096] == before[:4096]
    assert verdict(project) is Verdict.REJECTED


def test_a_damaged_backup_is_passed_over_for_an_older_one_and_named(project):
    verdict(project)  # takes the log in
    newer = back_up(project)
    overwrite(newer)
    restored = restore(project)
    assert restored.backup != newer
    assert [newer.name in reason for reason in restored.passed_over] == [True]
    assert verdict(project) is Verdict.ACCEPTED


def test_a_damaged_backup_that_is_named_is_refused_and_nothing_changes(project):
    (backup,) = backups_of(project)
    overwrite(backup.path)
    names = sorted(path.name for path in project.iterdir())
    with pytest.raises(DictionaryError, match="damaged"):
        restore(project, backup.path)
    assert sorted(path.name for path in project.iterdir()) == names
    assert verdict(project) is Verdict.REJECTED


def test_a_single_flipped_bit_in_a_backup_is_seen(project):
    (backup,) = backups_of(project)
    content = bytearray(backup.path.read_bytes())
    content[content.index(b"first tables")] ^= 1  # a text that is in no index
    backup.path.write_bytes(content)
    with pytest.raises(DictionaryError, match="is not what was written"):
        restore(project, Path(backup.path.name))


def test_a_backup_of_a_newer_program_is_refused(project, tmp_path):
    newer = tmp_path / "newer"
    future = Migration(newest_version(MIGRATIONS) + 1, "to come", lambda _database: None)
    make_project(newer, settings={}, migrations=(*MIGRATIONS, future))
    with pytest.raises(DictionaryError, match="knows versions up to"):
        restore(project, newer / "dictionary.db")
    assert verdict(project) is Verdict.REJECTED


def test_a_backup_of_an_older_schema_is_brought_up_to_date(project, tmp_path):
    older = tmp_path / "older"
    make_project(older, settings={"note": "old"}, migrations=MIGRATIONS[:2])
    restore(project, older / "dictionary.db")
    with Dictionary.open(project) as dictionary:
        assert dictionary.settings.get("note") == "old"
        assert dictionary.file.schema_version == newest_version(MIGRATIONS)
        assert dictionary.problems() == []


def test_a_file_that_is_no_dictionary_is_refused(project, tmp_path):
    (tmp_path / "notes.txt").write_text("hello " * 1000)
    with pytest.raises(DictionaryError, match=r"notes\.txt"):
        restore(project, tmp_path / "notes.txt")
    with pytest.raises(DictionaryError, match="There is no backup"):
        restore(project, Path("missing.backup"))


def test_a_folder_that_never_was_a_project_is_refused(tmp_path):
    with pytest.raises(NotAProjectError):
        restore(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_without_any_backup_it_says_so(tmp_path):
    Dictionary.create(tmp_path / "fresh").close()
    with pytest.raises(DictionaryError, match="There is no backup in"):
        restore(tmp_path / "fresh")


def test_a_note_that_leads_out_of_the_project_is_not_followed(project):
    note = {"prepared": "../other.db", "aside": "backups/x"}
    (project / "restoring.json").write_text(json.dumps(note))
    with pytest.raises(DictionaryError, match="not how it goes on"):
        Dictionary.open(project)


def test_a_restore_ends_well_where_an_opening_process_has_finished_it_in_between(project):
    backup = back_up(project)
    prepared = project / ".prepared"
    shutil.copyfile(backup, prepared)
    swap = Swap(prepared.name, "backups/replaced")
    (project / swap.aside).mkdir()
    swapping.carry_out(project, swap)
    swapping.carry_out(project, swap)
    assert not (project / swapping.SWAP_NOTE).exists()


# Run as a program: restores a copy of the project, killed at its first step, its second, and so on.

STEPS = frozenset({"open", "os.rename", "os.link", "os.remove", "os.mkdir", "shutil.copyfile"})


def _kill_at(step: int) -> None:
    import os
    import signal

    done = 0

    def hook(event: str, _arguments: object) -> None:
        nonlocal done
        if event in STEPS:
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _outcome(project: Path) -> tuple[str, list[str]]:
    try:
        word = str(verdict(project))
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the outcome
        word = repr(error)
    known = {"dictionary.db", "cache", "checkpoints", "backups", "log"}
    return word, sorted(path.name for path in project.iterdir() if path.name not in known)


def _try_every_step(original: Path, folder: Path) -> list[tuple[str, list[str]]]:
    import os

    outcomes: list[tuple[str, list[str]]] = []
    for step in range(1, 1000):
        project = shutil.copytree(original, folder / f"step{step}")
        child = os.fork()
        if child == 0:
            _kill_at(step)
            restore(project)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        outcomes.append(_outcome(project))
        shutil.rmtree(project)
        if status == 0:
            return outcomes
    return outcomes


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_try_every_step(Path(sys.argv[1]), Path(sys.argv[2]))))
