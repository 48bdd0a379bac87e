"""The third step of the schema: a log of which samples changed, for readers that keep a copy.

The window keeps the sortable numbers of all samples in memory. With this log it reads what other
processes changed, and nothing else, no matter who writes and how: triggers write it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

LOG_KEEPS = 100_000
"""A reader that is further behind reads everything again; 100 000 rows are some 1.5 MB."""

LOG_TIDIED_EVERY = 50_000

CHANGES_TABLE = """
CREATE TABLE changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    sample_id INTEGER NOT NULL
) STRICT"""

_LOG = "CREATE TRIGGER {} AFTER {} BEGIN INSERT INTO changes (sample_id) VALUES ({}); END"

_TRIGGERS = tuple(
    _LOG.format(name, event, sample_id)
    for name, event, sample_id in (
        ("log_new_sample", "INSERT ON samples", "NEW.id"),
        ("log_changed_sample", "UPDATE ON samples", "NEW.id"),
        ("log_removed_sample", "DELETE ON samples", "OLD.id"),
        ("log_raised_flag", "INSERT ON flags", "NEW.sample_id"),
        ("log_lowered_flag", "DELETE ON flags", "OLD.sample_id"),
    )
)

_TIDY = f"""
CREATE TRIGGER tidy_changes AFTER INSERT ON changes WHEN NEW.id % {LOG_TIDIED_EVERY} = 0 BEGIN
    DELETE FROM changes WHERE id <= NEW.id - {LOG_KEEPS};
END"""  # noqa: S608 - own numbers


def add_change_log(database: Database) -> None:
    """Bring a file of schema 2 to schema 3; the caller holds the transaction."""
    for statement in (CHANGES_TABLE, *_TRIGGERS, _TIDY):
        database.execute(statement)
