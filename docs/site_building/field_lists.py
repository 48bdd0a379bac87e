"""Fields that a class's docstring explains, as a list.

Docstrings of values name their fields at the beginning of lines, ``betas: (10,).``. Markdown would
run them together into one paragraph.
"""

from __future__ import annotations

import re

_NAMES = re.compile(r"^(?P<names>\w+(?:, \w+)*): ")


def with_field_list(text: str, members: frozenset[str]) -> str:
    """The docstring with its lines about ``members`` as items of a list."""
    lines: list[str] = []
    in_list = False
    for line in text.splitlines():
        found = _NAMES.match(line)
        if found and set(found.group("names").split(", ")) <= members:
            lines += [] if in_list else [""]
            names = ", ".join(f"`{name}`" for name in found.group("names").split(", "))
            lines.append(f"- {names}: {line[found.end() :]}")
            in_list = True
        elif in_list and line.strip():
            lines.append(f"  {line.strip()}")
        else:
            in_list = False
            lines.append(line)
    return "\n".join(lines)


def with_choices(text: str, values: dict[str, str]) -> str:
    """The docstring of an enumeration with a list of its members and their values."""
    if not values:
        return text
    choices = [f"- `{name}` = `{value}`" for name, value in values.items()]
    return "\n".join([text, "", *choices])
