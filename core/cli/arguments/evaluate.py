"""Arguments of ``evaluate``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where
from core.engine.evaluation.protocols import PROTOCOL_NAMES, protocol_named

PROJECT = "project"
"""The target that is a project and no protocol."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``evaluate PROTOCOL --data DIR --checkpoint FILE …`` or ``evaluate project PROJECT …``."""
    targets = parser.add_subparsers(dest="target", metavar="PROTOCOL", required=True)
    for name in PROTOCOL_NAMES:
        title = protocol_named(name).title
        child = targets.add_parser(name, help=title, description=f"{title}.")
        _add_protocol_arguments(child)
    child = targets.add_parser(
        PROJECT,
        help="a project, against ground truth where it has any",
        description="Compare a project's predictions and fits with its samples' true bodies; "
        "where none is known, with their keypoints.",
    )
    child.add_argument("project", type=Path, help="project folder")
    add_where(child)
    child.add_argument("--worst", type=int, default=0, metavar="N", help="name the N worst samples")
    child.add_argument(
        "--run",
        # "run" is the function of the subcommand.
        dest="of_run",
        type=int,
        metavar="N",
        help="the current fits in the course of this run instead",
    )
    child.add_argument("--json", action="store_true", help="one line of JSON instead of tables")


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
