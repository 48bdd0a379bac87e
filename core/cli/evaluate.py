"""``evaluate``: a checkpoint by a benchmark's protocol, or a project against its ground truth."""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.arguments.evaluate import PROJECT
from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.engine.evaluation.protocols import protocol_named
from core.engine.evaluation.tables import Table
from core.errors import SetupError, StudioError

if TYPE_CHECKING:
    from core.engine.evaluation.project_evaluation import ProjectEvaluation


def run(options: argparse.Namespace, console: Console) -> int:
    """Evaluate; Ctrl+C ends after the batch in work."""
    if options.target == PROJECT:
        return _evaluate_project(options, console)
    return _evaluate_protocol(options, console)


def _evaluate_protocol(options: argparse.Namespace, console: Console) -> int:
    protocol = protocol_named(options.target)
    with loading_engine(console):
        from core.engine.evaluation.protocol_runs import evaluate_protocol
        from core.engine.training.device import choose_device

    with cancel_on_interrupt() as cancel:
        result = evaluate_protocol(
            protocol,
            data=options.data,
            pictures=options.pictures or options.data,
            checkpoint=options.checkpoint or _demo_regressor(),
            body_file=options.body,
            limit=options.limit,
            device=choose_device(options.device),
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.results is not None:
        result.save(options.results)
    if options.json:
        console.json(result.to_dict())
        return 0
    console.result(f"{protocol.title}: {result.people} of {result.available} people")
    for name, value in result.metrics.items():
        console.result(f"{name}: {value:.2f}")
    if protocol.published:
        console.note(f"SPIN's own: {protocol.published}")
    for note in result.notes:
        console.note(note)
    return 0


def _demo_regressor() -> Path:
    from core.engine.regression.checkpoints import demo_regressor_path

    shipped = demo_regressor_path()
    if shipped is None:
        raise SetupError(
            "This copy of the program has no demo regressor.", remedy="Name a --checkpoint."
        )
    return shipped


def _evaluate_run(options: argparse.Namespace, console: Console) -> int:
    where = choice_from_text(options.where)
    with loading_engine(console):
        from core.engine.evaluation.dictionary_history import dictionary_over_run, moments_table

    with cancel_on_interrupt() as cancel:
        moments = dictionary_over_run(
            options.project,
            options.of_run,
            where=where,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.json:
        console.json({"moments": [asdict(moment) for moment in moments]})
    else:
        console.result(_plain(moments_table(moments, run_id=options.of_run)))
    return 0


def _evaluate_project(options: argparse.Namespace, console: Console) -> int:
    with Dictionary.open(options.project):
        pass
    if options.of_run is not None:
        return _evaluate_run(options, console)
    where = choice_from_text(options.where)
    with loading_engine(console):
        from core.engine.evaluation.project_evaluation import evaluate_project

    with cancel_on_interrupt() as cancel:
        found = evaluate_project(
            options.project,
            where=where,
            need_truth=False,
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if not found.keypoints:
        raise _nothing_to_evaluate(found)
    if options.json:
        console.json(_project_json(found, options.worst))
        return 0
    tables = (found.summary_table(), found.joint_table())
    for table in tables if found.with_truth else (found.keypoint_table(),):
        console.result(_plain(table))
    for body in found.bodies if options.worst else ():
        console.result(f"Worst {body.name}: {', '.join(map(str, body.worst(options.worst)))}")
    return 0


def _nothing_to_evaluate(found: ProjectEvaluation) -> StudioError:
    if not found.samples:
        return StudioError(
            f"No samples of {found.project} are selected.",
            remedy="Loosen the filter, or import people first.",
        )
    return StudioError(
        f"None of the {found.samples} selected samples has a fit or a prediction.",
        remedy="Run: main.py fit PROJECT, or main.py predict PROJECT.",
    )


def _plain(table: Table) -> str:
    return table.markdown().replace("## ", "", 1)


def _project_json(found: ProjectEvaluation, worst: int) -> dict[str, object]:
    return {
        "samples": found.samples,
        "with_truth": found.with_truth,
        "keypoints": {
            keypoint.name: {
                "people": keypoint.errors.people,
                "error_2d_px": _number(keypoint.errors.mean_px),
            }
            for keypoint in found.keypoints
        },
        "bodies": {
            body.name: {
                **body.errors.summary().to_dict(),
                "error_2d_px": body.mean_error_2d_px,
                "joints_mm": body.errors.mean_joints_mm(),
                **({"worst": body.worst(worst).tolist()} if worst else {}),
            }
            for body in found.bodies
        },
    }


def _number(value: float) -> float | None:
    """As JSON knows it, which has no NaN."""
    return value if math.isfinite(value) else None
