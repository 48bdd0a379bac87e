"""Tries readers on damaged files, each in a process of its own with limits of memory and time.

    python tests/fuzz/run_readers.py --cases 2000 [--readers "COCO results" …] [--keep FOLDER]

The cases follow from the number alone, so that a second run tries the same. Prints a table for
people and, as its last line, one JSON object for the test. ``--keep`` saves the files whose reading
failed; they stay outside the project: a file that brings another program down is not ours to share.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import json
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
# OpenMP's threads do not survive a fork: a child that asks for them waits forever. So the parent,
# which makes a network to damage, must not start any; it has to be said before PyTorch loads.
os.environ["OMP_NUM_THREADS"] = "1"

from hypothesis import HealthCheck, Phase, given, settings
from readers import FuzzedReader, readers

from core.errors import StudioError

MAX_SECONDS = 20
MAX_BYTES = 1 << 30
_HUNG_AFTER_S = 3 * MAX_SECONDS
_MOST_KEPT = 20
_LAST_WORDS = "stderr.txt"
_MOST_WORDS = 4000


@dataclass
class Outcome:
    """What became of a reader's cases.

    foreign: exceptions of other kinds than the program's own, by type and place.
    crashed: how the process ended, where it did not end by itself.
    last_words: the end of what a crashed process wrote to its standard error, with the place.
    """

    name: str
    cases: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    most_mb: float = 0.0
    foreign: dict[str, int] = field(default_factory=dict)
    crashed: str = ""
    last_words: str = ""

    @property
    def is_sound(self) -> bool:
        """No foreign exception, no case over the limits, no crash."""
        within = self.slowest_s <= MAX_SECONDS and self.most_mb * 2**20 <= MAX_BYTES
        return within and not self.foreign and not self.crashed


class TooSlowError(BaseException):
    """Raised by the clock; no reader may take it for the file's fault."""


@contextmanager
def time_limit() -> Iterator[None]:
    """Raise after the limit; where even that does not help, end the process with a traceback."""

    def ring(_number: int, _frame: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, MAX_SECONDS)
    faulthandler.dump_traceback_later(_HUNG_AFTER_S, exit=True)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


class Trial:
    """One reader and its cases."""

    def __init__(self, reader: FuzzedReader, folder: Path, keep: Path | None) -> None:
        self._reader, self._folder, self._keep = reader, folder, keep
        self._foreign: Counter[str] = Counter()
        self._before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.outcome = Outcome(reader.name)

    def run(self, cases: int) -> Outcome:
        """Try this many."""

        @settings(
            max_examples=cases,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(self._reader.contents)
        def every(content: bytes) -> None:
            self._one(content)

        every()
        peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.outcome.most_mb = round((peak_kb - self._before_kb) / 1024, 1)
        self.outcome.foreign = dict(self._foreign)
        return self.outcome

    def _one(self, content: bytes) -> None:
        path = self._folder / self._reader.file_name
        path.write_bytes(content)
        self.outcome.cases += 1
        started = time.process_time()
        try:
            with time_limit():
                self._reader.read(path)
        except StudioError as error:
            self.outcome.refused += 1
            f"{error} {error.remedy}".encode()
        except Exception as error:  # noqa: BLE001 - what is looked for
            self._note(error, content)
        except TooSlowError as error:
            self._note(error, content)
        self.outcome.slowest_s = max(self.outcome.slowest_s, time.process_time() - started)
        path.unlink(missing_ok=True)

    def _note(self, error: BaseException, content: bytes) -> None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        kind = f"{type(error).__name__}: {error!s:.80} at {where}"
        self._foreign[kind] += 1
        if self._keep is not None and self._foreign.total() <= _MOST_KEPT:
            name = f"{self._foreign.total():02d}_{self._reader.file_name}"
            kept = self._keep / self._reader.name.replace(" ", "_")
            kept.mkdir(parents=True, exist_ok=True)
            (kept / name).write_bytes(content)
            (kept / f"{name}.txt").write_text("".join(traceback.format_exception(error)))


def _in_child(
    reader: FuzzedReader, folder: Path, cases: int, keep: Path | None, answer: Connection
) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # libraries tell of damage there, line by line
    os.dup2(os.open(folder / _LAST_WORDS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    faulthandler.enable()
    warnings.simplefilter("ignore")
    size_bytes = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limit = size_bytes + 2 * MAX_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    gc.freeze()
    answer.send(asdict(Trial(reader, folder, keep).run(cases)))
    answer.close()


def try_reader(reader: FuzzedReader, folder: Path, cases: int, keep: Path | None) -> Outcome:
    """In a process of its own: a crash is a result, too."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(reader, folder, cases, keep, theirs))
    child.start()
    theirs.close()
    try:
        outcome = Outcome(**ours.recv())
    except EOFError:
        outcome = Outcome(reader.name)
    child.join()
    if child.exitcode:
        outcome.crashed = f"exit status {child.exitcode}"
        outcome.last_words = (folder / _LAST_WORDS).read_text(errors="replace")[-_MOST_WORDS:]
    return outcome


def main() -> int:
    """Try them all; the exit status says whether all are sound."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--readers", nargs="*", default=None)
    parser.add_argument("--keep", type=Path, default=None)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    outcomes = []
    print(f"{'reader':26}{'cases':>7}{'refused':>9}{'foreign':>9}{'slowest s':>11}{'most MB':>9}")
    try:
        for name, reader in readers(folder).items():
            if options.readers and name not in options.readers:
                continue
            one = try_reader(reader, folder, options.cases, options.keep)
            outcomes.append(one)
            print(
                f"{name:26}{one.cases:7}{one.refused:9}{sum(one.foreign.values()):9}"
                f"{one.slowest_s:11.2f}{one.most_mb:9.0f} {one.crashed}",
                flush=True,
            )
            for kind, count in sorted(one.foreign.items(), key=lambda item: -item[1])[:8]:
                print(f"    {count} × {kind.encode('ascii', 'backslashreplace').decode()}")
            print(one.last_words, end="", file=sys.stderr)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps([asdict(outcome) for outcome in outcomes]))
    return 0 if all(outcome.is_sound for outcome in outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main())
