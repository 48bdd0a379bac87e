"""Arguments of ``undo-import``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.taking_back.remove import YES_HELP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``undo-import PROJECT ID [--yes]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "import_id", type=int, metavar="ID", help="number of the import (main.py imports PROJECT)"
    )
    parser.add_argument("--yes", action="store_true", help=YES_HELP)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
