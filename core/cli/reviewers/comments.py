"""``comments PROJECT``: what people wrote about samples."""

from __future__ import annotations

import argparse

from core.cli.console import Console
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import StudioError


def run(options: argparse.Namespace, console: Console) -> int:
    """List comments, after writing one where that is asked for."""
    where = query_from_text(options.where)
    if options.add is not None and not options.where:
        raise StudioError(
            "A comment is on certain people.", remedy="Name them, as --where 'run:3 flag:depth'."
        )
    with Dictionary.open(options.project) as dictionary:
        dictionary.sign_as(options.reviewer)
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
        rows = dictionary.search.rows(dictionary.search.ids(where).tolist())
        if options.add is not None:
            for row in rows:
                dictionary.comments.add(row.id, options.add)
        found = [
            (row, comment) for row in rows for comment in dictionary.comments.of_sample(row.id)
        ]
    if options.json:
        listed = [
            {
                "id": row.id,
                "name": row.name,
                "author": each.author,
                "at": each.at,
                "text": each.text,
            }
            for row, each in found
        ]
        console.json({"comments": listed})
        return 0
    for row, comment in found:
        when = comment.at[:16].replace("T", " ")
        console.result(f"{row.name}  {when}  {comment.author}: {comment.text}")
    if not found:
        console.note("No comments.")
    return 0
