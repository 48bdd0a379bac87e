"""Arguments of ``report``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments.common import add_where
from core.types.flags import FlagName
from core.workflows.choices import COMPARISON_ORDERS, COMPARISON_ROWS, FAILURE_ROWS, SUCCESS_ROWS

_SOURCE_HELP = "current, first, prediction, truth, or the name of a prediction set"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``report failures|successes|compare PROJECT OUT.pdf|OUT.html|OUT.png …``."""
    kinds = parser.add_subparsers(dest="figure", metavar="FIGURE", required=True)
    failures = kinds.add_parser("failures", help="the worst fits of each kind")
    _add_common(failures, rows=FAILURE_ROWS, rows_of="of each kind")
    failures.add_argument(
        "--kind",
        nargs="+",
        action="extend",
        default=[],
        metavar="FLAG",
        help=f"only these: {', '.join(FlagName)} (those with spaces in quotes)",
    )
    successes = kinds.add_parser("successes", help="the fits there is least reason to doubt")
    _add_common(successes, rows=SUCCESS_ROWS, rows_of="in all")
    successes.add_argument("--of", default="current", metavar="SOURCE", help=_SOURCE_HELP)
    compare = kinds.add_parser("compare", help="two methods, sets or fits side by side")
    _add_common(compare, rows=COMPARISON_ROWS, rows_of="in all")
    compare.add_argument("--left", required=True, metavar="SOURCE", help=_SOURCE_HELP)
    compare.add_argument("--right", required=True, metavar="SOURCE", help=_SOURCE_HELP)
    compare.add_argument(
        "--order", choices=COMPARISON_ORDERS, default="difference", help="which rows first"
    )


def _add_common(parser: argparse.ArgumentParser, *, rows: int, rows_of: str) -> None:
    parser.add_argument("project", type=Path, help="project folder")
    parser.add_argument("out", type=Path, help="file to write: .pdf, .html or .png")
    parser.add_argument("--rows", type=int, default=rows, help=f"rows {rows_of} ({rows})")
    add_where(parser)
    parser.add_argument("--ids", type=_ids, metavar="N,N,…", help="exactly these samples")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def _ids(text: str) -> list[int]:
    try:
        return [int(name) for name in text.split(",")]
    except ValueError as error:
        message = f"found {text!r}, expected numbers of samples with commas between them"
        raise argparse.ArgumentTypeError(message) from error
