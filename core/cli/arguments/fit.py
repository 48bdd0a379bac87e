"""Arguments of ``fit``."""

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
from core.workflows.choices import FIT_STARTS, SET_PREFIX


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``fit PROJECT [--where FILTER] [--profile P] [--init I] [--batch-size N]``."""
    parser.add_argument("project", type=Path, help="project folder")
    add_where(parser)
    add_fitting_profile(parser)
    parser.add_argument(
        "--init",
        type=_start,
        metavar="START",
        help=f"where fits start, one of {', '.join(FIT_STARTS)} or {SET_PREFIX}NAME: the body that "
        "a network estimates from the keypoints and from what the detector saw of the picture, if "
        "it has looked (network, the default of studio), the mean pose (mean, the default of "
        "paper), the 3D pose that a network estimates from the keypoints alone (lifter), or the "
        f"bodies of a prediction set, such as another method's ({SET_PREFIX}NAME), for its people",
    )
    add_batch_size(parser)
    add_tool_arguments(parser)
    add_shard_arguments(parser)


def _start(text: str) -> str:
    if text in FIT_STARTS or (text.startswith(SET_PREFIX) and len(text) > len(SET_PREFIX)):
        return text
    raise argparse.ArgumentTypeError(
        f"found {text!r}, expected one of {', '.join(FIT_STARTS)}, or {SET_PREFIX}NAME"
    )
