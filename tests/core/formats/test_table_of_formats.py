"""docs/formats.md has a row for all that is read or written, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from core.formats.bodies import prediction_files
from core.formats.registry import FORMATS
from core.workflows.export_formats import EXPORT_FORMATS

ROOT = Path(__file__).resolve().parents[3]
HEADINGS = [
    "format", "read as", "by", "written as", "not read, or lost", "tried with", "there and back",
]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> list[dict[str, str]]:
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    lines = [line for line in text.partition("\n## Every format\n")[2].splitlines() if line]
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in lines[: next(i for i, line in enumerate(lines) if line.startswith("*By*"))]
        if line.startswith("|") and not line.startswith("|--")
    ]
    assert rows[0] == HEADINGS
    assert all(len(row) == len(HEADINGS) for row in rows)
    return [dict(zip(HEADINGS, row, strict=True)) for row in rows[1:]]


def named(table: list[dict[str, str]], column: str) -> set[str]:
    return {name for row in table for name in re.findall(r"`([^`]+)`", row[column])}


def body_readers() -> set[str]:
    """The modules of core.formats.bodies.readers that files of bodies are given to."""
    modules = [each for each in vars(prediction_files).values() if isinstance(each, ModuleType)]
    names = [each.__name__ for each in modules if ".bodies.readers." in each.__name__]
    assert len(names) > 8
    return {name.rpartition(".")[2] for name in names}


def test_every_registered_format_has_a_row(table: list[dict[str, str]]) -> None:
    others = {"import-fits", "--cameras"}
    assert named(table, "read as") == set(FORMATS) | others
    assert named(table, "by") == body_readers()
    assert named(table, "written as") == set(EXPORT_FORMATS)


def test_every_row_names_a_test_that_is_there(table: list[dict[str, str]]) -> None:
    for row in table:
        paths = re.findall(r"`([^`]+)`", row["tried with"])
        assert paths, row["format"]
        for path in (*paths, *re.findall(r"`([^`]+)`", row["there and back"])):
            assert (ROOT / path).is_file(), (row["format"], path)


def test_what_is_read_and_written_comes_back(table: list[dict[str, str]]) -> None:
    for row in table:
        both_ways = row["read as"].startswith("`") and row["written as"] != "–"
        assert (row["there and back"] != "–") or not both_ways, row["format"]
