"""The pages of the documentation that are read in the window, in the order of the site."""

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


PAGES = (
    GuidePage("From pictures to a reviewed set", "guide.md"),
    GuidePage("Review many fits", "review.md"),
    GuidePage("Correct keypoints and bodies", "correcting.md"),
    GuidePage("Failures, comparisons, figures", "gallery.md"),
    GuidePage("Fit", "fitting.md"),
    GuidePage("Train", "training.md"),
    GuidePage("Watch a training", "training_page.md"),
    GuidePage("Evaluate", "evaluation.md"),
    GuidePage("File formats", "formats.md"),
    GuidePage("Words and symbols", "glossary.md"),
    GuidePage("Keys and commands", "keys.md"),
    GuidePage("Flags", "flags.md"),
    GuidePage("The method", "method.md"),
    GuidePage("Install", "install.md"),
)

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def text_of(path: Path) -> str:
    """The Markdown of a page without what only the build of the site reads."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def slug(heading: str) -> str:
    """The anchor of a heading, as the site makes it: ``#one-view-large``."""
    words = re.sub(r"[^\w\s-]", "", heading.lower())
    return re.sub(r"[\s-]+", "-", words).strip("-")
