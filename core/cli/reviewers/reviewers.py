"""``reviewers PROJECT``: who judged what, and how far they agree."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.dictionary.reviewers.activity import kappa_text, score_text, title_of
from core.dictionary.reviewers.agreement import GIVEN_VERDICTS, PairAgreement
from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted


def run(options: argparse.Namespace, console: Console) -> int:
    """A line for each reviewer, and a table for every two who judged fits in common."""
    with Dictionary.open(options.project) as dictionary:
        report = dictionary.reviewers.report()
    if options.json:
        console.json(report.as_json())
        return 0
    if not report.reviewers:
        console.result("No verdicts yet.")
    for each in report.reviewers:
        given = ", ".join(f"{count} {verdict}" for verdict, count in each.verdicts.items())
        console.result(f"{each.title}: {given}; last on {each.last_at[:16].replace('T', ' ')} UTC")
    for pair in report.pairs:
        _tell_pair(pair, console)
    for score in report.scores:
        console.result(f"{title_of(score.reviewer)}: {score_text(score)}.")
    if report.disagreements:
        people = counted(report.disagreements, "person is", "people are")
        console.result(f"{people} unsure because reviewers disagree.")
    return 0


def _tell_pair(pair: PairAgreement, console: Console) -> None:
    fits = counted(pair.count, "fit", "fits")
    console.result(
        f"{title_of(pair.first)} and {title_of(pair.second)}: the same verdict on {pair.agreed} of "
        f"{fits}; Cohen's kappa {kappa_text(pair)}"
    )
    console.result(
        f"  {title_of(pair.first)[:14]:14s}" + "".join(f"{v:>10s}" for v in GIVEN_VERDICTS)
    )
    for first in GIVEN_VERDICTS:
        cells = "".join(f"{pair.table.get((first, second), 0):10d}" for second in GIVEN_VERDICTS)
        console.result(f"  {first:14s}{cells}")
