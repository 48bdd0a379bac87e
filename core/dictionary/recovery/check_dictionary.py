"""Everything that can be checked of a dictionary, as one piece of work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.dictionary.recovery.damage import file_damage, schema_damage, wrong_rows
from core.dictionary.recovery.integrity_check import find_problems
from core.dictionary.storage.checksums import SummedTable, summed_tables
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.migrations import MIGRATIONS, Migration
from core.errors import DictionaryError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress

MOST_PROBLEMS = 1000
"""More are not listed: a file with more is restored from a backup, not repaired by hand."""

PHASE = "Checking rows"


def check_dictionary(
    connection: Connection,
    *,
    migrations: Sequence[Migration] = MIGRATIONS,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> list[str]:
    """Sentences about what is wrong, at most ``MOST_PROBLEMS``; empty for a sound dictionary.

    Reads the whole file. What keeps one check from its end is a problem, too; the others go on.

    Args:
        connection: of the dictionary.
        migrations: those that the dictionary went through; one of an older schema is not asked
            whether its values agree, which only this program's schema tells.
        progress: told of rows.
        cancel: asked meanwhile.

    Raises:
        Cancelled: the user asked to stop.
    """
    cancel = cancel or CancelToken()
    checks = [
        file_damage(connection),
        schema_damage(connection, migrations),
        _wrong_rows(connection, progress, cancel),
    ]
    if len(migrations) >= len(MIGRATIONS):
        checks.append(find_problems(connection))
    problems: list[str] = []
    # One moment for all of it: others may write meanwhile.
    with connection.interrupted_by(cancel), connection.reading():
        for check in checks:
            problems += _until_damage(check)
            cancel.raise_if_cancelled()
    return list(dict.fromkeys(problems))[:MOST_PROBLEMS]


def _until_damage(check: Iterator[str]) -> Iterator[str]:
    """The problems of a check, with the one that ended it."""
    try:
        yield from check
    except DictionaryError as error:
        yield error.message


def _wrong_rows(
    connection: Connection, progress: ProgressCallback, cancel: CancelToken
) -> Iterator[str]:
    with connection.translated_errors():
        tables = list(summed_tables(connection.database))
    total = sum(_until_counted(connection, table) for table in tables)
    meter = ProgressMeter(PHASE, total, progress)
    for table in tables:
        yield from _until_damage(wrong_rows(connection, table, meter=meter, cancel=cancel))


def _until_counted(connection: Connection, table: SummedTable) -> int:
    """How many rows a table has; 0 where it cannot be read, which the check itself tells of."""
    try:
        return int(connection.scalar(f'SELECT count(*) FROM "{table.name}"'))  # noqa: S608
    except DictionaryError:
        return 0
