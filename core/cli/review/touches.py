"""``touches PROJECT``: whose keypoint to correct next, and what it would gain."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np

from core.body.conventions import KEYPOINT_NAMES
from core.cli.console import INTERRUPTED, Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.projects import open_existing, refuse_empty
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, WORTH_A_TOUCH
from core.dictionary.store import Dictionary
from core.types.samples import SampleRow


@dataclass(frozen=True)
class _Touch:
    """A keypoint of a person that a correction of would gain ``gain_mm`` of mean 3D error."""

    sample: int
    name: str
    keypoint: str
    gain_mm: float


def run(options: argparse.Namespace, console: Console) -> int:
    """List the best keypoint of each person, the best person first."""
    with open_existing(options) as dictionary:
        refuse_empty(dictionary)
        dictionary.assessments.ask_for_touch_gains()
        due = bool(dictionary.assessments.due(limit=1))
    if due:
        with loading_engine(console):
            from core.workflows.flag_project import flag_samples

        with cancel_on_interrupt() as cancel:
            report = flag_samples(options.project, progress=ProgressLine(console), cancel=cancel)
        if report.cancelled:
            console.note("Stopped; the same command goes on from there.")
            return INTERRUPTED
    with Dictionary.open(options.project) as dictionary:
        touches = _touches(dictionary, options.where, options.limit)
    if options.json:
        console.json({"touches": [vars(touch) for touch in touches]})
        return 0
    for touch in touches:
        gain = f"{touch.gain_mm:.1f} mm"
        console.result(f"#{touch.sample:<8d} {touch.keypoint:16s} {gain:>8s}  {touch.name}")
    if not touches:
        console.note("No keypoint of these people is worth a correction.")
    return 0


def _touches(dictionary: Dictionary, where: str, limit: int) -> list[_Touch]:
    order = BUILT_IN_VIEWS[WORTH_A_TOUCH]
    chosen = query_from_text(where).in_order_of(order) if where else order
    ids = dictionary.search.ids(chosen)[:limit]
    found = (_best(dictionary, row) for row in dictionary.search.rows(ids.tolist()))
    return [touch for touch in found if touch is not None]


def _best(dictionary: Dictionary, row: SampleRow) -> _Touch | None:
    gains = dictionary.assessments.touch_gains_mm(row.id)
    if gains is None or not np.nanmax(gains, initial=0.0) > 0:
        return None
    best = int(np.nanargmax(gains))
    return _Touch(row.id, row.name, KEYPOINT_NAMES[best], round(float(gains[best]), 2))
