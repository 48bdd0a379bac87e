"""Arguments of ``doctor``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``doctor [--body FILE] [--json]``."""
    parser.add_argument("--body", type=Path, help="also check this SMPL body file")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
