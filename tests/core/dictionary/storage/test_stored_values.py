"""What a damaged file hands out is told with table, column and row; it is no traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.types.fits import Verdict
from core.types.predictions import NewPrediction


@pytest.fixture
def filled(project, make_sample, make_fit) -> Path:
    with Dictionary.create(project) as dictionary:
        ids = dictionary.samples.add(make_sample(number) for number in range(3)).added_ids
        run = dictionary.runs.start("training", configuration={"seed": 1}, versions={})
        dictionary.fits.offer([make_fit(sample_id, run_id=run, beta=4.0) for sample_id in ids])
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
        body = make_fit(1).parameters
        dictionary.predictions.store([NewPrediction(sample_id=1, parameters=body)])
        dictionary.prediction_sets.keep_latest("first")
    return project


def put(project: Path, table: str, column: str, value: object) -> None:
    """Store a value that the schema forbids, as a damaged page would hold it."""
    with closing(sqlite3.connect(project / "dictionary.db")) as raw:
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("DELETE FROM sqlite_schema WHERE type = 'trigger'")
        raw.execute(
            "UPDATE sqlite_schema SET sql = replace(replace(sql, 'STRICT', ''), 'NOT NULL', '') "
            "WHERE name = ?",
            (table,),
        )
        raw.commit()
    original = _schema(project.parent / "sound")
    with closing(sqlite3.connect(project / "dictionary.db")) as raw:
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute(f"UPDATE {table} SET {column} = ?", (value,))
        raw.commit()
        raw.execute("PRAGMA writable_schema = ON")
        raw.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (original[table], table))
        raw.commit()


def _schema(folder: Path) -> dict[str, str]:
    if not folder.exists():
        Dictionary.create(folder).close()
    with closing(sqlite3.connect(folder / "dictionary.db")) as raw:
        return dict(raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))


Read = Callable[[Dictionary], object]

READERS: dict[str, Read] = {
    "sample": lambda dictionary: dictionary.samples.get(1),
    "list row": lambda dictionary: dictionary.search.rows([1]),
    "history": lambda dictionary: dictionary.fits.history(1),
    "current fit": lambda dictionary: dictionary.fits.current_of(1),
    "prediction": lambda dictionary: dictionary.predictions.latest_of(1),
    "set": lambda dictionary: dictionary.prediction_sets.all(),
    "set bodies": lambda dictionary: dictionary.prediction_sets.bodies(1, [1]),
    "runs": lambda dictionary: dictionary.runs.all(),
    "flags": lambda dictionary: dictionary.flags.of(1),
    "flag counts": lambda dictionary: dictionary.flags.counts(),
    "events": lambda dictionary: dictionary.events.of(1),
    "verdict counts": lambda dictionary: dictionary.search.verdict_counts(),
    "snapshot": lambda dictionary: dictionary.search.snapshot(),
    "order": lambda dictionary: dictionary.search.ids(SampleQuery(sort=SortKey.LOSS)),
    "info": lambda dictionary: dictionary.info(),
    "offer": lambda dictionary: dictionary.verdicts.set({1: Verdict.REJECTED}, "maria"),
}


@pytest.mark.parametrize(
    ("reader", "table", "column", "value"),
    [
        ("sample", "annotations", "keypoints_px", 7),
        ("sample", "annotations", "keypoints_px", b"short"),
        ("sample", "samples", "box_scale", None),
        ("sample", "samples", "picture_path", b"\x00\x01"),
        ("list row", "samples", "current_verdict", "fine"),
        ("list row", "samples", "current_origin", "nowhere"),
        ("list row", "samples", "current_loss", "much"),
        ("history", "fits", "pose_axis_angle", 3.5),
        ("history", "fits", "betas", b"x" * 39),
        ("history", "fits", "origin", "nowhere"),
        ("history", "fits", "verdict", "fine"),
        ("history", "fits", "comparison_loss", None),
        ("current fit", "fits", "runner_up", "no"),
        ("prediction", "predictions", "betas", "text"),
        ("set", "prediction_sets", "kind", "borrowed"),
        ("set bodies", "set_predictions", "camera_translation", 1),
        ("runs", "runs", "status", "asleep"),
        ("runs", "runs", "configuration", "{no json"),
        ("runs", "runs", "versions", "[1, 2]"),
        ("flags", "flags", "name", "purple"),
        ("flags", "flags", "score", "high"),
        ("flag counts", "flags", "name", "purple"),
        ("events", "events", "author", b"maria"),
        ("verdict counts", "samples", "current_verdict", "fine"),
        ("snapshot", "samples", "current_depth_m", "deep"),
        ("info", "samples", "current_verdict", "fine"),
        ("offer", "fits", "verdict", "fine"),
    ],
)
def test_a_value_that_its_column_cannot_hold_is_told(filled, reader, table, column, value):
    put(filled, table, column, value)
    with Dictionary.open(filled) as dictionary:
        with pytest.raises(DictionaryError) as told:
            READERS[reader](dictionary)
        message = str(told.value)
        assert "main.py restore" in message
        if column != "current_depth_m":  # read as one array of numbers
            assert column in message
        assert dictionary.problems(), "the check tells, too"


def test_the_message_names_table_column_row_and_what_was_found(filled):
    put(filled, "fits", "origin", "nowhere")
    with Dictionary.open(filled) as dictionary, pytest.raises(DictionaryError) as told:
        dictionary.fits.history(2)
    assert told.value.message.startswith("The column origin of fits holds 'nowhere', expected one")
    assert told.value.message.endswith("in the row with id 2 and sample_id 2.")


def test_text_that_is_no_utf8_is_told(filled):
    database = filled / "dictionary.db"
    database.write_bytes(database.read_bytes().replace(b"maria", b"mar\xff\xfe"))
    with (
        Dictionary.open(filled) as dictionary,
        pytest.raises(DictionaryError, match="UTF-8") as told,
    ):
        dictionary.events.of(1)
    assert "main.py restore" in told.value.remedy


def test_a_schema_that_is_no_text_is_told(filled):
    # Python cannot even read SQLite's message about it: that was a UnicodeDecodeError.
    database = filled / "dictionary.db"
    content = database.read_bytes()
    assert b"CREATE TABLE saved_views" in content
    database.write_bytes(
        content.replace(b"CREATE TABLE saved_views", b"CREATE TABL\xb4 saved_views")
    )
    with pytest.raises(DictionaryError, match="damaged") as told:
        Dictionary.open(filled)
    assert "main.py restore" in told.value.remedy
