"""``kill -9`` at random moments of each kind of work, and what is left of the project afterwards.

Every trial begins with the shipped demo project, on whose fits a person has given verdicts. A
process as a user starts it is killed at a random moment after it opened the project; then the
project is opened, checked, and the same call made once more. Looked for are: fits, verdicts and
predictions that were there before, or that the process reported, and are gone; damage, by
checksums over rows as well; a next call that fails or does not complete; and anything left over.

    python benchmarks/kills.py [--kills 60] [--seed 0] [--only fit,train] [--json]
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.store import Dictionary
from core.runs.run_folder import RunFolder, read_metrics
from core.types.fits import Origin, Verdict
from core.types.runs import RunStatus
from core.types.samples import Sample

HERE = Path(__file__).resolve().parents[1]
PATIENCE_S = 300.0
COPIES = 40
"""The demo's 60 people are imported so often, under other numbers."""

PREDICTION_SET = "trial"
TRAINING = (
    "--profile cpu-demo --backbone test_resnet --input-size-px 48 --start-from random "
    "--batch-size 8 --workers 0 --iterations 24 --checkpoint-every 5"
)
_REPORTED = re.compile(r"(\d+) of (\d+)")
_LEFT_OVER = re.compile(r"\..+|.+\.(part|unfinished|lock)|.+-(wal|shm|journal)")


@dataclass(frozen=True)
class Bench:
    """The folder that everything happens in."""

    folder: Path

    @property
    def demo(self) -> Path:
        """The project that trials begin with."""
        return self.folder / "demo"

    @property
    def crowd(self) -> Path:
        """The same with many people."""
        return self.folder / "crowd"

    @property
    def annotations(self) -> Path:
        """Many people, as COCO has them."""
        return self.folder / "crowd.json"

    @property
    def project(self) -> Path:
        """The project of the present trial."""
        return self.folder / "trial"

    def undisturbed(self, name: str) -> Path:
        """The project after a kind of work that was not killed."""
        return self.folder / f"undisturbed-{name}"

    @property
    def out(self) -> Path:
        """Where the present trial exports to."""
        return self.folder / "out"


@dataclass(frozen=True)
class Work:
    """One kind of work.

    begin, again: words of the first call and of the one that goes on. begins_with: the project it
    is done to. done: how much is there, in the unit that the progress reports; None where progress
    counts something else. complete: what is wrong with a finished one.
    """

    name: str
    begin: Callable[[Bench], list[str]]
    again: Callable[[Bench], list[str]]
    begins_with: Callable[[Bench], Path]
    done: Callable[[Bench], int] | None
    complete: Callable[[Bench], list[str]]


@dataclass
class Tally:
    """What came of the kills of one kind of work."""

    kills: int = 0
    lost: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    not_gone_on: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """All that went wrong."""
        return [*self.lost, *self.damaged, *self.left_over, *self.not_gone_on]

    def row(self) -> dict[str, int]:
        """Counts for the table."""
        wrong = ("lost", "damaged", "left_over", "not_gone_on")
        return {"kills": self.kills, **{name: len(getattr(self, name)) for name in wrong}}


# What each kind of work leaves


def _same(words: Callable[[Bench], list[str]]) -> dict[str, Callable[[Bench], list[str]]]:
    return {"begin": words, "again": words}


def _lifted(bench: Bench) -> int:
    """People with a lifted fit, and those whose fit is refused: a near copy of a rejected one."""
    with Dictionary.open(bench.project) as dictionary:
        histories = (
            dictionary.fits.history(sample_id) for sample_id in dictionary.search.ids().tolist()
        )
        best = [fit for history in histories for fit in history if not fit.runner_up]
    lifted = [fit.sample_id for fit in best if fit.origin is Origin.LIFTER]
    assert len(lifted) == len(set(lifted)), "a person was fitted twice"
    return len(lifted) + len(_awaited(bench.undisturbed("fit")))


def _predicted(bench: Bench) -> int:
    with Dictionary.open(bench.project) as dictionary:
        sets = {
            prediction_set.name: prediction_set.size
            for prediction_set in dictionary.prediction_sets.all()
        }
    return int(sets.get(PREDICTION_SET, 0))


def _assessed(bench: Bench) -> int:
    with Dictionary.open(bench.project) as dictionary:
        return len(dictionary.search.ids()) - len(dictionary.assessments.due())


def _trained(bench: Bench) -> int:
    run = _training(bench)
    return 0 if run is None else len(read_metrics(RunFolder.of(bench.project, run).metrics))


def _training(bench: Bench) -> int | None:
    with Dictionary.open(bench.project) as dictionary:
        return next((run.id for run in dictionary.runs.all() if run.kind == "train"), None)


def _train_on(bench: Bench) -> list[str]:
    run = _training(bench)
    wanted = TRAINING.split() if run is None else ["--resume", str(run)]
    return ["train", str(bench.project), *wanted]


def _is(found: object, expected: object, what: str) -> list[str]:
    return [] if found == expected else [f"{what}: {found}, expected {expected}"]


def _people(dictionary: Dictionary) -> list[Sample]:
    return dictionary.samples.get_many(dictionary.search.ids().tolist())


def _awaited(project: Path) -> list[int]:
    with Dictionary.open(project) as dictionary:
        ids: list[int] = dictionary.search.awaiting_fit(Origin.LIFTER).tolist()
    return ids


def _fitted(bench: Bench) -> list[str]:
    """As many wait as where nothing was killed: those whose fit is refused."""
    expected = _awaited(bench.undisturbed("fit"))
    return _is(_awaited(bench.project), expected, "people without a fit")


def _imported(bench: Bench) -> list[str]:
    keys = []
    for project in (bench.project, bench.crowd):
        with Dictionary.open(project) as dictionary:
            keys.append({(person.dataset, person.person_key) for person in _people(dictionary)})
    return _is(len(keys[0] ^ keys[1]), 0, "people that differ")


def _exported(bench: Bench) -> list[str]:
    expected = (bench.folder / "undisturbed.json").read_bytes()
    is_whole = (bench.out / "people.json").read_bytes() == expected
    return [] if is_whole else ["the exported file differs from an undisturbed one"]


def _as_undisturbed(bench: Bench) -> list[str]:
    """Weights and current fits of the training, against one that was not killed."""
    (here, fits), (there, expected) = (
        _trained_state(project) for project in (bench.project, bench.undisturbed("train"))
    )
    wrong = [name for name, values in there.items() if not torch.equal(here[name], values)]
    return [*_is(len(wrong), 0, "tensors that differ"), *_is(fits, expected, "current fits")]


def _trained_state(project: Path) -> tuple[Mapping[str, Any], list[bytes]]:
    with Dictionary.open(project) as dictionary:
        run = next(run.id for run in dictionary.runs.all() if run.kind == "train")
        fits = dictionary.fits.current(dictionary.search.ids().tolist())
    state = torch.load(RunFolder.of(project, run).final, weights_only=True)
    poses = [fits[fit].parameters.pose_axis_angle.tobytes() for fit in sorted(fits)]
    return state["model"], poses


WORKS = (
    Work(
        name="import",
        **_same(
            lambda bench: [
                *("import", str(bench.project), "coco", str(bench.annotations)),
                *("--images", str(bench.demo / "pictures")),
            ]
        ),
        begins_with=lambda bench: bench.demo,
        done=None,
        complete=_imported,
    ),
    Work(
        name="export",
        **_same(
            lambda bench: [
                *("export", str(bench.project), "coco-keypoints"),
                *(str(bench.out / "people.json"), "--overwrite"),
            ]
        ),
        begins_with=lambda bench: bench.crowd,
        done=None,
        complete=_exported,
    ),
    Work(
        name="fit",
        **_same(lambda bench: ["fit", str(bench.project), "--init", "lifter", "--batch-size", "2"]),
        begins_with=lambda bench: bench.demo,
        done=_lifted,
        complete=_fitted,
    ),
    Work(
        name="predict",
        **_same(
            lambda bench: [
                *("predict", str(bench.project), "--keep-as", PREDICTION_SET),
                *("--batch-size", "2"),
            ]
        ),
        begins_with=lambda bench: bench.demo,
        done=_predicted,
        complete=lambda bench: _is(_predicted(bench), 60, "predictions"),
    ),
    Work(
        name="flag",
        begin=lambda bench: ["flag", str(bench.project), "--all", "--batch-size", "2"],
        again=lambda bench: ["flag", str(bench.project), "--batch-size", "2"],
        begins_with=lambda bench: bench.demo,
        done=_assessed,
        complete=lambda bench: _is(_assessed(bench), 60, "assessed fits"),
    ),
    Work(
        name="train",
        begin=_train_on,
        again=_train_on,
        begins_with=lambda bench: bench.demo,
        done=_trained,
        complete=_as_undisturbed,
    ),
)


# A trial


def _start(words: list[str], said: Path) -> subprocess.Popen[bytes]:
    with said.open("wb") as stream:
        return subprocess.Popen(
            [sys.executable, "main.py", *words],
            cwd=HERE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=stream,
            stderr=stream,
        )


def _opened(bench: Bench, process: subprocess.Popen[bytes]) -> float:
    """Wait until the process has opened the project; returns the moment."""
    log = bench.project / "dictionary.db-wal"
    while not log.exists() and process.poll() is None:
        time.sleep(0.002)
    return time.monotonic()


def _lay_out(bench: Bench, work: Work) -> None:
    shutil.rmtree(bench.project, ignore_errors=True)
    shutil.rmtree(bench.out, ignore_errors=True)
    shutil.copytree(work.begins_with(bench), bench.project)
    bench.out.mkdir()


def seconds_of(bench: Bench, work: Work) -> float:
    """How long undisturbed work takes from opening the project on; keeps what it makes."""
    _lay_out(bench, work)
    said = bench.folder / "said.txt"
    process = _start(work.begin(bench), said)
    since = _opened(bench, process)
    if process.wait(PATIENCE_S):
        raise SystemExit(f"{work.name} fails undisturbed:\n{said.read_text()}")
    seconds = time.monotonic() - since
    if work.name == "export":
        shutil.copy(bench.out / "people.json", bench.folder / "undisturbed.json")
    shutil.rmtree(bench.undisturbed(work.name), ignore_errors=True)
    shutil.copytree(bench.project, bench.undisturbed(work.name))
    return seconds


def killed_once(bench: Bench, work: Work, seconds: float, chance: random.Random) -> int:
    """Kill the work at a random moment; returns the count that it had reported by then."""
    while True:
        _lay_out(bench, work)
        said = bench.folder / "said.txt"
        process = _start(work.begin(bench), said)
        _opened(bench, process)
        time.sleep(chance.uniform(0, seconds))
        process.send_signal(signal.SIGKILL)
        if process.wait() == -signal.SIGKILL:
            break
        seconds *= 0.8  # it was faster than the undisturbed one
    return _reported(said.read_text(errors="replace"), work)


def _reported(text: str, work: Work) -> int:
    """The count of the last progress of the work itself: most flag afterwards what they changed."""
    own = text if work.name == "flag" else text.partition("Flagging")[0]
    counts = _REPORTED.findall(own)
    return int(counts[-1][0]) if counts else 0


def trial(
    bench: Bench, work: Work, seconds: float, chance: random.Random, before: set[object]
) -> Tally:
    """One kill, and all that is looked at afterwards."""
    tally = Tally(kills=1)
    reported = killed_once(bench, work, seconds, chance)
    tally.lost += _lost(bench, before)
    if work.done is not None and (found := work.done(bench)) < reported:
        tally.lost.append(f"{work.name}: {found} there, {reported} were reported")
    tally.damaged += _damage(bench)
    said = bench.folder / "again.txt"
    if _start(work.again(bench), said).wait(PATIENCE_S):
        tally.not_gone_on.append(f"{work.name} again: {said.read_text()}")
    else:
        tally.not_gone_on += work.complete(bench)
    tally.lost += _lost(bench, before)
    tally.damaged += _damage(bench)
    tally.left_over += _left_over(bench)
    return tally


def worth_keeping(project: Path) -> set[object]:
    """What no work may lose: every fit with its verdict, every latest prediction."""
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        fits = {
            (fit.id, fit.parameters.pose_axis_angle.tobytes(), fit.verdict, fit.verdict_by)
            for each_id in ids
            for fit in dictionary.fits.history(each_id)
        }
        accepted = {
            (sample_id, fit.id)
            for sample_id, fit in dictionary.fits.current(ids).items()
            if fit.verdict is Verdict.ACCEPTED
        }
        predictions = {
            (sample_id, said.parameters.betas.tobytes())
            for sample_id, said in dictionary.predictions.latest(ids).items()
        }
    return fits | accepted | predictions


def _lost(bench: Bench, before: set[object]) -> list[str]:
    gone = before - worth_keeping(bench.project)
    return [f"{len(gone)} fits, verdicts or predictions are gone"] if gone else []


def _damage(bench: Bench) -> list[str]:
    with Dictionary.open(bench.project) as dictionary:
        return dictionary.problems()


def _left_over(bench: Bench) -> list[str]:
    """Files of no use in the project and beside the export, claims, and runs that seem to run."""
    paths = [path for root in (bench.project, bench.out) for path in root.rglob("*")]
    found = [str(path) for path in paths if _LEFT_OVER.fullmatch(path.name)]
    with Dictionary.open(bench.project) as dictionary:
        runs = [run.id for run in dictionary.runs.all() if run.status is RunStatus.RUNNING]
    with closing(sqlite3.connect(bench.project / DATABASE_FILE)) as database:
        (claims,) = database.execute("SELECT count(*) FROM claims").fetchone()
    found += [f"run {run} seems to run" for run in runs]
    found += [f"{claims} claims"] if claims else []
    return found


# All trials


def lay_bench(folder: Path, *, copies: int = COPIES) -> Bench:
    """The demo with verdicts, and the same with many people."""
    bench = Bench(folder)
    said = folder / "said.txt"
    _call(["demo", str(bench.demo)], said)
    _judge(bench.demo)
    few = folder / "few.json"
    _call(["export", str(bench.demo), "coco-keypoints", str(few)], said)
    bench.annotations.write_text(json.dumps(_multiplied(json.loads(few.read_text()), copies)))
    shutil.copytree(bench.demo, bench.crowd)
    pictures = ["--images", str(bench.demo / "pictures")]
    _call(["import", str(bench.crowd), "coco", str(bench.annotations), *pictures], said)
    return bench


def _call(words: list[str], said: Path) -> None:
    if _start(words, said).wait(PATIENCE_S):
        raise SystemExit(said.read_text())


def _judge(project: Path) -> None:
    verdicts = np.resize([Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE], 24)
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        given = {one: Verdict(verdict) for one, verdict in zip(ids, verdicts, strict=False)}
        dictionary.verdicts.set(given, author="maria")


def _multiplied(document: dict[str, Any], copies: int) -> dict[str, Any]:
    people = document["annotations"]
    for person in people:
        person.pop("spin_studio", None)
    many = [
        {**one, "id": 1 + number}
        for number, one in enumerate(each_person for _ in range(copies) for each_person in people)
    ]
    return {**document, "annotations": many}


def run_trials(bench: Bench, works: Sequence[Work], *, kills: int, seed: int) -> dict[str, Tally]:
    """This many kills, the kinds of work in turn."""
    chance = random.Random(seed)
    seconds = {work.name: seconds_of(bench, work) for work in works}
    before = {work.name: worth_keeping(work.begins_with(bench)) for work in works}
    tallies = {work.name: Tally() for work in works}
    for number in range(kills):
        work = works[number % len(works)]
        one = trial(bench, work, seconds[work.name], chance, before[work.name])
        tally = tallies[work.name]
        tally.kills += one.kills
        for name in ("lost", "damaged", "left_over", "not_gone_on"):
            getattr(tally, name).extend(getattr(one, name))
        print(f"{number + 1:3d} {work.name:8s} {one.faults or 'sound'}", flush=True)
    return tallies


def _options() -> Namespace:
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--kills", type=int, default=60, help="how many, of all kinds together")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--only", default="", help="kinds of work, with commas")
    return parser.parse_args()


def main() -> int:
    """Print a table; 1 where anything was lost, damaged, left over or did not go on."""
    options = _options()
    wanted = options.only.split(",") if options.only else [work.name for work in WORKS]
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        bench = lay_bench(Path(folder))
        works = [work for work in WORKS if work.name in wanted]
        kills = len(works) if options.quick else options.kills
        tallies = run_trials(bench, works, kills=kills, seed=options.seed)
    report({name: tally.row() for name, tally in tallies.items()}, as_json=options.json)
    return int(any(tally.faults for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
