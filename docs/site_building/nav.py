"""The list of pages in mkdocs.yml, with ``FOLDER/*`` standing for the pages of a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

_EVERY_PAGE = "/*"
_INDEX = "index.md"


def expanded(nav: list[Any], docs: Path) -> list[Any]:
    """The list with each ``FOLDER/*`` replaced by the pages of that folder, sorted by name.

    A folder's ``index.md`` is not among them, so that it can be named apart.

    Args:
        nav: as YAML gives it: paths of pages, and objects ``{title: path or list}``.
        docs: the folder that the paths are relative to.
    """
    return [page for entry in nav for page in _pages(entry, docs)]


def page_paths(nav: list[Any]) -> Iterator[str]:
    """The path of every page of an expanded list, in its order."""
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, list):
            yield from page_paths(entry)
        else:
            yield from page_paths(list(entry.values()))


def _pages(entry: Any, docs: Path) -> Iterator[Any]:
    if isinstance(entry, str) and entry.endswith(_EVERY_PAGE):
        folder = docs / entry.removesuffix(_EVERY_PAGE)
        pages = sorted(page for page in folder.glob("*.md") if page.name != _INDEX)
        yield from (page.relative_to(docs).as_posix() for page in pages)
    elif isinstance(entry, dict):
        yield {
            title: expanded(below, docs) if isinstance(below, list) else below
            for title, below in entry.items()
        }
    else:
        yield entry
