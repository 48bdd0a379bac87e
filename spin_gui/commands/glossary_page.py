"""docs/glossary.md, made from the table of words and symbols.

Write it with ``python -m spin_gui.commands.glossary_page > docs/glossary.md``; a test compares
the two.
"""

from __future__ import annotations

import sys
from typing import TextIO

from spin_gui.session.glossary import GLOSSARY, GlossarySection

INTRODUCTION = """# Words and symbols

What the words and symbols in the window and on the command line mean.
*Help ▸ Words and symbols* shows this list in the program. The page is made from the same table:
`python -m spin_gui.commands.glossary_page`.
"""


def glossary_markdown() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(_table(section) for section in GLOSSARY)])


def write_glossary(out: TextIO) -> None:
    """Write the page to a stream."""
    out.write(glossary_markdown())


def _table(section: GlossarySection) -> str:
    lines = [f"## {section.title}", "", "| | Meaning |", "|---|---|"]
    lines += [f"| {_cell(term.word)} | {_cell(term.meaning)} |" for term in section.terms]
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    write_glossary(sys.stdout)
