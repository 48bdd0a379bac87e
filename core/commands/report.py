"""``report failures|successes|compare PROJECT OUT``: the paper's figures as contact sheets."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.commands.console import Console, ProgressLine, cancel_on_interrupt
from core.dictionary.query_text import WHERE_HELP, query_from_text
from core.dictionary.records import FlagName
from core.pipeline import reports
from core.pipeline.reports.choosing import ORDERS, kinds_of
from core.pipeline.reports.jobs import COMPARISON_ROWS, FAILURE_ROWS, SUCCESS_ROWS

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
    compare.add_argument("--order", choices=ORDERS, default="difference", help="which rows first")


def _add_common(parser: argparse.ArgumentParser, *, rows: int, rows_of: str) -> None:
    parser.add_argument("project", type=Path)
    parser.add_argument("out", type=Path, help="file to write: .pdf, .html or .png")
    parser.add_argument("--rows", type=int, default=rows, help=f"rows {rows_of} ({rows})")
    parser.add_argument("--where", default="", metavar="FILTER", help=WHERE_HELP)
    parser.add_argument("--ids", type=_ids, metavar="N,N,…", help="exactly these samples")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the sheet whole, or not at all."""
    where = query_from_text(options.where)
    with cancel_on_interrupt() as cancel:
        common = {
            "rows": options.rows,
            "where": where,
            "sample_ids": options.ids,
            "overwrite": options.overwrite,
            "progress": ProgressLine(console),
            "cancel": cancel,
        }
        if options.figure == "failures":
            report = reports.report_failures(
                options.project, options.out, kinds=kinds_of(options.kind), **common
            )
        elif options.figure == "successes":
            report = reports.report_successes(options.project, options.out, of=options.of, **common)
        else:
            report = reports.report_comparison(
                options.project,
                options.out,
                left=options.left,
                right=options.right,
                order=options.order,
                **common,
            )
    console.result(report.summary())
    return 0


def _ids(text: str) -> list[int]:
    try:
        return [int(one) for one in text.split(",")]
    except ValueError as error:
        message = f"found {text!r}, expected numbers of samples with commas between them"
        raise argparse.ArgumentTypeError(message) from error
