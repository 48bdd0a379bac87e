"""``undo-import PROJECT ID``: everybody whom an import brought goes again."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.cli.taking_back.remove import tell
from core.dictionary.store import Dictionary
from core.errors import DictionaryError


def run(options: argparse.Namespace, console: Console) -> int:
    """Say what would go; with ``--yes``, undo the import."""
    number = options.import_id
    with Dictionary.open(options.project) as dictionary:
        made, removals = dictionary.imports.get(number), dictionary.removals
        if made.removal_id is not None:
            raise DictionaryError(
                f"Import {number} ({made.title}) was undone already.",
                remedy=f"To put it back: main.py removed {options.project} "
                f"--put-back {made.removal_id}.",
            )
        hanging = removals.hanging_on_import(number)
        undo = (lambda: removals.undo_import(number)) if options.yes else None
        if not options.json:
            console.note(f"Import {number} of {made.at[:16].replace('T', ' ')}: {made.title}.")
        tell(hanging, undo, options, console)
        if made.updated and not options.json:
            console.note(f"The {made.updated} people whose joints it updated keep them.")
    return 0
