"""Rows that are removed, moved to the tables for removed rows, and back: many in one statement.

What goes with people is read from the schema (``removed_tables``); what pictures and files leave
behind is named here. The caller holds the transaction everywhere.
"""

from __future__ import annotations

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.schema.removed_tables import SAMPLES, KeptTable, owned_tables

_NOTED = "(SELECT row_id FROM removal_rows WHERE removal_id = :removal AND table_name = '{}')"
_LEAVING = _NOTED.format(SAMPLES)

_NOTE = (
    "INSERT INTO removal_rows (removal_id, table_name, row_id) SELECT :removal, '{}', id FROM {}"
)

_PICTURES = f"(SELECT picture_path FROM removed_samples WHERE id IN {_LEAVING})"  # noqa: S608

_LISTED_PICTURES = f"(SELECT id FROM source_pictures WHERE picture_path IN {_PICTURES})"  # noqa: S608
_PICTURES_OF_ENTRIES = "(SELECT picture_id FROM source_entries)"

_FILES = (
    *("source_entries", "source_pictures", "source_documents"),
    *("imported_bodies", "body_files"),
)
_OF_PICTURES = ("searched_pictures", "cameras")
_ONE_BY_ONE = (*_OF_PICTURES, *_FILES)
"""Tables whose removed rows are noted by their number."""

_OF_IMPORT = {
    "searched_pictures": "import_id = :import "
    "AND picture_path NOT IN (SELECT picture_path FROM samples)",
    "source_entries": "import_id = :import AND sample_id IS NULL",
    "source_pictures": f"import_id = :import AND id NOT IN {_PICTURES_OF_ENTRIES}",
    "imported_bodies": "sample_id IS NULL AND file_id IN (SELECT id FROM body_files "
    "WHERE import_id = :import) "
    "AND file_id NOT IN (SELECT file_id FROM imported_bodies WHERE sample_id IS NOT NULL)",
    "body_files": "import_id = :import AND id NOT IN (SELECT file_id FROM imported_bodies)",
}
_OF_WHOLE_PICTURES = {
    "searched_pictures": f"picture_path IN {_PICTURES}",
    "source_entries": f"sample_id IS NULL AND picture_id IN {_LISTED_PICTURES}",
    "source_pictures": f"id IN {_LISTED_PICTURES} AND id NOT IN {_PICTURES_OF_ENTRIES}",
}
_EMPTY_DOCUMENTS = f"""
id IN (SELECT document_id FROM removed_source_pictures
       WHERE id IN {_NOTED.format("source_pictures")})
AND id NOT IN (SELECT document_id FROM source_pictures)
AND id NOT IN (SELECT document_id FROM source_entries)"""  # noqa: S608 - own names
_CAMERAS = f"""
(picture_path IN {_PICTURES} OR picture_path IN (SELECT picture_path FROM removed_searched_pictures
    WHERE id IN {_NOTED.format("searched_pictures")}))
AND picture_path NOT IN (SELECT picture_path FROM samples)
AND picture_path NOT IN (SELECT picture_path FROM searched_pictures)"""  # noqa: S608 - own names

_MOMENT_NEIGHBOURS = f"""
SELECT DISTINCT others.sample_id FROM group_members AS own
    JOIN group_members AS others ON others.moment_id = own.moment_id
WHERE own.sample_id IN {_LEAVING} AND others.sample_id NOT IN {_LEAVING}"""  # noqa: S608

_TRACK_NEIGHBOURS = f"""
SELECT DISTINCT others.sample_id FROM tracks AS own JOIN tracks AS others USING (track)
WHERE own.sample_id IN {_LEAVING} AND others.sample_id NOT IN {_LEAVING}"""  # noqa: S608

_SHARED_PICTURES = f"""
SELECT DISTINCT picture_path FROM samples WHERE id NOT IN {_LEAVING}
    AND picture_path IN (SELECT picture_path FROM {{table}} WHERE id IN {_LEAVING})"""  # noqa: S608

_IN_THE_PROJECT = f"""
SELECT count(*) FROM removed_samples JOIN samples USING (picture_path, dataset, person_key)
WHERE removed_samples.id IN {_LEAVING}"""  # noqa: S608 - own names

_FILES_IN_THE_PROJECT = f"""
SELECT EXISTS (SELECT 1 FROM removed_source_documents JOIN source_documents
        USING (dataset, heading)
    WHERE removed_source_documents.id IN {_NOTED.format("source_documents")})
OR EXISTS (SELECT 1 FROM removed_source_pictures JOIN source_pictures
        USING (picture_path, document_id, image_id)
    WHERE removed_source_pictures.id IN {_NOTED.format("source_pictures")})"""  # noqa: S608


class MovedRows:
    """The rows of one removal.

    Args:
        connection: of the dictionary; its transaction is held.
        removal_id: of the removal.
        import_id: the import that is taken back, or None.
    """

    def __init__(
        self, connection: Connection, removal_id: int, import_id: int | None = None
    ) -> None:
        self._connection = connection
        self._values = {"removal": removal_id, "import": import_id}

    def note_people(self, condition: str, value: object) -> int:
        """Note which people leave; returns how many.

        Args:
            condition: SQL on ``samples`` with one parameter, ``:value``.
            value: of the parameter.
        """
        note = _NOTE.format(SAMPLES, f"{SAMPLES} WHERE {condition}")
        self._connection.execute(note, {**self._values, "value": value})
        count = "SELECT count(*) FROM removal_rows WHERE removal_id = :removal"
        return int(self._connection.scalar(count, self._values))

    def moment_neighbours(self) -> list[int]:
        """The people who stay of the moments of those who leave, or have come back."""
        found = self._connection.execute(_MOMENT_NEIGHBOURS, self._values)
        return [int(sample_id) for (sample_id,) in found]

    def track_neighbours(self) -> list[int]:
        """The samples that stay of the tracks of those who leave, or have come back."""
        found = self._connection.execute(_TRACK_NEIGHBOURS, self._values)
        return [int(sample_id) for (sample_id,) in found]

    def shared_pictures(self, table: str) -> list[str]:
        """Stored paths of pictures that show others than these people, too.

        Args:
            table: where these people are: ``samples`` or ``removed_samples``.
        """
        select = _SHARED_PICTURES.format(table=table)
        return [path for (path,) in self._connection.execute(select, self._values)]

    def move_people_away(self) -> int:
        """Move the noted people with all that is theirs; returns how many pictures they leave."""
        self._run("PRAGMA defer_foreign_keys = ON")  # samples and fits point to each other
        samples = KeptTable(SAMPLES, "id")
        owned = owned_tables(self._connection.execute)
        for table in (samples, *owned):
            self._copy(table.name, table.removed, f"{table.key} IN {_LEAVING}")
        for table in (*owned, samples):
            self._run(f"DELETE FROM {table.name} WHERE {table.key} IN {_LEAVING}")  # noqa: S608
        left = (
            f"SELECT count(*) FROM (SELECT DISTINCT picture_path FROM removed_samples "  # noqa: S608
            f"WHERE id IN {_LEAVING}) AS gone "
            "WHERE picture_path NOT IN (SELECT picture_path FROM samples)"
        )
        return int(self._connection.scalar(left, self._values))

    def move_pictures_away(self) -> None:
        """Move what is left of pictures and files, after their people.

        Of an import that is taken back: all it brought. Of people and pictures: what is known of
        pictures that show no one any more.
        """
        conditions = _OF_IMPORT if self._values["import"] is not None else _OF_WHOLE_PICTURES
        for table, condition in conditions.items():
            self._move_one_by_one(table, condition)
        self._move_one_by_one("source_documents", _EMPTY_DOCUMENTS)

    def move_cameras_away(self) -> None:
        """Move the cameras of pictures that the project does not hold any more."""
        self._move_one_by_one("cameras", _CAMERAS)

    def count_in_the_project(self) -> int:
        """How many of the removed people were added again since, under other numbers."""
        return int(self._connection.scalar(_IN_THE_PROJECT, self._values))

    def files_are_in_the_project(self) -> bool:
        """Whether what an imported file held was added again since."""
        return bool(self._connection.scalar(_FILES_IN_THE_PROJECT, self._values))

    def move_back(self) -> None:
        """Move everything back where it was, under its numbers.

        What points to something that was deleted meanwhile, such as a set of predictions, stays
        out. A picture that got another camera, or was looked at again, keeps that. ``forget``
        comes after it.
        """
        self._run("PRAGMA defer_foreign_keys = ON")
        samples = KeptTable(SAMPLES, "id")
        owned = owned_tables(self._connection.execute)
        for table in (samples, *owned):
            leaving = f"{table.key} IN {_LEAVING}{self._whose_parents_are_there(table.name)}"
            self._copy(table.removed, table.name, leaving)
        for name in _ONE_BY_ONE:
            removed = KeptTable(name, "id").removed
            self._copy(removed, name, f"id IN {_NOTED.format(name)}", ignore=name in _OF_PICTURES)

    def forget(self) -> None:
        """Delete the moved rows, and the notes of them."""
        samples = KeptTable(SAMPLES, "id")
        for table in (*owned_tables(self._connection.execute), samples):
            self._run(f"DELETE FROM {table.removed} WHERE {table.key} IN {_LEAVING}")  # noqa: S608
        for name in _ONE_BY_ONE:
            removed = KeptTable(name, "id").removed
            self._run(f"DELETE FROM {removed} WHERE id IN {_NOTED.format(name)}")  # noqa: S608
        self._run("DELETE FROM removal_rows WHERE removal_id = :removal")

    def _move_one_by_one(self, table: str, condition: str) -> None:
        noted = f"id IN {_NOTED.format(table)}"
        self._run(_NOTE.format(table, f"{table} WHERE {condition}"))
        self._copy(table, KeptTable(table, "id").removed, noted)
        self._run(f"DELETE FROM {table} WHERE {noted}")  # noqa: S608 - own names

    def _copy(self, source: str, target: str, condition: str, *, ignore: bool = False) -> None:
        insert = "INSERT OR IGNORE" if ignore else "INSERT"
        self._run(f"{insert} INTO {target} SELECT * FROM {source} WHERE {condition}")  # noqa: S608

    def _whose_parents_are_there(self, table: str) -> str:
        """A condition for rows that point to tables from which rows may be deleted for good."""
        pointers = self._connection.execute(
            'SELECT "from" FROM pragma_foreign_key_list(?) WHERE "table" = ?',
            (table, "prediction_sets"),
        )
        return "".join(
            f" AND {column} IN (SELECT id FROM prediction_sets)"  # noqa: S608 - own names
            for (column,) in pointers
        )

    def _run(self, sql: str) -> None:
        self._connection.execute(sql, self._values)
