"""Arguments of ``refit``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import (
    add_batch_size,
    add_fitting_profile,
    add_tool_arguments,
    add_where,
)
from core.cli.arguments.shards.shard import add_shard_arguments
from core.workflows.choices import REFIT_STARTS, SET_PREFIX


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``refit PROJECT [--where FILTER] [--from START,…] [--profile P] [--batch-size N]``."""
    parser.add_argument("project", type=Path, help="project folder")
    add_where(parser)
    parser.add_argument(
        "--from",
        dest="starts",
        default="mean,current",
        metavar="START,…",
        help=f"where to begin: any of {','.join(REFIT_STARTS)}, and a prediction set as "
        f"{SET_PREFIX}NAME (mean,current); lifter is the 3D "
        "pose that a network estimates from the keypoints, network what the head behind the "
        "detector says, as in fit. The best of the new fits is compared "
        "with the current one, and the better one kept",
    )
    add_fitting_profile(parser)
    add_batch_size(parser)
    add_tool_arguments(parser)
    add_shard_arguments(parser)
