"""``remove PROJECT``: people, or pictures with everybody in them, and what hangs on them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict

from core.cli.console import Console
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.storage.ids import check_all_found
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.imports import HangingOn, Removal


def run(options: argparse.Namespace, console: Console) -> int:
    """Say what would go; with ``--yes``, remove it."""
    if (options.people is None) == (options.where is None):
        raise StudioError(
            "Whom to remove has to be said in one way.",
            remedy="Give either --people with numbers, or --where with a filter.",
        )
    with Dictionary.open(options.project) as dictionary:
        removals, ids = dictionary.removals, _chosen(dictionary, options)
        if options.pictures:
            hanging, remove = removals.hanging_on_pictures(ids), removals.pictures
        else:
            hanging, remove = removals.hanging_on_people(ids), removals.people
        tell(hanging, (lambda: remove(ids)) if options.yes else None, options, console)
    return 0


def tell(
    hanging: HangingOn,
    remove: Callable[[], Removal] | None,
    options: argparse.Namespace,
    console: Console,
) -> None:
    """Say what goes, and remove it unless ``remove`` is None."""
    removal = None if remove is None else remove()
    if options.json:
        number = None if removal is None else removal.id
        console.json({**asdict(hanging), "removed": removal is not None, "removal": number})
        return
    console.result(f"{'Removed' if removal else 'Would be removed'}: {hanging.words()}.")
    if removal is None:
        console.note("Nothing was changed; add --yes to remove it.")
    else:
        console.note(
            f"To put it back: main.py removed {options.project} --put-back {removal.id}. "
            "Files of pictures stay where they are."
        )


def _chosen(dictionary: Dictionary, options: argparse.Namespace) -> list[int]:
    if options.people is not None:
        asked = sorted(set(options.people))
        there = {sample.id for sample in dictionary.samples.still_there(asked)}
        check_all_found("person", asked, there)
        return asked
    ids: list[int] = dictionary.search.ids(choice_from_text(options.where)).tolist()
    if not ids:
        raise StudioError(
            f"No person in {dictionary.project} matches the filter '{options.where}'.",
            remedy="Loosen the filter; main.py info PROJECT says what the project holds.",
        )
    return ids
