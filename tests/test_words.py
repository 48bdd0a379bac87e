"""Code, messages and pages keep to the English of the field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SUFFIXES = {".py", ".md", ".toml", ".sh", ".yml", ".cff"}
FOLDERS = ("core", "spin_gui", "tests", "benchmarks", "resources", "docs", "findings", ".github")

ARCHAIC = ("nobody", "somebody", "whoever", "anew", "afresh", "nought", "likewise", "so many")


def written() -> list[Path]:
    inside = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    return [
        path
        for path in (*ROOT.iterdir(), *inside)
        if path.suffix in SUFFIXES and path.is_file() and path != Path(__file__).resolve()
    ]


@pytest.mark.parametrize("word", ARCHAIC)
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
