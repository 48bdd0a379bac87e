"""Files of OpenCV's FileStorage as plain objects: YAML, XML and JSON.

OpenCV's YAML is none that YAML's own parsers take: its first line is ``%YAML:1.0``, and matrices
have the tag ``!!opencv-matrix`` (findings/opencv_yaml_is_not_yaml.sh). ROS writes the same fields
without both. A matrix becomes an object with ``rows``, ``cols`` and ``data``, as in OpenCV's JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import yaml

from core.errors import AnnotationError
from core.files.foreign_json import parse_json

MAX_TEXT_BYTES = 4 << 20
"""Of YAML and XML, whose parsers are slow; a calibration has some kilobytes."""

_MOST_DEPTH = 20
_DIRECTIVE = re.compile(r"\A%YAML[: ][0-9.]+[^\n]*\n")
_MATRIX_TAG = re.compile(r"!!opencv-(?:nd-)?matrix")


class StorageError(ValueError):
    """The file is none that is read here; the message says what was found."""


def read_storage(path: Path) -> Any:
    """The objects and lists of a file, by what its first characters say.

    To be called behind the door of ``core.files.foreign_files``.

    Raises:
        StorageError: an XML with entities, a YAML with anchors, or a file above the limits.
        Exception: what a parser raises for anything that it does not take.
    """
    content = path.read_bytes()
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start in (b"{", b"["):
        return parse_json(content)
    if len(content) > MAX_TEXT_BYTES:
        raise StorageError(f"it has {len(content)} bytes, expected at most {MAX_TEXT_BYTES}")
    text = content.decode("utf-8-sig")
    return _from_xml(text) if start == b"<" else _from_yaml(text)


def check_is_file(path: Path) -> None:
    """Raise ``AnnotationError`` where there is no such file."""
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise AnnotationError(f"{found}, expected a file of cameras.", path=path)


def _from_yaml(text: str) -> Any:
    text = _MATRIX_TAG.sub("", _DIRECTIVE.sub("", text))
    _refuse_anchors(text)
    return yaml.safe_load(text)


def _refuse_anchors(text: str) -> None:
    """An anchor lets a short file stand for an endless one, and no calibration has any."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if getattr(event, "anchor", None) is not None:
            raise StorageError("it has anchors (& and *), which no calibration needs")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEPTH:
            raise StorageError("it is nested too deep")


def _from_xml(text: str) -> Any:
    if "<!" in text.replace("<!--", ""):
        raise StorageError("it has a document type or entities, which no calibration needs")
    root = ET.fromstring(text)  # noqa: S314 - without entities
    return _value_of(root, 0)


def _value_of(element: ET.Element, depth: int) -> Any:
    if depth > _MOST_DEPTH:
        raise StorageError("it is nested too deep")
    children = list(element)
    if not children:
        return _numbers_of(element.text or "")
    if all(child.tag == "_" for child in children):
        return [_value_of(child, depth + 1) for child in children]
    return dict(_named(children, depth))


def _named(children: list[ET.Element], depth: int) -> Iterator[tuple[str, Any]]:
    for child in children:
        yield str(child.tag), _value_of(child, depth + 1)


def _numbers_of(text: str) -> Any:
    """A number, a list of them, or the text."""
    words = text.split()
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return text.strip().strip('"')
    return numbers[0] if len(numbers) == 1 else numbers
