"""Rows written many at once change nothing else: neither the schema nor the connection."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from core.dictionary.storage.connection import Connection
from core.dictionary.store import Dictionary
from core.errors import DictionaryError

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def database(project: Path) -> Path:
    Dictionary.create(project).close()
    return project / "dictionary.db"


def test_a_batch_for_a_table_that_is_gone_is_refused_and_does_not_create_it(database: Path) -> None:
    with closing(Connection(database)) as connection:
        connection.execute("DROP TABLE predictions")
        with pytest.raises(DictionaryError, match="no such table"), connection.writing():
            connection.insert_all("predictions", [{"sample_id": 1}], replace=True)
        assert not connection.scalar("SELECT count(*) FROM sqlite_schema WHERE name='predictions'")


def test_a_replaced_row_fires_the_same_triggers_before_and_after_a_batch(database: Path) -> None:
    with closing(Connection(database)) as connection:
        before = connection.scalar("PRAGMA recursive_triggers")
        with connection.writing():
            connection.insert_all("settings", [{"key": "a", "value": "1"}])
        assert connection.scalar("PRAGMA recursive_triggers") == before


def test_a_refused_row_takes_the_whole_transaction_back(database: Path) -> None:
    rows = [{"key": "b", "value": "2"}, {"key": "a", "value": "3"}]
    with closing(Connection(database)) as connection:
        with connection.writing():
            connection.insert_all("settings", [{"key": "a", "value": "1"}])
        with pytest.raises(DictionaryError, match="UNIQUE"), connection.writing():
            connection.insert_all("settings", rows)
        stored = connection.execute("SELECT key, value FROM settings WHERE key IN ('a', 'b')")
        assert stored == [("a", "1")]


def test_what_a_row_has_no_value_for_is_null_in_it(database: Path) -> None:
    rows = [
        {"dataset": "coco", "heading": "{}"},
        {"dataset": "coco", "id": 7, "heading": "{ }"},
    ]
    with closing(Connection(database)) as connection:
        with connection.writing():
            connection.insert_all("source_documents", rows)
        stored = connection.execute("SELECT id, heading FROM source_documents ORDER BY id")
        assert stored == [(1, "{}"), (7, "{ }")]


def test_a_new_project_does_not_load_pandas_and_leaves_it_to_others(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    program = (
        "import sys; from pathlib import Path; from core.dictionary.store import Dictionary\n"
        f"Dictionary.create(Path({str(tmp_path / 'new')!r})).close()\n"
        "assert 'sqlite_utils' in sys.modules and 'pandas' not in sys.modules\n"
        "import pandas; assert pandas.DataFrame"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
