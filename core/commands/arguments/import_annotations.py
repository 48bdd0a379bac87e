"""Arguments of ``import``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.arguments.common import add_tool_arguments
from core.datasets.formats import FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import PROJECT FORMAT SOURCE [--images DIR] [--body FILE]``."""
    parser.add_argument("project", type=Path, help="project folder; made when it does not exist")
    parser.add_argument("format", choices=sorted(FORMATS), help="format of the annotations")
    parser.add_argument("source", type=Path, help="annotation file, or folder of them")
    parser.add_argument("--images", type=Path, help="folder of the pictures (default: beside)")
    add_tool_arguments(parser)
