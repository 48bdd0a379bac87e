"""Arguments of ``official``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.workflows.official_files.catalogue import OfficialKind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``official [FILE ...] [--as KIND] [--json]``."""
    parser.add_argument(
        "files",
        type=Path,
        nargs="*",
        metavar="FILE",
        help="check these files and copy them to the folder of official files; without any, list "
        "what is there",
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=[str(kind.value) for kind in OfficialKind],
        metavar="KIND",
        help="what the files are, for an SMPL body whose name does not tell its gender: "
        + ", ".join(kind.value for kind in OfficialKind),
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    parser.epilog = (
        "Nothing is downloaded. Bodies that are in place are used to convert other methods' "
        "bodies. SPIN_STUDIO_DATA names another folder than the system's for a user's data."
    )
