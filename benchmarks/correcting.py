"""How long one person waits for a refit, and an edit for the losses it measures again.

The people of a demo project, one after another, as a person corrects them: a wrist is moved by a
tenth of the box, and SMPLify goes on from the current fit. One thread, as beside a window on two
cores.

    python -m benchmarks.correcting [--quick] [--json]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.workflows.correct_sample import Corrector
from core.workflows.demo import make_demo_project

LEFT_WRIST = 36
HISTORY = 20
"""Fits in a history that is measured again."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    options = benchmark_arguments(__doc__ or "").parse_args(arguments)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "demo"
        make_demo_project(project)
        with Dictionary.open(project) as dictionary:
            started = time.perf_counter()
            corrector = Corrector.of_project(dictionary)
            made_s = time.perf_counter() - started
            results = _measure(dictionary, corrector, people=8 if options.quick else 40)
    report({"make_corrector_s": made_s, **results}, as_json=options.json)
    return 0


def _measure(dictionary: Dictionary, corrector: Corrector, *, people: int) -> dict[str, float]:
    edits, refits, histories = [], [], []
    for sample_id in dictionary.search.ids().tolist()[:people]:
        fit = dictionary.fits.current_of(sample_id)
        if fit is None:
            continue
        sample, body = dictionary.samples.get(sample_id), fit.parameters
        keypoints = sample.keypoints_px.copy()
        keypoints[LEFT_WRIST] = (*keypoints[LEFT_WRIST, :2] + sample.box.side_px / 10, 1.0)
        edits.append(
            _seconds(
                partial(
                    dictionary.corrections.set_keypoints,
                    sample_id,
                    keypoints,
                    compare=corrector.compare,
                )
            )
        )
        corrected = dictionary.samples.get(sample_id)
        refits.append(_seconds(partial(corrector.refitted, corrected, body, stay_near=False)))
        histories.append(
            _seconds(partial(corrector.compare, corrected.keypoints_crop_px, [body] * HISTORY))
        )
    return {
        "edit_s": statistics.median(edits),
        "refit_s": statistics.median(refits),
        "refit_slowest_s": max(refits),
        f"compare_{HISTORY}_fits_s": statistics.median(histories),
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
