"""``second-opinions PROJECT``: which judged fits another reviewer judges, too."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted


def run(options: argparse.Namespace, console: Console) -> int:
    """Draw, or forget what was drawn; the status is 1 where no fit was judged."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
        ids = dictionary.search.ids(where).tolist()
        if options.clear:
            dictionary.shares.forget_second_opinions(ids)
            console.result("No second opinion is asked for any more.")
            return 0
        drawn = dictionary.shares.ask_second_opinions(
            ids, options.share, seed=options.seed, reviewer=options.of
        )
    people = counted(len(drawn), "person", "people")
    console.result(f"A second opinion is asked for on {people}.")
    return 0 if drawn else 1
