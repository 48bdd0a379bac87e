"""Code, messages and pages keep to the English of the field."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = {".py", ".md", ".toml", ".sh", ".yml", ".cff"}
FOLDERS = ("core", "spin_gui", "tests", "benchmarks", "resources", "docs", "findings", ".github")

ARCHAIC = ("nobody", "somebody", "whoever", "anew", "afresh", "nought", "likewise", "so many")
NAMELESS = "for one " + "in"
"""What is looped over has a name: ``for path in paths``."""


def written() -> list[Path]:
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [
        path
        for path in (*ROOT.iterdir(), *inside)
        if path.suffix in SUFFIXES and path.is_file() and path != Path(__file__).resolve()
    ]


@pytest.mark.parametrize("word", [*ARCHAIC, NAMELESS])
def test_word_is_not_used(word: str) -> None:
    spaced = word.replace(" ", "[ _]")
    pattern = re.compile(rf"(?<![a-z]){spaced}(?![a-z])", re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in written()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert found == []


UNEXPLAINED = re.compile(r"lifter|supervis|dictionary|in the loop|believes|stood elsewhere", re.I)
"""Words of the method and of the code that a newcomer does not know."""

EXPLAINED_IN = {"glossary.py", "about.py"}
"""The table that explains the words, and the title of the paper."""


def phrases(path: Path) -> Iterator[str]:
    """The strings of a module that read as text: more than one word, no docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    statements = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in statements:
            text = node.value
            if isinstance(text, str) and " " in text.strip():
                yield text


def test_the_window_speaks_no_words_of_the_method_that_it_does_not_explain() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {text}"
        for path in sorted((ROOT / "spin_gui").rglob("*.py"))
        if path.name not in EXPLAINED_IN
        for text in phrases(path)
        if UNEXPLAINED.search(text)
    ]
    assert found == []
