"""Arguments of ``restore``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``restore PROJECT [BACKUP] [--list] [--with-log]``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "backup",
        type=Path,
        nargs="?",
        help="a file, or the name of one in the project's backups/ (default: the newest sound one)",
    )
    parser.add_argument("--list", action="store_true", help="list the backups, and change nothing")
    parser.add_argument(
        "--with-log",
        action="store_true",
        help="then do again what people did since, by the log of edits",
    )
    parser.epilog = (
        "The backup is looked through first. What is replaced, with its log, is moved into "
        "backups/replaced-TIME/ and can be restored in turn. Nothing is done while another program "
        "has the project open."
    )
