"""Arguments of ``import-predictions``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.datasets.prediction_formats import FORMAT_HELP


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import-predictions PROJECT NAME FILE [--betas auto|keep|mean]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument("name", help="of the prediction set; the same file again replaces it")
    parser.add_argument("source", type=Path, help=FORMAT_HELP)
    parser.add_argument(
        "--betas",
        choices=("auto", "keep", "mean"),
        default="auto",
        help="keep the file's shapes, or give everyone the mean one; auto keeps them where they "
        "belong to the project's body",
    )
