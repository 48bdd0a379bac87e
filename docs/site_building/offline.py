"""Whether a built page fetches anything from elsewhere when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

_FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)\b[^>]*?\bsrc=["']?(?:https?:)?//[^"'\s>]+
      | <link\b(?![^>]*\brel=["']?canonical)[^>]*?\bhref=["']?(?:https?:)?//[^"'\s>]+
      | \burl\(["']?(?:https?:)?//[^"')]+
      | @import\s+["'](?:https?:)?//[^"']+
      | class=["']?mermaid\b""",  # the theme fetches what draws these
    re.VERBOSE,
)


def fetched_from_elsewhere(site: Path) -> Iterator[str]:
    """Every place in a built site that would go to the network, as ``FILE: TEXT``.

    Links that a reader may follow are none of them.
    """
    for file in sorted(site.rglob("*")):
        if file.suffix in (".html", ".css"):
            for match in _FETCHED.finditer(file.read_text(encoding="utf-8")):
                yield f"{file.relative_to(site)}: {match.group()}"
