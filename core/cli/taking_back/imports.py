"""``imports PROJECT``: what was imported when, and how much of it is there."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from core.cli.console import Console
from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted
from core.types.imports import ImportRecord


def run(options: argparse.Namespace, console: Console) -> int:
    """List the imports, newest first."""
    with Dictionary.open(options.project) as dictionary:
        imports = dictionary.imports.all()
    if options.json:
        console.json({"imports": [{"title": made.title, **asdict(made)} for made in imports]})
        return 0
    for made in imports:
        console.result(_line(made))
    if not imports:
        console.result("Nothing was imported.")
    return 0


def _line(made: ImportRecord) -> str:
    brought = f"{counted(made.people, 'person', 'people')} in " + counted(
        made.pictures, "picture", "pictures"
    )
    if made.updated:
        brought += f", {made.updated} updated"
    if made.removal_id is not None:
        brought += f"; undone (removal {made.removal_id})"
    elif made.people_now != made.people:
        brought += f"; {made.people_now} are there"
    return f"{made.id}  {made.at[:16].replace('T', ' ')}  {made.title}: {brought}"
