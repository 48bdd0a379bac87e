"""Arguments of ``reproduce``."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``reproduce --out DIR [--quick] [--threads N]``."""
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="where tables and plots go, and in work/ what makes an interrupted run go on",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="much smaller, planned for ten minutes on two cores; its numbers say little",
    )
    parser.add_argument(
        "--threads", type=int, default=0, help="threads of PyTorch (its own choice)"
    )
