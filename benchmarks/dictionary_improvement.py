"""What training adds to a dictionary: errors of the current fits against the truth, over time.

A demo project is fitted the paper's way from the mean pose, and then trained on with ``cpu-demo``,
unpaired: the truth of its people is never shown to the training. Beside it stands what the better
solver does alone, from the mean pose in four directions, without any network, and what it does from
lifted bodies: part of what a training improves is the solver's doing, and only the rest is the
regressor's.

    python -m benchmarks.dictionary_improvement [--quick] [--json] [--minutes M] [--seed S]
        [--project FOLDER] [--start-from WEIGHTS] [--improvement-rule RULE] [--evidence-rule RULE]
        [--begin-with mean|lifter] [--iterations N]
        [--curve FILE.json] [--plot FILE.png]
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.engine.training.train import train
from core.runs.observers import IterationMetrics, SilentObserver
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.runs.training_control import TrainingControl
from core.workflows.demo import make_demo_project
from core.workflows.demo_report import DemoReport, report_on
from core.workflows.fit_project import fit_samples

MEASURED_EVERY_S = 20.0
DEFAULT_MINUTES = 15.0
QUICK_MINUTES = 1.0


def measured(project: Path) -> DemoReport:
    """Errors of the current fits of a project."""
    with Dictionary.open(project) as dictionary:
        return report_on(dictionary)


class _Curve(SilentObserver):
    """Measures every so often, and stops the training when its time is over.

    Time spent on measuring does not count.
    """

    def __init__(self, project: Path, control: TrainingControl, *, seconds: float) -> None:
        self._project, self._control, self._seconds = project, control, seconds
        self._began_at = time.monotonic()
        self._next = 0.0
        self.device = ""
        self.points: list[dict[str, float]] = []

    def started(self, _run_id: int, _configuration: TrainingConfiguration, device: str) -> None:
        self._began_at, self.device = time.monotonic(), device

    def metrics(self, metrics: Sequence[IterationMetrics]) -> None:
        elapsed = time.monotonic() - self._began_at
        if elapsed >= self._seconds:
            self._control.stop()
        if elapsed < self._next:
            return
        self._next = elapsed + MEASURED_EVERY_S
        self.measure(metrics[-1].iteration, elapsed)
        self._began_at += time.monotonic() - self._began_at - elapsed

    def measure(self, iteration: int, elapsed_s: float) -> None:
        found = measured(self._project)
        self.points.append(
            {
                "seconds": round(elapsed_s, 1),
                "iteration": iteration,
                "median_error_mm": found.median_error_mm,
                "wrong_root_share": found.wrong_root_share,
            }
        )
        print(self.points[-1], file=sys.stderr)


def plot(points: Sequence[dict[str, float]], path: Path, *, solver_alone_mm: float) -> None:
    """The curve as a small picture: error in mm over seconds, the solver alone as a grey line."""
    width, height, edge = 640, 360, 50
    picture = np.full((height, width, 3), 255, dtype=np.uint8)
    errors = [point["median_error_mm"] for point in points]
    top, last = (
        1.1 * max(*errors, solver_alone_mm),
        max(1.0, *(each_point["seconds"] for each_point in points)),
    )

    def place(seconds: float, error: float) -> tuple[int, int]:
        x = edge + (width - 2 * edge) * seconds / last
        return round(x), round(height - edge - (height - 2 * edge) * error / top)

    font, grey, blue = cv2.FONT_HERSHEY_SIMPLEX, (150, 150, 150), (170, 80, 20)
    cv2.line(picture, place(0, solver_alone_mm), place(last, solver_alone_mm), grey, 1, cv2.LINE_AA)
    line = np.array([place(point["seconds"], point["median_error_mm"]) for point in points])
    cv2.polylines(picture, [line.reshape(-1, 1, 2)], False, blue, 2, cv2.LINE_AA)  # noqa: FBT003
    cv2.rectangle(picture, place(0, top), place(last, 0), grey, 1)
    for text, where in (
        (f"{top:.0f} mm", (2, edge + 4)),
        ("0", (edge - 14, height - edge)),
        (f"{last:.0f} s", (width - edge - 30, height - edge + 18)),
        ("median 3D error of the current fits; grey: solver alone", (edge, edge - 14)),
    ):
        cv2.putText(picture, text, where, font, 0.45, (60, 60, 60), 1, cv2.LINE_AA)
    cv2.imwrite(str(path), picture)


def main() -> None:
    """Make or copy the demo, train, and report."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--minutes", type=float, default=None)
    parser.add_argument("--project", type=Path, help="a complete demo project; it is copied")
    parser.add_argument("--curve", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--seed", type=int, default=0, help="of the demo's people")
    parser.add_argument("--start-from", default=None, help="where the network's weights begin")
    parser.add_argument("--improvement-rule", default=None, choices=("likelier", "reprojection"))
    parser.add_argument("--begin-with", default="mean", choices=("mean", "lifter"))
    parser.add_argument("--iterations", type=int, default=1_000_000, help="at most this many")
    parser.add_argument("--evidence-rule", default=None, choices=("calibrated", "plain"))
    options = parser.parse_args()
    minutes = options.minutes or (QUICK_MINUTES if options.quick else DEFAULT_MINUTES)
    with tempfile.TemporaryDirectory() as folder:
        project, alone, lifted = (Path(folder) / item for item in ("trained", "alone", "lifted"))
        if options.project is not None:
            shutil.copytree(options.project, project)
        else:
            make_demo_project(project, seed=options.seed)
        people = measured(project).people
        make_demo_project(alone, people=people, seed=options.seed, fit=False)
        shutil.copytree(alone, lifted)
        fit_samples(alone, profile="studio")
        fit_samples(lifted, init="lifter")
        if options.begin_with == "lifter":
            shutil.rmtree(project)
            shutil.copytree(lifted, project)
        before = measured(project)
        solver_alone, from_lifter = measured(alone), measured(lifted)
        given = {
            name: value
            for name in ("start_from", "improvement_rule", "evidence_rule")
            if (value := getattr(options, name)) is not None
        }
        configuration = replace(
            profile_configuration("cpu-demo"), iterations=options.iterations, **given
        )
        control = TrainingControl()
        curve = _Curve(project, control, seconds=60 * minutes)
        curve.measure(0, 0.0)
        ended = train(project, configuration, control=control, observer=curve)
        after = measured(project)
        curve.measure(ended.iterations, 60 * minutes)
    results = {
        "device": curve.device,
        "minutes": minutes,
        "iterations": ended.iterations,
        "people": before.people,
        "median_error_before_mm": before.median_error_mm,
        "median_error_after_mm": after.median_error_mm,
        "error_fell_by_share": 1 - after.median_error_mm / before.median_error_mm,
        "wrong_root_share_before": before.wrong_root_share,
        "wrong_root_share_after": after.wrong_root_share,
        "solver_alone_median_error_mm": solver_alone.median_error_mm,
        "solver_alone_wrong_root_share": solver_alone.wrong_root_share,
        "from_lifter_median_error_mm": from_lifter.median_error_mm,
        "from_lifter_wrong_root_share": from_lifter.wrong_root_share,
    }
    if options.curve is not None:
        text = json.dumps({**results, "curve": curve.points}, indent=1)
        options.curve.write_text(text, encoding="utf-8")
    if options.plot is not None:
        plot(curve.points, options.plot, solver_alone_mm=solver_alone.median_error_mm)
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
