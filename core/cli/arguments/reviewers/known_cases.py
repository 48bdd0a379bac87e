"""Arguments of ``known-cases``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where, counting_number, seed_number
from core.types.reviewing.made_errors import KIND_MEANINGS, ErrorKind


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``known-cases PROJECT (--expert NAME | --made-errors | --clear) [--count N] …``."""
    kinds = "; ".join(f"{kind}: {meaning}" for kind, meaning in KIND_MEANINGS.items())
    parser.add_argument("project", type=Path, help="project folder")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--expert", metavar="NAME", help="whose verdicts are known to be right")
    what.add_argument(
        "--made-errors", action="store_true", help="accepted fits with errors made on purpose"
    )
    what.add_argument("--clear", action="store_true", help="ask about known cases no more")
    parser.add_argument("--count", type=counting_number, default=20, help="of cases, at most (20)")
    parser.add_argument(
        "--kinds",
        type=_kinds,
        metavar="KINDS",
        default=tuple(ErrorKind),
        help=f"of made errors, as limb-mirrored,body-turned (all): {kinds}",
    )
    parser.add_argument(
        "--ask-everyone",
        action="store_true",
        help="about made errors: who accepted the fit, too",
    )
    parser.add_argument("--seed", type=seed_number, default=0, help="of the draw (0)")
    add_where(parser)


def _kinds(text: str) -> tuple[ErrorKind, ...]:
    try:
        return tuple(
            dict.fromkeys(ErrorKind(name.strip().replace("-", " ")) for name in text.split(","))
        )
    except ValueError as error:
        known = ", ".join(kind.replace(" ", "-") for kind in ErrorKind)
        raise argparse.ArgumentTypeError(f"{error}; the kinds are: {known}") from error
