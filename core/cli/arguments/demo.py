"""Arguments of ``demo``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.workflows.choices import SHIPPED_PEOPLE, SHIPPED_SEED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``demo PROJECT [--people N] [--seed N]``, or ``demo --pictures FOLDER [--people N]``."""
    parser.add_argument(
        "project", type=Path, nargs="?", help="folder to make; a finished demo is left alone"
    )
    parser.add_argument(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="instead of a project: copy the demo's pictures into a folder, as if you had taken "
        "them; with --people, as many pictures",
    )
    parser.add_argument(
        "--people",
        type=int,
        default=SHIPPED_PEOPLE,
        help=f"how many people ({SHIPPED_PEOPLE}, which ship ready made; others take minutes)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=SHIPPED_SEED,
        help=f"another seed, other people ({SHIPPED_SEED})",
    )
