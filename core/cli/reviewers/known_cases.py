"""``known-cases PROJECT``: which fits with a known verdict the others judge, unknowingly."""

from __future__ import annotations

import argparse

from core.cli.console import Console, ProgressLine, cancel_on_interrupt
from core.cli.engine import loading_engine
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query import SampleQuery
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.counted_nouns import counted
from core.workflows.reviewing.errors_to_plant import ErrorsToPlant


def run(options: argparse.Namespace, console: Console) -> int:
    """Draw, or forget what was drawn; the status is 1 where there was nothing to draw from."""
    where = choice_from_text(options.where)
    if options.made_errors:
        return _plant(options, where, console)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
        ids = dictionary.search.ids(where).tolist()
        if options.clear:
            dictionary.questions.take_out(ids, ("known_cases", "made_errors"))
            console.result("Known cases are asked about no more.")
            return 0
        known = dictionary.reviewers.names()
        if options.expert not in known:
            raise StudioError(
                f"'{options.expert}' has judged no fit of this project.",
                remedy=f"Reviewers here: {', '.join(known) or 'none yet'}.",
            )
        drawn = dictionary.known_cases.draw(
            ids, options.count, expert=options.expert, seed=options.seed
        )
    cases = counted(len(drawn), "known case is", "known cases are")
    console.result(f"{cases} mixed into what others than {options.expert} judge.")
    return 0 if drawn else 1


def _plant(options: argparse.Namespace, where: SampleQuery, console: Console) -> int:
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
    with loading_engine(console):
        from core.workflows.reviewing.plant_errors import plant_errors
    asked = ErrorsToPlant(
        count=options.count,
        kinds=options.kinds,
        seed=options.seed,
        ask_everyone=options.ask_everyone,
        where=where,
    )
    with cancel_on_interrupt() as cancel:
        planted = plant_errors(
            options.project, asked, progress=ProgressLine(console), cancel=cancel
        )
    console.result(planted.summary())
    return 0 if planted.sample_ids else 1
