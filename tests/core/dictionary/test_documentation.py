"""docs/database.md and the real schema name the same tables and columns."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from core.dictionary.storage.checksums import REMOVED
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.schema.removed_tables import BY_NUMBER, KeptTable, owned_tables
from core.types.fits import OfferOutcome, Origin, RejectReason, Verdict
from core.types.flags import FlagName
from core.types.runs import RunStatus

PAGE = Path(__file__).resolve().parents[3] / "docs" / "database.md"


@pytest.fixture(scope="module")
def documented() -> dict[str, set[str]]:
    tables: dict[str, set[str]] = {}
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        section = section.split("\n## ")[0]
        name = re.match(r"`(\w+)`", section)
        if section.startswith("Tables of removed rows"):
            continue
        assert name, section[:40]
        tables[name[1]] = set(re.findall(r"^\| `(\w+)` \|", section, flags=re.M))
    return tables


def test_every_table_and_column_is_documented_and_no_other(dictionary, documented):
    database = dictionary._connection.database
    real = {
        name: set(database[name].columns_dict)
        for name in database.table_names()
        if not name.startswith("sqlite_")
    }
    of_removed = {name: real.pop(name) for name in list(real) if name.startswith(REMOVED)}
    assert documented == real
    kept = [KeptTable(name, "id") for name in BY_NUMBER] + owned_tables(database.execute)
    assert of_removed == {table.removed: real[table.name] for table in kept}


def test_every_version_of_the_schema_is_documented_and_no_other():
    told = re.findall(r"^\| (\d+) \|", PAGE.read_text(encoding="utf-8"), flags=re.M)
    assert [int(version) for version in told] == [migration.version for migration in MIGRATIONS]


@pytest.mark.parametrize("values", [Verdict, RejectReason, Origin, FlagName, RunStatus])
def test_every_stored_word_is_documented(values):
    text = PAGE.read_text(encoding="utf-8")
    assert [value for value in values if f"`{value}`" not in text] == []


def test_the_queries_of_the_page_run(dictionary):
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.S)
    statements = [item for block in blocks for item in block.split(";") if item.strip()]
    assert statements
    for statement in statements:
        dictionary._connection.execute(statement)


def test_outcomes_of_an_offer_read_as_sentences():
    assert all(str(outcome).islower() for outcome in OfferOutcome)


def test_the_schema_refuses_words_it_does_not_know(dictionary, sample_id, make_fit):
    dictionary.fits.offer([make_fit(sample_id)])
    raw = dictionary._connection.database.conn
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        raw.execute("UPDATE fits SET verdict = 'fine'")
