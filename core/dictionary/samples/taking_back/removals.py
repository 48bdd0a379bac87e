"""Removing people, pictures and whole imports, and putting them back.

Each is one transaction. What is removed keeps its rows and numbers in tables of its own, so that it
can be put back exactly as it was, by this process or a later one, until it is forgotten for good.
Pictures on the disk are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from core.dictionary.assessment.annotated_twice import derive_twice_flags
from core.dictionary.assessment.assessments import forget_assessments, forget_assessments_of
from core.dictionary.assessment.frame_flags import derive_frame_flags
from core.dictionary.assessment.label_checks import forget_label_checks
from core.dictionary.samples.taking_back.hanging import hanging_on
from core.dictionary.samples.taking_back.imports import Imports
from core.dictionary.samples.taking_back.moved_rows import MovedRows
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import check_all_found, id_list
from core.dictionary.storage.logged_edits import (
    log_put_back,
    log_removed_import,
    log_removed_people,
)
from core.errors import DictionaryError, NoSuchRecordError
from core.types.counted_nouns import counted
from core.types.imports import HangingOn, Removal

PEOPLE, PICTURES, IMPORT = "people", "pictures", "import"

_AMONG = "id IN (SELECT value FROM json_each(:value))"
_IN_PICTURES_OF = f"picture_path IN (SELECT picture_path FROM samples WHERE {_AMONG})"  # noqa: S608
_OF_IMPORT = "import_id = :value"

_INSERT = """
INSERT INTO removals (at, author, kind, import_id, people, pictures)
VALUES (?, ?, ?, ?, 0, 0) RETURNING id"""

_CHANGED_SINCE = """
SELECT EXISTS (SELECT 1 FROM events
    WHERE at >= ? AND sample_id IN (SELECT value FROM json_each(?)))"""


class Removals:
    """What was removed from one opened dictionary; reached as ``dictionary.removals``.

    Every method that writes is one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Looking

    def all(self) -> list[Removal]:
        """Every removal that can be put back, newest first."""
        rows = self._connection.rows(
            "SELECT * FROM removals WHERE put_back_at IS NULL AND forgotten_at IS NULL "
            "ORDER BY id DESC"
        )
        return [_removal(row) for row in rows]

    def get(self, removal_id: int) -> Removal:
        """One removal, whatever became of it; raises ``NoSuchRecordError``."""
        rows = self._connection.rows("SELECT * FROM removals WHERE id = ?", (removal_id,))
        if not rows:
            raise NoSuchRecordError(f"The project has no removal {removal_id}.")
        return _removal(rows[0])

    def people_away(self, removal_id: int) -> list[int]:
        """The ids of the people whom a removal holds; empty once it was put back."""
        found = self._connection.execute(
            "SELECT row_id FROM removal_rows WHERE removal_id = ? AND table_name = 'samples' "
            "ORDER BY row_id",
            (removal_id,),
        )
        return [int(sample_id) for (sample_id,) in found]

    def names_away(self, removal_id: int, *, at_most: int) -> list[str]:
        """The names of the first people whom a removal holds."""
        found = self._connection.execute(
            "SELECT name FROM removal_rows JOIN removed_samples ON removed_samples.id = row_id "
            "WHERE removal_id = ? AND table_name = 'samples' ORDER BY row_id LIMIT ?",
            (removal_id, at_most),
        )
        return [name for (name,) in found]

    def people_of_pictures(self, sample_ids: Iterable[int]) -> list[int]:
        """The ids of everybody in the pictures of some samples, in their order."""
        select = f"SELECT id FROM samples WHERE {_IN_PICTURES_OF} ORDER BY id"  # noqa: S608
        found = self._connection.execute(select, {"value": id_list(sample_ids)})
        return [int(sample_id) for (sample_id,) in found]

    def people_of_import(self, import_id: int) -> list[int]:
        """The ids of everybody whom an import brought and who is there."""
        select = f"SELECT id FROM samples WHERE {_OF_IMPORT} ORDER BY id"  # noqa: S608 - own words
        found = self._connection.execute(select, {"value": import_id})
        return [int(sample_id) for (sample_id,) in found]

    def hanging_on_people(self, sample_ids: Iterable[int]) -> HangingOn:
        """What goes with people."""
        return hanging_on(self._connection, _AMONG, id_list(sample_ids))

    def hanging_on_pictures(self, sample_ids: Iterable[int]) -> HangingOn:
        """What goes with the pictures of some samples."""
        return hanging_on(self._connection, _IN_PICTURES_OF, id_list(sample_ids))

    def hanging_on_import(self, import_id: int) -> HangingOn:
        """What goes with an import."""
        return hanging_on(self._connection, _OF_IMPORT, import_id)

    # Removing

    def people(
        self, sample_ids: Iterable[int], *, author: str | None = None, at: str | None = None
    ) -> Removal:
        """Remove people with every fit, verdict and edit of theirs; their pictures stay.

        Args:
            sample_ids: of the people.
            author: who removes them; the user, by default.
            at: when it was done, where it is done again.

        Raises:
            NoSuchRecordError: one of them does not exist; nothing is removed.
        """
        ids = [int(sample_id) for sample_id in sample_ids]

        def check(connection: Connection) -> None:
            select = f"SELECT id FROM samples WHERE {_AMONG}"  # noqa: S608 - own words
            found = connection.execute(select, {"value": id_list(ids)})
            check_all_found("sample", ids, (sample_id for (sample_id,) in found))

        return self._remove(PEOPLE, _AMONG, id_list(ids), author=author, at=at, check=check)

    def pictures(self, sample_ids: Iterable[int], *, author: str | None = None) -> Removal:
        """Remove the pictures of samples with everybody in them.

        The project then knows nothing of these pictures; an import of their source brings them
        again.

        Raises:
            NoSuchRecordError: none of the samples exists.
        """
        return self._remove(PICTURES, _IN_PICTURES_OF, id_list(sample_ids), author=author)

    def undo_import(
        self, import_id: int, *, author: str | None = None, at: str | None = None
    ) -> Removal:
        """Remove everybody whom an import brought, and what it left of pictures and files.

        People whom other imports brought stay, also those whose joints this one updated.

        Raises:
            NoSuchRecordError: there is no such import.
            DictionaryError: nothing of it is left in the project.
        """

        def check(connection: Connection) -> None:
            if Imports(connection).get(import_id).removal_id is not None:
                raise DictionaryError(f"Import {import_id} was undone already.")

        return self._remove(
            IMPORT, _OF_IMPORT, import_id, import_id=import_id, author=author, at=at, check=check
        )

    def _remove(
        self,
        kind: str,
        condition: str,
        value: object,
        *,
        import_id: int | None = None,
        author: str | None = None,
        at: str | None = None,
        check: Callable[[Connection], None] | None = None,
    ) -> Removal:
        connection, now, who = self._connection, at or utc_now(), author or self._connection.author
        with connection.writing():
            if check is not None:
                check(connection)
            removal_id = int(connection.scalar(_INSERT, (now, who, kind, import_id)))
            moved = MovedRows(connection, removal_id, import_id)
            people = moved.note_people(condition, value)
            if not people and kind != IMPORT:
                raise NoSuchRecordError("The project has none of these people.")
            if kind == IMPORT:
                log_removed_import(connection, Imports(connection).get(import_id or 0), now, who)
            else:
                log_removed_people(connection, removal_id, now, who)
            neighbours, followed = moved.moment_neighbours(), moved.track_neighbours()
            pictures = moved.move_people_away()
            if kind != PEOPLE:
                moved.move_pictures_away()
            moved.move_cameras_away()
            forget_assessments(connection, neighbours)
            derive_twice_flags(connection, moved.shared_pictures("removed_samples"))
            derive_frame_flags(connection, followed)
            forget_label_checks(connection, moved.shared_pictures("removed_samples"))
            connection.execute(
                "UPDATE removals SET people = ?, pictures = ? WHERE id = ?",
                (people, pictures, removal_id),
            )
            return self.get(removal_id)

    # Putting back

    def put_back(
        self, removal_id: int, *, author: str | None = None, at: str | None = None
    ) -> Removal:
        """Put everything back as it was, under the same numbers.

        Args:
            removal_id: of the removal.
            author: who puts it back; the user, by default.
            at: when it was done, where it is done again.

        Raises:
            NoSuchRecordError: there is no such removal.
            DictionaryError: it was put back or given up already, or the same people were added
                again since. Nothing is put back then.
        """
        connection, now = self._connection, at or utc_now()
        with connection.writing():
            removal = self._away(removal_id)
            moved = MovedRows(connection, removal_id)
            _refuse_twice(moved)
            moved.move_back()
            self._forget_stale_assessments(moved, removal)
            derive_twice_flags(connection, moved.shared_pictures("samples"))
            derive_frame_flags(connection, moved.track_neighbours())
            forget_label_checks(connection, moved.shared_pictures("samples"))
            moved.forget()
            connection.execute(
                "UPDATE removals SET put_back_at = ? WHERE id = ?", (now, removal_id)
            )
            log_put_back(connection, removal.at, at=now, author=author or connection.author)
            return self.get(removal_id)

    def forget(self, removal_id: int) -> Removal:
        """Give a removal up for good: it cannot be put back any more. Its room is used again.

        Raises:
            NoSuchRecordError: there is no such removal.
            DictionaryError: it was put back or given up already.
        """
        with self._connection.writing():
            self._away(removal_id)
            MovedRows(self._connection, removal_id).forget()
            self._connection.execute(
                "UPDATE removals SET forgotten_at = ? WHERE id = ?", (utc_now(), removal_id)
            )
            return self.get(removal_id)

    def _away(self, removal_id: int) -> Removal:
        removal = self.get(removal_id)
        if removal.put_back_at is not None:
            raise DictionaryError(f"Removal {removal_id} was put back already.")
        if removal.forgotten_at is not None:
            raise DictionaryError(f"Removal {removal_id} was given up for good.")
        return removal

    def _forget_stale_assessments(self, moved: MovedRows, removal: Removal) -> None:
        """Assessments of the people who stayed, and, where those changed, of who comes back."""
        neighbours = moved.moment_neighbours()
        if self._connection.scalar(_CHANGED_SINCE, (removal.at, id_list(neighbours))):
            forget_assessments(self._connection, neighbours)
        else:
            forget_assessments_of(self._connection, neighbours)


def _refuse_twice(moved: MovedRows) -> None:
    there = moved.count_in_the_project()
    if there or moved.files_are_in_the_project():
        who = counted(there, "person", "people") if there else "the entries of its file"
        verb = "was" if there == 1 else "were"
        raise DictionaryError(
            f"It cannot be put back: {who} of it {verb} imported again since.",
            remedy="Remove those first, or undo their import; then put this back.",
        )


def _removal(row: Row) -> Removal:
    return Removal(**{name: value for name, value in row.items() if name != "checksum"})
