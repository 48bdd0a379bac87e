"""The table of the decision notes, made from their titles."""

from __future__ import annotations

from pathlib import Path

_HEAD = "| | decision |\n|---|---|\n"


def decisions_table(folder: Path) -> str:
    """Number and title of every note; its first line is ``# N. Title``."""
    notes = sorted(page for page in folder.glob("*.md") if page.name != "index.md")
    return _HEAD + "".join(_row(note) for note in notes)


def _row(note: Path) -> str:
    first = note.read_text(encoding="utf-8").partition("\n")[0]
    number, _, title = first.removeprefix("# ").partition(". ")
    return f"| {number} | [{title}]({note.name}) |\n"
