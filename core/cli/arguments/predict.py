"""Arguments of ``predict``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where
from core.cli.arguments.shards.shard import add_shard_arguments


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``predict PROJECT [--checkpoint FILE | --run N] [--keep-as NAME] [--where FILTER] …``."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "--checkpoint",
        type=Path,
        metavar="FILE",
        help="a regressor, SPIN's model_checkpoint.pt too; without it the newest run's, or the "
        "shipped one where the project has no run",
    )
    parser.add_argument(
        "--run", dest="run_id", type=int, metavar="N", help="take the regressor of this run"
    )
    parser.add_argument(
        "--keep-as",
        default="",
        metavar="NAME",
        help="keep them as a prediction set, to compare; the latest predictions stay as they are",
    )
    add_where(parser)
    parser.add_argument(
        "--missing", action="store_true", help="only people that have no prediction yet"
    )
    parser.add_argument("--batch-size", type=int, default=32, help="people at a time (32)")
    parser.add_argument("--workers", type=int, default=0, help="processes that load pictures (0)")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (auto)")
    add_shard_arguments(parser)
