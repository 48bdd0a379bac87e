"""What killed processes leave is removed; what living ones write and what users own stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.files.unfinished_files import sweep, unfinished_name

ROOT = Path(__file__).resolve().parents[3]

WRITE_AND_WAIT = """
import sys, time
from pathlib import Path
from core.files.unfinished_files import unfinished_name
name = unfinished_name(Path(sys.argv[1]))
name.write_text("half")
print(name, flush=True)
time.sleep(60)
"""


@pytest.fixture
def writer(tmp_path):
    """Another process that has begun a file, with the name of that file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, str(tmp_path / "last.pt")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    name = Path(process.stdout.readline().strip())
    yield process, name
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_file_of_a_killed_process_goes_and_that_of_a_living_one_stays(writer, tmp_path):
    process, name = writer
    assert sweep([tmp_path]) == []
    assert name.read_text() == "half"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert sweep([tmp_path]) == [name]
    assert not name.exists()


def test_own_files_stay(tmp_path):
    own = unfinished_name(tmp_path / "a.bin")
    own.touch()
    assert sweep([tmp_path]) == []
    assert own.exists()


def test_another_process_of_the_same_number_is_no_owner(tmp_path):
    own = unfinished_name(tmp_path / "a.bin")
    process = str(os.getpid())
    head, tail = own.name.split(f"-{process}-")
    earlier = tmp_path / f"{head}-{process}-1-{tail.partition('-')[2]}"
    earlier.touch()
    assert sweep([tmp_path]) == [earlier]


def test_a_file_of_another_machine_stays_for_a_day(tmp_path):
    own = unfinished_name(tmp_path / "a.bin")
    machine = own.name.split(".")[-2].split("-")[0]
    foreign = tmp_path / own.name.replace(machine, "00000000")
    foreign.touch()
    assert sweep([tmp_path]) == []
    two_days_ago = time.time() - 2 * 86_400
    os.utime(foreign, (two_days_ago, two_days_ago))
    assert sweep([tmp_path]) == [foreign]


@pytest.mark.parametrize(
    "name",
    [
        ".last.pt.0123456789abcdef0123456789abcdef.unfinished",
        ".last.pt.4711.part",
        "dictionary.db.4711-20260504T123000123456.unfinished-wal",
    ],
)
def test_what_earlier_versions_left_goes_after_a_day(tmp_path, name):
    left_over = tmp_path / name
    left_over.touch()
    assert sweep([tmp_path]) == []
    os.utime(left_over, (1, 1))
    assert sweep([tmp_path]) == [left_over]


@pytest.mark.parametrize(
    "name",
    ["film.part", "download.unfinished", ".notes.txt.unfinished", "dictionary.db", "a.4.part"],
)
def test_a_users_own_file_stays_however_old(tmp_path, name):
    own = tmp_path / name
    own.touch()
    os.utime(own, (1, 1))
    assert sweep([tmp_path]) == []


def test_a_folder_that_is_missing_is_no_error(tmp_path):
    assert sweep([tmp_path / "missing"]) == []


def test_a_folder_that_a_killed_process_began_goes_with_all_in_it(tmp_path):
    own = unfinished_name(tmp_path / "run").name
    process = str(os.getpid())
    head, tail = own.split(f"-{process}-")
    earlier = tmp_path / f"{head}-{process}-1-{tail.partition('-')[2]}"
    (earlier / "tensorboard").mkdir(parents=True)
    assert sweep([tmp_path]) == [earlier]
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_leaves_room_for_its_owner(tmp_path):
    unfinished_name(tmp_path / ("ü" * 120)).touch()
