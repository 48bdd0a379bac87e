"""How long a training will take: by what an iteration took before, here or elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from core.progress import duration_text
from core.runs.training_configuration import TrainingConfiguration
from core.types.runs import Run
from spin_gui.session.wording import count_text, number

MEASURED_ON_TWO_CORES_S = {("regnetx_002", 128): 0.8, ("resnet50", 224): 15.0}
"""Seconds an iteration of 64 people, by backbone and picture side (docs/measurements.md)."""

_MEASURED_BATCH = 64
_TAIL_BYTES = 64_000
"""The end of a run's metrics: some two hundred iterations, whatever the length of the run."""

Work = tuple[str, int, int]
"""What decides on the time of an iteration: backbone, picture side in px, people together."""


@dataclass(frozen=True)
class TrainingPace:
    """Seconds an iteration, as one run of the project had them."""

    run_id: int
    seconds: float


def paces_of(project: Path, runs: Iterable[Run]) -> dict[Work, TrainingPace]:
    """The pace of the project's newest training of each kind of work."""
    paces: dict[Work, TrainingPace] = {}
    for run in sorted(runs, key=lambda one: -one.id):
        work = _work_of(run.configuration) if run.is_training else None
        if work is not None and work not in paces:
            seconds = _recent_seconds(project, run.id)
            if seconds is not None:
                paces[work] = TrainingPace(run.id, seconds)
    return paces


def estimate_text(
    configuration: TrainingConfiguration, paces: Mapping[Work, TrainingPace], *, on_cpu: bool
) -> str:
    """One sentence: what an iteration took, where, and what all of them come to."""
    work = (configuration.backbone, configuration.input_size_px, configuration.batch_size)
    iterations = count_text(configuration.iterations)
    pace = paces.get(work)
    if pace is not None:
        total = duration_text(pace.seconds * configuration.iterations)
        took = f"In run {pace.run_id} an iteration took {number(pace.seconds)} s"
        return f"{took}: {iterations} take about {total}."
    measured = MEASURED_ON_TWO_CORES_S.get((configuration.backbone, configuration.input_size_px))
    if measured is None or not on_cpu:
        return f"How long {iterations} iterations take is shown after the first few."
    seconds = measured * configuration.batch_size / _MEASURED_BATCH
    total = duration_text(seconds * configuration.iterations)
    return (
        f"On two quiet cores an iteration took {number(seconds)} s: {iterations} take about "
        f"{total} there, longer on a slower or busy machine."
    )


def _work_of(configuration: Mapping[str, object]) -> Work | None:
    backbone, side, batch = (
        configuration.get(name) for name in ("backbone", "input_size_px", "batch_size")
    )
    if isinstance(backbone, str) and isinstance(side, int) and isinstance(batch, int):
        return backbone, side, batch
    return None


def _recent_seconds(project: Path, run_id: int) -> float | None:
    """The median of a run's last iterations; None where nothing usable is there."""
    # Late: it loads TensorBoard, which a project without trainings need not wait for.
    from core.runs.run_folder import RunFolder  # noqa: PLC0415

    try:
        with RunFolder.of(project, run_id).metrics.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        return None
    found = [seconds for line in lines if (seconds := _seconds_in(line)) is not None]
    return median(found) if found else None


def _seconds_in(line: str) -> float | None:
    try:
        seconds = json.loads(line)["step_seconds"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None  # cut off at the beginning, or half written at the end
    return float(seconds) if isinstance(seconds, (int, float)) and seconds > 0 else None
