"""``group PROJECT``: which people are one, at one moment or at any."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import Console
from core.cli.projects import note_no_match, refuse_empty
from core.dictionary.search.query_parser import choice_from_text
from core.dictionary.store import Dictionary
from core.formats.cameras.calibration_files import read_calibration
from core.types.counted_nouns import counted
from core.workflows.groups.calibrated_groups import group_by_places, groups_by_calibration
from core.workflows.groups.name_groups import groups_by_pattern


def run(options: argparse.Namespace, console: Console) -> int:
    """Group or ungroup people in one step; the status is 1 where the pattern matches none."""
    where = choice_from_text(options.where)
    with Dictionary.open(options.project) as dictionary:
        refuse_empty(dictionary)
        note_no_match(dictionary, where, console)
        if options.ungroup:
            ids = sorted(dictionary.groups.of(dictionary.search.ids(where).tolist()))
            if not options.dry_run:
                dictionary.groups.ungroup(ids)
            console.result(f"Ungrouped {counted(len(ids), 'person', 'people')}.")
            return 0
        if options.cameras is not None:
            calibration = read_calibration(options.cameras)
            named = groups_by_calibration(dictionary, calibration, where)
        else:
            named = groups_by_pattern(dictionary, options.by, where)
        if options.dry_run:
            dictionary.groups.rehearse(named.names)
        elif named.names:
            dictionary.groups.assign(named.names)
            console.note("Fit them together with: main.py fit PROJECT, or main.py refit PROJECT.")
    console.result(f"{'Found' if options.dry_run else 'Grouped'} {named.summary()}")
    return 0 if named.names else 1


def tell_moments(project: Path, calibration: Path | None, console: Console) -> None:
    """Group what the cameras of a calibration saw at once, where it says how they stood."""
    found = None if calibration is None else group_by_places(project, calibration)
    if found is not None and found.names:
        console.note(f"Grouped {found.summary()}")
