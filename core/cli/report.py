"""``report failures|successes|compare PROJECT OUT``: the paper's figures as contact sheets."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the sheet whole, or not at all."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project):
        pass
    with loading_engine(console):
        from core.workflows import reports
        from core.workflows.reports.row_selection import kinds_of

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
