"""``removed PROJECT``: what was removed and can be put back."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted


def run(options: argparse.Namespace, console: Console) -> int:
    """Put back or give up what was asked for, then list the rest."""
    with Dictionary.open(options.project) as dictionary:
        removals = dictionary.removals
        if options.put_back is not None:
            back = removals.put_back(options.put_back)
            console.result(f"Put back: {counted(back.people, 'person', 'people')}.")
        elif options.forget is not None:
            gone = removals.forget(options.forget)
            console.result(f"Given up for good: {counted(gone.people, 'person', 'people')}.")
        waiting = removals.all()
        titles = {made.id: made.title for made in dictionary.imports.all()}
    for removal in waiting:
        what = titles.get(removal.import_id or 0, "")
        console.result(
            f"{removal.id}  {removal.at[:16].replace('T', ' ')}  {removal.author}: "
            f"{counted(removal.people, 'person', 'people')}"
            + (f" of the import {what}" if what else "")
        )
    if not waiting:
        console.result("Nothing that was removed can be put back.")
    return 0
