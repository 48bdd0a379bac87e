"""``evaluate``: a checkpoint by a benchmark's protocol, or a project against its ground truth."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.dictionary.query_text import WHERE_HELP, query_from_text
from core.errors import SetupError
from core.evaluation.dictionary_history import dictionary_over_run, moments_table
from core.evaluation.projects import ProjectEvaluation, evaluate_project
from core.evaluation.protocol_runs import evaluate_protocol
from core.evaluation.protocols import PROTOCOL_NAMES, protocol_named
from core.evaluation.tables import Table
from core.regression.checkpoints import demo_regressor_path
from core.training.device import choose_device

PROJECT = "project"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``evaluate PROTOCOL --data DIR --checkpoint FILE …`` or ``evaluate project PROJECT …``."""
    targets = parser.add_subparsers(dest="target", metavar="PROTOCOL", required=True)
    for name in PROTOCOL_NAMES:
        title = protocol_named(name).title
        child = targets.add_parser(name, help=title, description=f"{title}.")
        _add_protocol_arguments(child)
        child.set_defaults(evaluate=_evaluate_protocol)
    child = targets.add_parser(
        PROJECT,
        help="a project whose samples have ground truth",
        description="Compare a project's predictions and fits with its samples' true bodies.",
    )
    child.add_argument("project", type=Path)
    child.add_argument("--where", default="", metavar="FILTER", help=WHERE_HELP)
    child.add_argument("--worst", type=int, default=0, metavar="N", help="name the N worst samples")
    child.add_argument(
        "--run",
        # "run" is the function of the subcommand.
        dest="of_run",
        type=int,
        metavar="N",
        help="the dictionary in the course of this run instead",
    )
    child.add_argument("--json", action="store_true", help="one line of JSON instead of tables")
    child.set_defaults(evaluate=_evaluate_project)


def _add_protocol_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="DIR",
        help="SPIN's data folder: annotation files, SMPL, regressors (docs/evaluation.md)",
    )
    parser.add_argument(
        "--pictures", type=Path, metavar="DIR", help="root of the data set's pictures (--data)"
    )
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="a regressor, SPIN's model_checkpoint.pt too (the demo regressor)",
    )
    parser.add_argument("--body", type=Path, help="the neutral SMPL file, if it is elsewhere")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N people")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (auto)")
    parser.add_argument(
        "--results", type=Path, metavar="FILE", help="npz to write all predictions to, as SPIN does"
    )
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of text")


def run(options: argparse.Namespace, console: Console) -> int:
    """Evaluate; Ctrl+C ends after the batch in work."""
    evaluate: Callable[[argparse.Namespace, Console], int] = options.evaluate
    return evaluate(options, console)


def _evaluate_protocol(options: argparse.Namespace, console: Console) -> int:
    protocol = protocol_named(options.target)
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
    shipped = demo_regressor_path()
    if shipped is None:
        raise SetupError(
            "This copy of the program has no demo regressor.", remedy="Name a --checkpoint."
        )
    return shipped


def _evaluate_run(options: argparse.Namespace, console: Console) -> int:
    with cancel_on_interrupt() as cancel:
        moments = dictionary_over_run(
            options.project,
            options.of_run,
            where=query_from_text(options.where),
            progress=ProgressLine(console),
            cancel=cancel,
        )
    if options.json:
        console.json({"moments": [asdict(one) for one in moments]})
    else:
        console.result(_plain(moments_table(moments, run_id=options.of_run)))
    return 0


def _evaluate_project(options: argparse.Namespace, console: Console) -> int:
    if options.of_run is not None:
        return _evaluate_run(options, console)
    where = query_from_text(options.where)
    with cancel_on_interrupt() as cancel:
        found = evaluate_project(
            options.project, where=where, progress=ProgressLine(console), cancel=cancel
        )
    if options.json:
        console.json(_project_json(found, options.worst))
        return 0
    for table in (found.summary_table(), found.joint_table()):
        console.result(_plain(table))
    for one in found.bodies if options.worst else ():
        console.result(f"Worst {one.name}: {', '.join(map(str, one.worst(options.worst)))}")
    return 0


def _plain(table: Table) -> str:
    return table.markdown().replace("## ", "", 1)


def _project_json(found: ProjectEvaluation, worst: int) -> dict[str, object]:
    return {
        "samples": found.samples,
        "with_truth": found.with_truth,
        "bodies": {
            one.name: {
                **one.errors.summary().to_dict(),
                "error_2d_px": one.mean_error_2d_px,
                "joints_mm": one.errors.mean_joints_mm(),
                **({"worst": one.worst(worst).tolist()} if worst else {}),
            }
            for one in found.bodies
        },
    }
