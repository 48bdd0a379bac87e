"""``merge-verdicts PROJECT OTHER``: take over the verdicts of another copy of a project."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.dictionary.store import Dictionary
from core.types.reviewing.merged_verdicts import VerdictMerge


def run(options: argparse.Namespace, console: Console) -> int:
    """Merge in one step, or say what would be merged."""
    with Dictionary.open(options.project) as dictionary:
        dictionary.sign_as(options.reviewer)
        with cancel_on_interrupt() as cancel:
            merge = dictionary.merges.rehearse(
                options.other, progress=ProgressLine(console), cancel=cancel
            )
        if merge and not options.dry_run:
            merge = dictionary.merges.apply(merge)
    if options.json:
        console.json(_as_json(merge, is_rehearsal=options.dry_run))
        return 0
    for title, names in (
        ("Reviewers disagree", merge.disagreed),
        ("Another fit in the other copy, not judged", merge.differing),
        ("Not in this project", merge.missing),
    ):
        if names:
            console.note(f"{title}: {', '.join(names)}")
    console.result(f"{'Rehearsed only. ' if options.dry_run else ''}{merge.summary()}")
    return 0


def _as_json(merge: VerdictMerge, *, is_rehearsal: bool) -> dict[str, object]:
    return {
        "dry_run": is_rehearsal,
        "added": len(merge.added),
        "withdrawn": len(merge.withdrawn),
        "changed": len(merge.changed),
        "comments": len(merge.comments),
        "comments_removed": len(merge.comments_removed),
        "disagreed": list(merge.disagreed),
        "differing": list(merge.differing),
        "missing": list(merge.missing),
    }
