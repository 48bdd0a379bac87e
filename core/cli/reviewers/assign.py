"""``assign PROJECT``: which reviewer judges which people."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.types.counted_nouns import counted
from core.types.reviewing.shares_text import reviewers_from_text


def run(options: argparse.Namespace, console: Console) -> int:
    """Divide people in one step, or take the division away; the status is 1 without a match."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
        ids = dictionary.search.ids(where).tolist()
        if options.clear:
            dictionary.shares.assign(dict.fromkeys(ids))
            console.result(f"{counted(len(ids), 'person is', 'people are')} everyone's.")
            return 0 if ids else 1
        seed = None if options.by_order else options.seed
        split = dictionary.shares.split(ids, reviewers_from_text(options.to), seed=seed)
    for name, count in split.counts().items():
        console.result(f"{name}: {counted(count, 'person', 'people')}")
    return 0 if ids else 1
