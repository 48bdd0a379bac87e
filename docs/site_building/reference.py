"""What griffe calls while it reads the code for the reference; mkdocs.yml names this file."""

from __future__ import annotations

from typing import Any

import griffe

# Found because hooks.py was loaded before.
from site_building.field_lists import with_choices, with_field_list

_ENUMERATIONS = frozenset(("Enum", "IntEnum", "StrEnum"))


class FieldLists(griffe.Extension):
    """Lists what a class's docstring says of its fields, and the choices of an enumeration."""

    def on_class_members(self, *, cls: griffe.Class, **_rest: Any) -> None:
        """Called by griffe once the members of a class are known."""
        if cls.docstring is None:
            return
        text = with_field_list(cls.docstring.value, frozenset(cls.members))
        if _ENUMERATIONS & {str(base) for base in cls.bases}:
            text = with_choices(text, _undocumented_values(cls))
        cls.docstring.value = text


def _undocumented_values(cls: griffe.Class) -> dict[str, str]:
    """The members of an enumeration that the reference would not show by themselves."""
    return {
        name: str(attribute.value)
        for name, attribute in cls.attributes.items()
        if attribute.docstring is None and attribute.value is not None
    }
