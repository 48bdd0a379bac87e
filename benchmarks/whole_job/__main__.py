"""A whole job, a COCO file to fits from the lifter to flags, now and at an earlier commit.

Both versions do the job in processes of their own that take turns, on the same file, with the same
number of threads and SPIN's camera of 5000 px on the crop; no detector saw the pictures, so there
is no bone-direction term. The earlier version runs in a worktree that is made for it and removed,
and is left out where the history does not hold the commit. Import, fit and flags are timed without
the start of the interpreter and of PyTorch, the same for both; memory is what the process had at
most beyond what it had once PyTorch was loaded.

    python -m benchmarks.whole_job [--quick] [--json] [--people N] [--before REV] [--rounds N]
        [--threads N] [--only-now] [--folder FOLDER]

``--threads 1`` (the default) is for processor time, ``--threads 2`` for elapsed time on two cores.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.common.earlier_commit import BEFORE, ROOT, environment_of, worktree_of
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.whole_job.coco_people import write_coco

JOB = Path(__file__).with_name("one_job.py")
PEOPLE, QUICK_PEOPLE = 4_000, 512
ROUNDS = 3
STEPS = ("import", "fit", "flag")

Job = dict[str, object]


def job(tree: Path, annotations: Path, project: Path, *, threads: int) -> Job:
    """One whole job by the program of a tree."""
    environment = {**environment_of(tree), "OMP_NUM_THREADS": str(threads)}
    arguments = [sys.executable, str(JOB), str(annotations), str(project), "--long-lens"]
    try:
        done = subprocess.run(
            [*arguments, "--threads", str(threads)],
            cwd=tree,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    finally:
        shutil.rmtree(project, ignore_errors=True)
    found: Job = json.loads(done.stdout.splitlines()[-1])
    return found


def summed(one: Mapping[str, object], kind: str) -> float:
    """Seconds of all steps."""
    return sum(one[step][kind] for step in STEPS)  # type: ignore[index]


def told(name: str, jobs: Sequence[Job]) -> dict[str, object]:
    """Medians of one version."""
    people = float(str(jobs[0]["people"]))
    results: dict[str, object] = {}
    for kind in ("wall_s", "processor_s"):
        results[f"{name}_{kind}"] = statistics.median(summed(timed, kind) for timed in jobs)
        for step in STEPS:
            results[f"{name}_{step}_ms_a_person_{kind}"] = (
                1e3 * statistics.median(timed[step][kind] for timed in jobs) / people  # type: ignore[index]
            )
    above = [float(str(timed["peak_mb"])) - float(str(timed["torch_mb"])) for timed in jobs]
    results[f"{name}_mb_above_torch"] = statistics.median(above)
    results[f"{name}_fitted"], results[f"{name}_assessed"] = jobs[0]["fitted"], jobs[0]["assessed"]
    return results


def measure(
    folder: Path, annotations: Path, before: Path | None, *, rounds: int, threads: int
) -> dict[str, object]:
    """Both versions in turns; the ratio is the median of those of the turns."""
    trees = {"now": ROOT, **({} if before is None else {"before": before})}
    jobs: dict[str, list[Job]] = {name: [] for name in trees}
    for number in range(rounds):
        for name, tree in trees.items():
            project = folder / f"{name}_{number}"
            jobs[name].append(job(tree, annotations, project, threads=threads))
    results: dict[str, object] = {"threads": threads, "rounds": rounds}
    for name, done in jobs.items():
        results |= told(name, done)
    now_s = statistics.median(summed(timed, "wall_s") for timed in jobs["now"])
    results["people"] = jobs["now"][0]["people"]
    results["people_per_second"] = float(str(results["people"])) / now_s
    if before is not None:
        for name, kind in (("processor", "processor_s"), ("elapsed", "wall_s")):
            results[f"whole_job_speedup_{name}"] = statistics.median(
                summed(old, kind) / summed(new, kind)
                for old, new in zip(jobs["before"], jobs["now"], strict=True)
            )
    return results


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--people", type=int, help="of the COCO file")
    parser.add_argument("--before", default=BEFORE, metavar="REV", help="what to compare with")
    parser.add_argument("--only-now", action="store_true", help="without the earlier version")
    parser.add_argument("--rounds", type=int, help="how often each version does the job")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch, in both versions")
    parser.add_argument("--folder", type=Path, help="of an annotation file that is kept")
    options = parser.parse_args(arguments)
    people = options.people or (QUICK_PEOPLE if options.quick else PEOPLE)
    rounds = options.rounds or (1 if options.quick else ROUNDS)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        annotations = _annotations(options.folder or folder, people)
        with worktree_of(options.before, folder) as before:
            shown = None if options.only_now else before
            results = measure(folder, annotations, shown, rounds=rounds, threads=options.threads)
    report(results, as_json=options.json)
    return 0


def _annotations(folder: Path, people: int) -> Path:
    made = folder / f"people_{people}"
    kept = made / "people.json"
    return kept if kept.is_file() else write_coco(made, people)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
