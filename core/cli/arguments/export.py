"""Arguments of ``export``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where, counting_number
from core.workflows.export_formats import EXPORT_FORMATS
from core.workflows.exports.export_request import VIEW_MEANINGS, DrawnView, ExportOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``export PROJECT FORMAT OUT [--where FILTER] [--overwrite]`` and what formats allow."""
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument(
        "format",
        choices=tuple(EXPORT_FORMATS),
        help="; ".join(
            f"{export_format.name}: {export_format.help}"
            for export_format in EXPORT_FORMATS.values()
        ),
    )
    parser.add_argument(
        "out",
        type=Path,
        help="file to write; a folder where the format makes a file of each body",
    )
    add_where(parser)
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace an existing file, or files of the same names in an existing folder",
    )
    _add_options(parser)


def _add_options(parser: argparse.ArgumentParser) -> None:
    """What some formats let one choose; ``None`` where it was not given."""
    parser.add_argument(
        "--together",
        action="store_const",
        const=True,
        help="obj, ply, glb: a file for everybody in a picture, before one camera",
    )
    parser.add_argument(
        "--no-skeleton",
        dest="skeleton",
        action="store_const",
        const=False,
        help="glb: the posed mesh alone, for programs that know no skins",
    )
    parser.add_argument(
        "--npz",
        dest="as_npz",
        action="store_const",
        const=True,
        help="smplx: an npz for each person in place of a pickle",
    )
    parser.add_argument(
        "--fps",
        dest="frame_rate_hz",
        type=float,
        metavar="RATE",
        help="amass, smpl, bvh: frames a second, in place of what the videos tell (30 where they "
        "tell nothing)",
    )
    parser.add_argument(
        "--views",
        type=_views,
        metavar="VIEWS",
        help="png: some of "
        + "; ".join(f"{view}: {meaning}" for view, meaning in VIEW_MEANINGS.items())
        + f"; several with commas ({DrawnView.OVERLAY})",
    )
    parser.add_argument(
        "--size",
        dest="size_px",
        type=counting_number,
        metavar="PX",
        help=f"png: side of the views that are square ({ExportOptions().size_px})",
    )


def _views(text: str) -> tuple[DrawnView, ...]:
    try:
        return tuple(dict.fromkeys(DrawnView(word) for word in text.split(",")))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r}: expected some of {', '.join(DrawnView)}"
        ) from error
