"""Arguments of ``import``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_tool_arguments
from core.errors import StudioError
from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.read_options import MIN_SCORE, parsed_size
from core.formats.registry import FORMATS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import PROJECT FORMAT SOURCE [--images DIR] [--joints ORDER] …``."""
    parser.add_argument("project", type=Path, help="project folder; made when it does not exist")
    parser.add_argument("format", choices=sorted(FORMATS), help="format of the annotations")
    parser.add_argument("source", type=Path, help="annotation file, or folder of them")
    parser.add_argument("--images", type=Path, help="folder of the pictures (default: beside)")
    parser.add_argument(
        "--update",
        action="store_true",
        help="give people that are there already the joints that the source has now; "
        "those that a person corrected stay",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    _add_read_arguments(parser.add_argument_group("what the annotations do not say themselves"))
    add_tool_arguments(parser)


def _add_read_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--joints", choices=list(JOINT_ORDERS), help="order of the joints (default: as named)"
    )
    group.add_argument(
        "--annotations",
        type=Path,
        metavar="FILE",
        help="the annotation file whose image ids a list of results means",
    )
    group.add_argument(
        "--ids-are-names",
        action="store_true",
        help="number 2 of a list of results is the picture 2.jpg, not the second one",
    )
    group.add_argument(
        "--size",
        type=_size,
        metavar="WxH",
        help="size in pixels that the joints belong to, where it is not the picture's",
    )
    group.add_argument(
        "--min-score",
        type=float,
        default=MIN_SCORE,
        metavar="S",
        help=f"joints that a detector scores lower are absent (default: {MIN_SCORE:g})",
    )
    group.add_argument(
        "--min-person-score",
        type=float,
        metavar="S",
        help="people that a detector scores lower are left out (default: none)",
    )


def _size(text: str) -> tuple[int, int]:
    try:
        return parsed_size(text)
    except StudioError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
