"""The open file of a project: where it lies, whether it can be written, whether it changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.folder_names import CACHE_FOLDER
from core.dictionary.storage.migrations import stored_version
from core.dictionary.storage.project_folder import copy_project
from core.errors import ProjectGoneError

ContentStamp = tuple[object, ...]

_LAST_IDS = """
SELECT (SELECT max(id) FROM events), (SELECT max(id) FROM fits), (SELECT max(id) FROM samples),
    (SELECT count(*) FROM samples), (SELECT max(id) FROM runs)"""

# A regressor predicts sample after sample: the first or the last of them tells of every new time.
_PREDICTIONS = """
SELECT sample_id, run_id, created_at FROM predictions WHERE sample_id IN (
    (SELECT min(sample_id) FROM predictions), (SELECT max(sample_id) FROM predictions))"""

_SETS = """
SELECT id, name, (SELECT count(*) FROM set_predictions WHERE set_id = prediction_sets.id)
FROM prediction_sets ORDER BY id"""


class DatabaseFile:
    """The file of one opened dictionary; reached as ``dictionary.file``."""

    def __init__(self, project: Path, connection: Connection) -> None:
        self._project, self._connection = project, connection
        self._own_cache: TemporaryDirectory[str] | None = None

    @property
    def read_only(self) -> bool:
        """Whether the project can only be looked at."""
        return self._connection.read_only

    @property
    def cache_folder(self) -> Path:
        """Where what can be made again is kept; may be emptied at any time."""
        if not self.read_only:
            return self._project / CACHE_FOLDER
        if self._own_cache is None:
            self._own_cache = TemporaryDirectory(prefix="spin-studio-cache-")
        return Path(self._own_cache.name) / CACHE_FOLDER

    @property
    def schema_version(self) -> int:
        """The version of the file's schema."""
        return stored_version(self._connection)

    def check_in_place(self) -> None:
        """Raise ``ProjectGoneError`` where the project was moved, deleted or replaced.

        May be called from any thread.
        """
        self._connection.check_in_place()

    @property
    def in_place(self) -> bool:
        """Whether the project is where it was opened; may be asked from any thread."""
        try:
            self.check_in_place()
        except ProjectGoneError:
            return False
        return True

    @property
    def log_problem(self) -> str:
        """Why the last edits are saved, but not in the log of edits; empty where they are."""
        return self._connection.log_problem

    def change_counter(self) -> int:
        """A number that changes when another connection, of any process, has written.

        Raises ``ProjectGoneError`` where the project was moved, deleted or replaced.
        """
        self.check_in_place()
        return int(self._connection.scalar("PRAGMA data_version"))

    def content_stamp(self) -> ContentStamp:
        """Equal as long as samples, fits, verdicts, predictions and sets are what they were.

        Whether they changed since a caller looked is told by a few reads of indices. Flags and
        assessments do not count: they follow from the rest. A prediction of a single sample in the
        middle is not noticed; regressors predict all of a list.
        """
        with self._connection.reading():
            return tuple(
                tuple(self._connection.execute(select))
                for select in (_LAST_IDS, _PREDICTIONS, _SETS)
            )

    def copy_to(self, project: Path, *, change: Callable[[Connection], None] | None = None) -> None:
        """Make a project with a copy of this dictionary; checkpoints and caches stay behind.

        Pictures stay where they are, and the copy names them there.

        Args:
            project: the folder of the copy.
            change: changes the copy before it gets its name; where it raises, nothing is left.

        Raises:
            DictionaryError: the folder is a project already or cannot be written.
        """
        copy_project(self._connection, source=self._project, project=project, change=change)

    def interrupt(self) -> None:
        """From another thread: end what is being read, with a ``DictionaryError``."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._connection.close()
        if self._own_cache is not None:
            self._own_cache.cleanup()
