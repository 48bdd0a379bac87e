"""Arguments of ``detect``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``detect PROJECT [--where FILTER]``."""
    parser.add_argument("project", type=Path, help="project folder")
    add_where(parser)
