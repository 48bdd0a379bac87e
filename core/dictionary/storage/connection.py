"""One connection to ``dictionary.db``: how it is set up, written through, and how it fails.

WAL lets readers go on while one process writes. Every write is a ``BEGIN IMMEDIATE`` transaction:
a deferred one that reads first fails at once with "database is locked" when another process wrote
in between, however long the busy timeout. ``synchronous=FULL`` puts a commit on the disk before
the caller may say "saved", and only into the file that the path still names (``open_files``).
"""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dictionary.storage.checksums import register_row_sum
from core.dictionary.storage.clock import default_author
from core.dictionary.storage.edit_log import Line, append_lines
from core.dictionary.storage.open_files import OpenFiles, identity
from core.dictionary.storage.reading_mask import ReadingMask
from core.dictionary.storage.stored_values import COLUMNS_SQL, REMEDY_CHANGED, StoredValues
from core.errors import DictionaryBusyError, DictionaryError, DiskError, ReadOnlyProjectError
from core.files.foreign_files import foreign_content, reason_of
from core.progress import CancelToken

if TYPE_CHECKING:
    from sqlite_utils import Database

_log = logging.getLogger(__name__)

BUSY_TIMEOUT_S = 15.0
"""Longer than any transaction of the program takes on a slow disk."""

_STEPS_BETWEEN_LOOKS = 100_000
"""Of SQLite's machine: some milliseconds."""

Parameters = Sequence[object] | Mapping[str, object]
_PLAIN = frozenset({type(None), bool, int, float, str, bytes})
"""What sqlite3 stores as it is."""
Row = dict[str, Any]

LONGEST_PATH_BYTES = 503
"""SQLite's 512 (os_unix.c, MAX_PATHNAME) less the end of the longest name beside a database."""

REMEDY_TOO_LONG = "Choose a folder with a shorter path."

_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_WRITABLE = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_PRIMARY_CODE_MASK = 0xFF

_REMEDY_BUSY = "Wait until the other program has finished writing, then try again."
_REMEDY_DAMAGED = (
    "See what is wrong with: main.py check PROJECT. Go back to the newest sound backup with: "
    "main.py restore PROJECT (in the window: File ▸ Restore a backup…)."
)
_REMEDY_NOT_WRITABLE = (
    "Make the project's folder and the files in it writable for you, or copy the project to a "
    "folder that is."
)
_REMEDY_DISK = (
    "Check that the disk has free space and no faults, and that it is still connected; then repeat "
    "the last step."
)
_REMEDY_FULL = "Free some space on the disk, then repeat the last step; nothing of it was kept."


class Connection:
    """A connection for one thread; every error of SQLite leaves it as a ``DictionaryError``."""

    def __init__(
        self,
        path: Path,
        *,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
        read_only: bool = False,
        private_copy: TemporaryDirectory[str] | None = None,
    ) -> None:
        """Open an existing file.

        Args:
            path: of the database.
            busy_timeout_s: how long another process's lock is waited for.
            read_only: refuse to write, and read a file that does not change meanwhile.
            private_copy: a folder with a copy that is read in its stead, and removed at the end.

        Raises:
            DictionaryError: it cannot be opened.
        """
        self.path, self.read_only, self._private_copy = path, read_only, private_copy
        self.signed_as = ""
        self._files: OpenFiles | None = None
        self._values: StoredValues | None = None
        self._log_lines: list[Line] = []
        self.log_problem = ""
        """Why the last edits are not in the log; empty where they are."""
        opened_path = path.absolute()
        if private_copy is not None:
            opened_path = Path(private_copy.name) / path.name
        before_opening = identity(opened_path)
        uri = f"{opened_path.as_uri()}?{'mode=ro&immutable=1' if read_only else 'mode=rw'}"
        opening = partial(
            sqlite3.connect, uri, uri=True, timeout=busy_timeout_s, isolation_level=None
        )
        with self.translated_errors():
            self._raw = opening()
            self.mask = ReadingMask(self._raw, opening)
            try:
                self._set_up()
                self._files = OpenFiles.of(opened_path, before_opening=before_opening)
            except BaseException:
                self._raw.close()
                raise

    @property
    def author(self) -> str:
        """Whose edits are made through this connection: the reviewer named, or the user."""
        return self.signed_as or default_author()

    @cached_property
    def database(self) -> Database:
        """The same connection for sqlite-utils: for changes of the schema."""
        return sqlite_utils_database(self._raw)

    def _set_up(self) -> None:
        register_row_sum(self._raw)
        self._raw.execute("PRAGMA foreign_keys = ON")
        self._raw.execute("PRAGMA synchronous = FULL")
        is_log = self._raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        if not is_log and not self.read_only:
            self._raw.execute("PRAGMA journal_mode = WAL")
        self._raw.execute("SELECT 1 FROM sqlite_schema").fetchone()  # opens the log

    def close(self) -> None:
        """Close the connection; a second call does nothing."""
        self.mask.close()
        self._raw.close()
        if self._private_copy is not None:
            self._private_copy.cleanup()

    def interrupt(self) -> None:
        """Make the statement that another thread is running fail; the one thing safe from there."""
        self._raw.interrupt()
        self.mask.interrupt()

    @contextmanager
    def interrupted_by(self, cancel: CancelToken) -> Iterator[None]:
        """Let a stop that the user asks for end statements that take long; raises ``Cancelled``."""
        raw = self.mask.reader()
        raw.set_progress_handler(lambda: cancel.cancelled, _STEPS_BETWEEN_LOOKS)
        try:
            yield
        except DictionaryError:
            cancel.raise_if_cancelled()
            raise
        finally:
            raw.set_progress_handler(None, 0)

    def execute(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return all rows as tuples."""
        with self.translated_errors():
            cursor = self.mask.reader(sql).execute(sql, _plain(parameters))
            rows = cursor.fetchall()
        if rows:
            self._check_values(sql, cursor, rows)
        return rows

    def execute_many(self, sql: str, parameters: Iterable[Parameters]) -> None:
        """Run one statement for each set of parameters."""
        with self.translated_errors():
            self._raw.executemany(sql, map(_plain, parameters))

    def insert_all(self, table: str, rows: Iterable[Row], *, replace: bool = False) -> None:
        """Insert rows by column name, with one statement; the caller holds the transaction.

        Args:
            table: its name, and the names of columns, are the program's own.
            rows: what a row has no value for is NULL in it.
            replace: let a row take the place of the one with the same primary key.

        Raises:
            DictionaryError: there is no such table or column, or SQLite refuses a row.
        """
        rows = list(rows)
        if not rows:
            return
        blank: Row = dict.fromkeys(name for row in rows for name in row)
        columns, values = (
            ", ".join(shown.format(name) for name in blank) for shown in ('"{}"', ":{}")
        )
        verb = "INSERT OR REPLACE" if replace else "INSERT"
        self.execute_many(
            f'{verb} INTO "{table}" ({columns}) VALUES ({values})',
            [row if len(row) == len(blank) else {**blank, **row} for row in rows],
        )

    def rows(self, sql: str, parameters: Parameters = ()) -> list[Row]:
        """Run one statement and return all rows by column name."""
        with self.translated_errors():
            cursor = self.mask.reader(sql).execute(sql, _plain(parameters))
            rows = cursor.fetchall()
        names = self._check_values(sql, cursor, rows)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def numbers(self, sql: str, parameters: Parameters = ()) -> NDArray[np.float64]:
        """Rows of numbers, none of them NULL, as an array ``(rows, columns)``.

        Without a tuple for each row in memory; the interpreter is free while SQLite steps.
        """
        with self.translated_errors():
            cursor = self.mask.reader(sql).execute(sql, _plain(parameters))
            width = len(cursor.description)
            with foreign_content(_no_numbers, passing=sqlite3.Error):
                return np.fromiter(chain.from_iterable(cursor), np.float64).reshape(-1, width)

    def _check_values(
        self, sql: str, cursor: sqlite3.Cursor, rows: list[tuple[Any, ...]]
    ) -> list[str]:
        """The names of a statement's columns; raises where a value is none that they can hold."""
        if self._values is None:
            with self.translated_errors():
                self._values = StoredValues(self._raw.execute(COLUMNS_SQL).fetchall())
        names = [column[0] for column in cursor.description]
        self._values.check(sql, names, rows)
        return names

    def forget_columns(self) -> None:
        """After a change of the schema: look again which columns there are."""
        self._values = None

    def each(self, sql: str, parameters: Parameters = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement one by one: for tables that do not fit into memory."""
        with self.translated_errors():
            yield from self.mask.reader(sql).execute(sql, _plain(parameters))

    @contextmanager
    def any_text(self) -> Iterator[None]:
        """Read text that is no UTF-8, too, its wrong bytes as lone surrogates.

        For those who look for damage; everywhere else such text is an error.
        """
        self._raw.text_factory = lambda text: text.decode(errors="surrogateescape")
        try:
            yield
        finally:
            self._raw.text_factory = str

    def scalar(self, sql: str, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None without rows."""
        rows = self.execute(sql, parameters)
        return rows[0][0] if rows else None

    def check_in_place(self) -> None:
        """Raise ``ProjectGoneError`` where the files were moved, deleted or replaced."""
        if self._files is not None:
            self._files.check()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One write transaction: all of it is on the disk afterwards, or nothing of it.

        Raises ``ProjectGoneError`` where the files were moved, deleted or replaced meanwhile: what
        would be written into them, the user would look for elsewhere.
        """
        self._refuse_to_write()
        with self.translated_errors():
            self._raw.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.check_in_place()
            self.execute("COMMIT")
        except BaseException:
            self._roll_back(self._raw)
            raise
        self.check_in_place()  # moved while the commit waited for the disk
        self._write_log()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Several queries that see one and the same state, whatever others write meanwhile.

        Inside another ``reading`` or ``writing`` it is part of that one.
        """
        raw = self.mask.reader()
        if raw.in_transaction:
            yield
            return
        with self.translated_errors():
            raw.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            self._roll_back(raw)

    def _refuse_to_write(self) -> None:
        if self.read_only:
            raise ReadOnlyProjectError(
                f"{self.path.parent}: the project is read-only: it can be looked at and exported, "
                "but nothing can be stored in it.",
                remedy=_REMEDY_NOT_WRITABLE,
            )

    def log_when_committed(self, line: Line) -> None:
        """Inside ``writing``: have a line of the log of edits written once it is on the disk."""
        self._log_lines.append(line)

    def _write_log(self) -> None:
        """What keeps the log from being written is told, and undoes nothing."""
        lines, self._log_lines = self._log_lines, []
        if not lines:
            return
        try:
            append_lines(self.path.parent, lines)
            self.log_problem = ""
        except OSError as error:
            self.log_problem = (
                f"{self.path.parent}: the edit is saved, but the log of edits could not be written "
                f"({error.strerror})."
            )
            _log.warning("%s", self.log_problem)

    def _roll_back(self, raw: sqlite3.Connection) -> None:
        self._log_lines = []
        # A full disk has SQLite roll back by itself; a second ROLLBACK would hide that error.
        if raw.in_transaction:
            with self.translated_errors():
                raw.execute("ROLLBACK")

    def backup_to(self, path: Path) -> None:
        """Copy the database, what others are writing included, with SQLite's backup API."""
        with self.translated_errors():
            target = sqlite3.connect(path)
            try:
                self._raw.backup(target)
            finally:
                target.close()

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn SQLite's errors into the program's, with a remedy."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a fault of the program, such as a connection used from another thread
        except UnicodeDecodeError as error:
            # SQLite's message quotes the damaged schema, and Python cannot read the message.
            raise DictionaryError(
                f"{self.path}: the file is damaged or no project's database (its schema is no "
                "text).",
                remedy=_REMEDY_DAMAGED,
            ) from error
        except sqlite3.Error as error:
            self.check_in_place()  # the cause of it, perhaps
            raise _translated(error, self.path) from error
        except UnicodeEncodeError as error:
            raise DictionaryError(
                f"{error.object!r:.200} is not valid UTF-8 and cannot be stored.",
                remedy="Rename the file or folder; the database stores paths as text.",
            ) from error
        except OverflowError as error:
            raise DictionaryError(f"A number is too large for the database ({error}).") from error


def sqlite_utils_database(raw: sqlite3.Connection) -> Database:
    """A connection as sqlite-utils sees it, which is imported here alone."""
    # Late: its import takes as long as opening a project.
    with _without_pandas():
        from sqlite_utils import Database  # noqa: PLC0415

    # Otherwise it loads its plugins into a database that is not theirs, and from then on a row
    # that is replaced fires the triggers for deleted ones, which it did not do before.
    return Database(raw, execute_plugins=False, recursive_triggers=False)


@contextmanager
def _without_pandas() -> Iterator[None]:
    """Let no import of pandas succeed meanwhile, unless it is there already.

    sqlite-utils loads it, a second or more, for one kind of value that no row here has.
    """
    if "pandas" in sys.modules:
        yield
        return
    sys.modules["pandas"] = None  # type: ignore[assignment] # Python's way to refuse an import
    try:
        yield
    finally:
        del sys.modules["pandas"]


def _plain(parameters: Parameters) -> Parameters:
    """Parameters as Python's own numbers: sqlite3 would send NumPy's as bytes that match no row."""
    # Most parameters are plain already: they are looked at in C, and not copied.
    if isinstance(parameters, Mapping):
        if _PLAIN.issuperset(map(type, parameters.values())):
            return parameters
        return {name: _plain_value(value) for name, value in parameters.items()}
    if _PLAIN.issuperset(map(type, parameters)):
        return parameters
    return [_plain_value(value) for value in parameters]


def _plain_value(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def _no_numbers(error: Exception) -> DictionaryError:
    return DictionaryError(
        f"A column of numbers holds something else ({reason_of(error)}).", remedy=REMEDY_CHANGED
    )


def _translated(error: sqlite3.Error, path: Path) -> DictionaryError:
    """The program's error for one of SQLite's, chosen by its primary result code."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY_CODE_MASK
    if code in _BUSY:
        return DictionaryBusyError(
            f"{path}: another process kept the project's database locked.", remedy=_REMEDY_BUSY
        )
    if code in _DAMAGED:
        return DictionaryError(
            f"{path}: the file is damaged or no project's database ({error}).",
            remedy=_REMEDY_DAMAGED,
        )
    path_bytes = len(os.fsencode(path.absolute()))
    if code == sqlite3.SQLITE_CANTOPEN and path_bytes > LONGEST_PATH_BYTES:
        return DiskError(
            f"{path}: the path is too long: it has {path_bytes} bytes, and SQLite opens at most "
            f"{LONGEST_PATH_BYTES}.",
            remedy=REMEDY_TOO_LONG,
        )
    if code in _NOT_WRITABLE:
        return DiskError(
            f"{path}: the database cannot be opened for writing ({error}).",
            remedy=_REMEDY_NOT_WRITABLE,
        )
    if code == sqlite3.SQLITE_FULL:
        return DiskError(
            f"{path}: the disk is full ({error}); nothing of this step was stored.",
            remedy=_REMEDY_FULL,
        )
    if code == sqlite3.SQLITE_IOERR:
        return DiskError(
            f"{path}: the disk could not be read or written ({error}); nothing of this step was "
            "stored.",
            remedy=_REMEDY_DISK,
        )
    if "UTF-8" in str(error):
        return DictionaryError(
            f"{path}: a stored text is no UTF-8 ({error}).", remedy=REMEDY_CHANGED
        )
    return DictionaryError(f"{path}: the database refused a statement ({error}).")
