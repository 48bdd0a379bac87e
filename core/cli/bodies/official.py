"""``official [FILE ...]``: which official files are in place; checks others and puts them there."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import Console
from core.errors import StudioError
from core.files.user_folder import official_folder
from core.workflows.official_files.catalogue import OfficialKind
from core.workflows.official_files.installed import placed_files, put_in_place


def run(options: argparse.Namespace, console: Console) -> int:
    """Put files in place, then list; the status is 1 when a file was refused."""
    kind = None if options.kind is None else OfficialKind(options.kind)
    placed: dict[str, str] = {}
    refused: dict[str, str] = {}
    for path in options.files:
        try:
            found, target = put_in_place(path, official_folder(), kind=kind)
        except StudioError as error:
            refused[str(path)] = str(error)
        else:
            placed[str(path)] = f"{found.description}: {target}"
    if options.json:
        console.json({**_listed(), "placed": placed, "refused": refused})
    else:
        _tell(console, placed, refused)
    return 1 if refused else 0


def _listed() -> dict[str, object]:
    files = placed_files(official_folder())
    paths = {each.entry.kind.value: None if each.path is None else str(each.path) for each in files}
    return {"folder": str(official_folder()), "files": paths}


def _tell(console: Console, placed: dict[str, str], refused: dict[str, str]) -> None:
    for told in placed.values():
        console.result(f"in place: {told}")
    for told in refused.values():
        console.result(f"refused: {told}")
    for each in placed_files(official_folder()):
        where: Path | str = each.path or f"not in place, {each.entry.without}"
        console.result(f"{each.entry.kind.value:18s} {where}")
    console.result(f"folder: {official_folder()}")
