"""What pages show that is written elsewhere: ``<!-- site: NAME -->`` on a line of its own.

``file CHANGELOG.md`` is a file of the repository's root, ``file README.md, Licences`` one of its
sections, ``decisions`` the table of decision notes, ``command line`` every subcommand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from site_building.decisions import decisions_table
from site_building.links import relinked

_MARK = re.compile(r"^<!-- site: (?P<name>.+?) -->$", re.MULTILINE)


def with_inserts(text: str, *, page: Path, docs: Path, command_line: Callable[[], str]) -> str:
    """A page's Markdown with everything that it shows.

    Args:
        text: the page's own Markdown.
        page: its file in ``docs``.
        docs: the site's source folder, which lies in the repository's root.
        command_line: makes the sections on the subcommands.

    Raises:
        ValueError: a mark names something unknown, or a section that its file has not.
    """

    def insert(match: re.Match[str]) -> str:
        name = match.group("name")
        if name == "command line":
            return command_line()
        if name == "decisions":
            return decisions_table(docs / "decisions")
        if name.startswith("file "):
            file, _, section = name.removeprefix("file ").partition(", ")
            source = docs.parent / file
            shown = source.read_text(encoding="utf-8")
            shown = _section(shown, section, file) if section else shown
            return relinked(shown, written_for=source, page=page, docs=docs)
        raise ValueError(f"{page}: found the mark {name!r}, expected one that inserts.py names.")

    return _MARK.sub(insert, relinked(text, written_for=page, page=page, docs=docs))


def _section(text: str, title: str, file: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError(f"{file} has no section {title!r}, which a page of the site shows.")
    return found.group()
