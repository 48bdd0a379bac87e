"""Arguments of ``export``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where
from core.workflows.export_formats import EXPORT_FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``export PROJECT FORMAT OUT [--where FILTER] [--overwrite]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "format",
        choices=tuple(EXPORT_FORMATS),
        help="; ".join(
            f"{export_format.name}: {export_format.help}"
            for export_format in EXPORT_FORMATS.values()
        ),
    )
    parser.add_argument(
        "out",
        type=Path,
        help="file to write; a folder where the format makes a file of each body",
    )
    add_where(parser)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")
