"""What the dictionary costs a training in several processes: offers a second, and share of a step.

Only the first process touches the dictionary, so that its answers are the part of a step that does
not become shorter with more processes. Every process takes steps of a profile as a training
does – crops, prediction, fits of everybody, offers, losses, descent, gradients over gloo –
and each offer is timed on the first process, from the moment at which all of them have asked.
``offer_share`` is that time over the step's, the median over steps. These are the first visits of
a run, in which everybody's fit is offered; later only those that became better are.

    python -m benchmarks.distributed [--processes 2 4] [--profile P] [--batch-size 32] [--json]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.distributed.process import RESULT, WARM_UP
from core.workflows.demo import make_demo_project

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--profile", default="cpu-demo", help="of the training (cpu-demo)")
    parser.add_argument("--batch-size", type=int, default=32, help="of each process (32)")
    parser.add_argument("--steps", type=int, default=4, help="that are timed (4)")
    options = parser.parse_args(arguments)
    batch_size, steps = (4, 2) if options.quick else (options.batch_size, options.steps)
    results: dict[str, object] = {"profile": options.profile, "batch_size": batch_size}
    with tempfile.TemporaryDirectory() as folder:
        for processes in options.processes:
            project = Path(folder) / f"of-{processes}"
            visited = processes * batch_size * (steps + WARM_UP)
            make_demo_project(project, people=visited, fit=False)
            words = [str(project), options.profile, str(batch_size), str(steps)]
            found = measured(project, processes, words)
            results |= {f"{name}_{processes}": value for name, value in found.items()}
    report(results, as_json=options.json)
    return 0


def measured(project: Path, processes: int, words: list[str]) -> dict[str, object]:
    """What the first of some processes measured; ``words`` tell each what to do."""
    launched = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    subprocess.run(
        [
            *launched,
            f"--nproc-per-node={processes}",
            "-m",
            "benchmarks.distributed.process",
            *words,
        ],
        cwd=ROOT,
        check=True,
    )
    found: dict[str, object] = json.loads((project / RESULT).read_text())
    return found


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
