"""How files call people among the categories of things that they hold."""

from __future__ import annotations

_PERSON_NAMES = frozenset(
    ("person", "persons", "people", "human", "humans", "pedestrian", "man", "woman", "body")
)


def is_person_name(name: object) -> bool:
    """Whether a category of this name is people."""
    return isinstance(name, str) and name.strip().lower() in _PERSON_NAMES
