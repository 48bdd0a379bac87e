"""XML from outside, parsed piece by piece within limits."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

from core.errors import AnnotationError
from core.progress import CancelToken

MAX_XML_BYTES = 256 << 20

_CHUNK = 1 << 16
_MOST_DEPTH = 20


def parsed_elements(
    path: Path, tags: Collection[str], *, cancel: CancelToken | None = None
) -> Iterator[ET.Element]:
    """The elements right below the root that have one of the tags, each complete, one by one.

    To be called behind the door of ``core.files.foreign_files``.

    Raises:
        AnnotationError: too long, nested too deep, or with a document type or entities, which can
            make a short file endless.
        Cancelled: the user asked to stop.
        Exception: what the parser raises for anything that is no XML.
    """
    size = path.stat().st_size
    if size > MAX_XML_BYTES:
        raise AnnotationError(
            f"the file has {size} bytes, expected at most {MAX_XML_BYTES}.",
            path=path,
            remedy="Export fewer pictures at once.",
        )
    text = path.read_bytes().decode("utf-8-sig")
    if "<!" in text.replace("<!--", ""):
        raise AnnotationError(
            "it has a document type or entities, expected plain XML.",
            path=path,
            remedy="Export it once more from the tool.",
        )
    parser = _Parser(path, tags)
    for start in range(0, len(text), _CHUNK):
        if cancel is not None:
            cancel.raise_if_cancelled()
        yield from parser.fed(text[start : start + _CHUNK])
    parser.close()


class _Parser:
    """Forgets what is complete, and stops where it is nested too deep."""

    def __init__(self, path: Path, tags: Collection[str]) -> None:
        self._path, self._tags = path, tags
        self._parser: ET.XMLPullParser[ET.Element] = ET.XMLPullParser(events=("start", "end"))
        self._depth = 0
        self._root: ET.Element | None = None

    def fed(self, text: str) -> Iterator[ET.Element]:
        """The elements that are complete with this text."""
        self._parser.feed(text)
        for event in self._parser.read_events():
            kind, element = cast("tuple[str, ET.Element]", event)
            if kind == "start":
                self._begin(element)
                continue
            self._depth -= 1
            if self._depth == 1 and self._root is not None:
                if element.tag in self._tags:
                    yield element
                self._root.clear()

    def close(self) -> None:
        """Raises what the parser raises for XML that is not complete."""
        self._parser.close()

    def _begin(self, element: ET.Element) -> None:
        self._depth += 1
        self._root = element if self._root is None else self._root
        if self._depth > _MOST_DEPTH:
            raise AnnotationError("it is nested too deep.", path=self._path)
