"""How long fits take beside programs that keep every core busy, with waiting threads that sleep.

As many busy processes as there are cores are started. Beside them 64 people are fitted, in
processes of their own that take turns: as the program does it, its waiting threads asleep
(``core.system.idle_threads``), and with OpenMP's own choice, threads that look for work. Between
them, with the busy processes stopped, they are fitted alone: ``busy_over_quiet`` is the ratio.

    python benchmarks/beside_others.py [--quick] [--json]
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common.reporting import benchmark_arguments, report
from core.system.idle_threads import let_waiting_threads_sleep

ROUNDS, QUICK_ROUNDS = 6, 2
FITS_PROGRAM = Path(__file__).with_name("fits_in_turn.py")
BUSY_PROGRAM = "while True: pass"


def fits_in_a_process(*, asleep: bool) -> tuple[list[float], list[float]]:
    """Seconds of each fit by the wall, and of processor time."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_"))}
    if asleep:
        environment["OMP_WAIT_POLICY"] = _sleeping_policy()
    done = subprocess.run(
        [sys.executable, str(FITS_PROGRAM)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    wall, processor = json.loads(done.stdout)
    return wall, processor


def _sleeping_policy() -> str:
    """The policy that the program chooses where the user has chosen none."""
    os.environ.pop("OMP_WAIT_POLICY", None)
    let_waiting_threads_sleep()
    return os.environ["OMP_WAIT_POLICY"]


def measure(*, rounds: int, busy: int) -> dict[str, object]:
    """Both ways in turns, beside ``busy`` processes, and the program's way alone."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY_PROGRAM]) for _ in range(busy)]
    wall: dict[str, list[float]] = {"asleep": [], "looking": [], "alone": []}
    processor: dict[str, list[float]] = {name: [] for name in wall}
    try:
        for _ in range(rounds):
            for name in wall:
                for other in others:
                    other.send_signal(signal.SIGSTOP if name == "alone" else signal.SIGCONT)
                took, worked = fits_in_a_process(asleep=name != "looking")
                wall[name] += took
                processor[name] += worked
    finally:
        for other in others:
            other.kill()
            other.wait()
    results: dict[str, object] = {"busy_processes": busy}
    for name, seconds in wall.items():
        results[f"{name}_s_median"] = statistics.median(seconds)
        results[f"{name}_s_min"] = min(seconds)
        results[f"{name}_s_max"] = max(seconds)
        results[f"{name}_cpu_s_median"] = statistics.median(processor[name])
    results["busy_over_quiet"] = statistics.median(wall["asleep"]) / statistics.median(
        wall["alone"]
    )
    return results


def main() -> None:
    """Run the benchmark."""
    options = benchmark_arguments("Fits beside busy programs.").parse_args()
    rounds = QUICK_ROUNDS if options.quick else ROUNDS
    report(measure(rounds=rounds, busy=os.cpu_count() or 1), as_json=options.json)


if __name__ == "__main__":
    main()
