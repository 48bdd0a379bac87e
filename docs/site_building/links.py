"""Links that lead out of docs/: to pages made of files of the root, or to no page at all.

In the repository a page may link to any file. The site has only the pages of docs/ and those that
``ROOT_FILES`` names; of a link to anything else, such as a module, only the words are kept.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT_FILES = {
    "ARCHITECTURE.md": "project/architecture.md",
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "README.md": "index.md",
    "SECURITY.md": "project/security.md",
}
"""Files of the repository's root and the pages that show them."""

_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\((?!\w+:|#)([^)#\s]+)(#[^)]*)?\)")
_INDEXES = ("index.md", "README.md")


def relinked(text: str, *, written_for: Path, page: Path, docs: Path) -> str:
    """Markdown whose links fit the page that shows it.

    Args:
        text: Markdown; fenced blocks stay as they are.
        written_for: the file that the text's links start from.
        page: the file of the page that shows the text.
        docs: the site's source folder, which lies in the repository's root.
    """

    def link(match: re.Match[str]) -> str:
        words, target, anchor = match.group(1), match.group(2), match.group(3) or ""
        found = _page_of((written_for.parent / target).resolve(), docs)
        if found is None:
            return words
        return f"[{words}]({Path(os.path.relpath(found, page.parent)).as_posix()}{anchor})"

    parts = _FENCED.split(text)
    return "".join(part if part.startswith("```") else _LINK.sub(link, part) for part in parts)


def _page_of(target: Path, docs: Path) -> Path | None:
    """The file of the site that shows a file of the repository; None where none does."""
    if target.is_relative_to(docs):
        indexes = [target / name for name in _INDEXES if (target / name).exists()]
        return indexes[0] if indexes else target
    page = ROOT_FILES.get(target.relative_to(docs.parent).as_posix())
    return None if page is None else docs / page
