"""Arguments of ``import``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.cli.arguments.common import add_tool_arguments
from core.cli.arguments.import_predictions import add_reading
from core.errors import StudioError
from core.formats.keypoints.joint_orders import JOINT_ORDERS
from core.formats.read_options import MIN_SCORE, parsed_size
from core.formats.registry import FORMATS
from core.workflows.photos.picture_files import PHOTOS, VIDEO

IMPORTED = (*sorted(FORMATS), PHOTOS, VIDEO)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``import PROJECT [FORMAT] SOURCE [--images DIR] [--joints ORDER] …``."""
    parser.add_argument("project", type=Path, help="project folder; made when it does not exist")
    parser.add_argument(
        "source",
        nargs="+",
        action=_FormatAndSource,
        metavar="[FORMAT] SOURCE",
        help=f"what to import, after its format where that is not to be guessed "
        f"({', '.join(IMPORTED)}): an annotation file or a folder of them; a picture, a folder "
        "of pictures or a video, in which people are then looked for",
    )
    parser.set_defaults(format=None)
    parser.add_argument("--images", type=Path, help="folder of the pictures (default: beside)")
    parser.add_argument(
        "--cameras",
        type=Path,
        metavar="FILE",
        help="calibration: which camera took which picture (see the command cameras); without it "
        "EXIF is asked",
    )
    parser.add_argument(
        "--update",
        action="store_true",
        help="give people that are there already the joints that the source has now; "
        "those that a person corrected stay",
    )
    parser.add_argument(
        "--every",
        type=int,
        metavar="N",
        help="of a video: look at each N-th frame (default: about one a second)",
    )
    parser.add_argument(
        "--look",
        action="store_true",
        help="say what the source holds and what of it would not be used; nothing is imported",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
    _add_read_arguments(parser.add_argument_group("what the annotations do not say themselves"))
    add_reading(parser.add_argument_group("what a file of bodies does not say itself"))
    add_tool_arguments(parser)


class _FormatAndSource(argparse.Action):
    """One or two words: a source, or a format and a source."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        _option: str | None = None,
    ) -> None:
        words = list(values or ())
        if len(words) > 2:
            parser.error(f"expected a format and a source, found {len(words)} words: {words}")
        if len(words) == 2 and words[0] not in IMPORTED:
            parser.error(
                f"argument FORMAT: invalid choice: {words[0]!r} (choose from {', '.join(IMPORTED)})"
            )
        namespace.format = words[0] if len(words) == 2 else None
        namespace.source = Path(words[-1])


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
