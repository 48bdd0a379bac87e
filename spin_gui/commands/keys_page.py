"""docs/keys.md, made from the list of actions.

Write it with ``python -m spin_gui.commands.keys_page > docs/keys.md``; a test compares the two.
"""

from __future__ import annotations

import sys
from typing import TextIO

from spin_gui.commands.records import ActionRecord, Menu, actions_of

INTRODUCTION = """# Keys and commands

Every command is in a menu and in the command palette (Ctrl+Shift+P); F1 shows this list in the
program. Single letters work wherever the focus is, except while you type in a text field.
This page is made from the program's list of actions: `python -m spin_gui.commands.keys_page`.
"""


def keys_markdown() -> str:
    """The whole page."""
    tables = [_table(menu) for menu in Menu]
    return "\n".join([INTRODUCTION, *tables])


def write_keys(out: TextIO) -> None:
    """Write the page to a stream."""
    out.write(keys_markdown())


def _table(menu: Menu) -> str:
    lines = [f"## {menu.value}", "", "| Command | Keys | What it does |", "|---|---|---|"]
    lines += [_line(record) for record in actions_of(menu)]
    return "\n".join([*lines, ""])


def _line(record: ActionRecord) -> str:
    return f"| {record.title} | {record.keys_text} | {record.help} |"


if __name__ == "__main__":
    write_keys(sys.stdout)
