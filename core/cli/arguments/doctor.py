"""Arguments of ``doctor``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``doctor [--body FILE] [--official PATH ...] [--json]``."""
    parser.add_argument("--body", type=Path, help="also check this SMPL body file")
    parser.add_argument(
        "--official",
        type=Path,
        nargs="+",
        default=[],
        metavar="PATH",
        help="say what these files, and the files in these folders, are (bodies, priors, "
        "joint regressors, checkpoints)",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
