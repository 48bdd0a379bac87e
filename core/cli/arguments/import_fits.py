"""Arguments of ``import-fits``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where
from core.cli.arguments.import_predictions import add_reading
from core.formats.bodies.prediction_formats import FORMAT_HELP
from core.workflows.choices import SET_PREFIX


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import-fits PROJECT SOURCE [--where FILTER] [--beside] [--name NAME]``, and how to read."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "source",
        metavar=f"{SET_PREFIX}NAME|FILE",
        help=f"a prediction set of the project, as {SET_PREFIX}NAME, or a file: {FORMAT_HELP}",
    )
    add_where(parser)
    parser.add_argument(
        "--beside",
        action="store_true",
        help="keep the bodies in the histories, beside the current fits; else the better of the "
        "two becomes current, by the dictionary's rules",
    )
    parser.add_argument(
        "--name", help="of the prediction set that a file becomes first (the file's name)"
    )
    add_reading(parser)
