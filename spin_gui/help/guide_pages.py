"""The pages of the documentation that are read in the window: those of the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.resource_files import RESOURCES

DOCS = RESOURCES.parent / "docs"
SITE = RESOURCES.parent / "site" / "index.html"
"""The same pages as a web site, where it was made (``make docs``)."""


@dataclass(frozen=True)
class GuidePage:
    """A page: its title in the list, and its file below ``docs``."""

    title: str
    name: str

    @property
    def path(self) -> Path:
        """Where it lies on this machine."""
        return DOCS / self.name


_NAV_ENTRY = re.compile(r"^ +- (?P<title>[^:\n]+): (?P<name>\w+\.md)$", re.MULTILINE)
"""Of the list in mkdocs.yml. Pages in folders of their own are made by the build of the site."""

FIRST = "guide.md"
LEFT_OUT = frozenset({"index.md", "measurements.md"})

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def guide_pages() -> list[GuidePage]:
    """The pages that are there, in the order of the site; the walk through the program first."""
    nav = (DOCS.parent / "mkdocs.yml").read_text(encoding="utf-8")
    found = [GuidePage(match["title"], match["name"]) for match in _NAV_ENTRY.finditer(nav)]
    pages = [page for page in found if page.name not in LEFT_OUT and page.path.is_file()]
    return sorted(pages, key=lambda page: page.name != FIRST)


def text_of(path: Path) -> str:
    """The Markdown of a page without what only the build of the site reads."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def slug(heading: str) -> str:
    """The anchor of a heading, as the site makes it: ``#one-view-large``."""
    words = re.sub(r"[^\w\s-]", "", heading.lower())
    return re.sub(r"[\s-]+", "-", words).strip("-")
