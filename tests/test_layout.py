"""Rooms stay small enough to survey, and a name stands for one thing."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MOST_MODULES = 26
MOST_FUNCTION_LINES = 60
MOST_CLASS_LINES = 300

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.fixture(scope="module")
def definitions() -> list[tuple[Path, Definition]]:
    return [
        (path, node)
        for path in [*modules("core", "spin_gui"), ROOT / "main.py"]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, Definition)
    ]


def longer(
    definitions: list[tuple[Path, Definition]], most_lines: int, *, of_classes: bool
) -> Iterator[str]:
    for path, node in definitions:
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if isinstance(node, ast.ClassDef) is of_classes and lines > most_lines:
            yield f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


def test_no_folder_holds_more_modules_than_one_surveys() -> None:
    counts = Counter(path.parent for path in modules("core", "spin_gui", "benchmarks", "tests"))
    full = [str(folder.relative_to(ROOT)) for folder in counts if counts[folder] > MOST_MODULES]
    assert full == []


def test_no_function_is_longer_than_a_screen(definitions) -> None:
    assert list(longer(definitions, MOST_FUNCTION_LINES, of_classes=False)) == []


def test_no_class_does_more_than_can_be_read_at_once(definitions) -> None:
    assert list(longer(definitions, MOST_CLASS_LINES, of_classes=True)) == []


def test_no_class_name_stands_for_two_things(definitions) -> None:
    places = defaultdict(set)
    for path, node in definitions:
        if isinstance(node, ast.ClassDef):
            places[node.name].add(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
