"""Bodies of other methods as they came: stored with the rows of their files, read back whole.

Predictions of sets and fits name the body that they were made of. A file stays as long as one of
them does, all its rows with it, so that it can be written again.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from core.dictionary.storage.blobs import from_blob, to_blob
from core.dictionary.storage.checksums import REMOVED
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list, removed_samples
from core.dictionary.storage.stored_values import REMEDY_CHANGED, word_of
from core.errors import DictionaryError
from core.files.foreign_files import foreign_content, reason_of
from core.types.arrays import NUM_JOINTS, FloatArray
from core.types.foreign.imported_bodies import (
    BodyAsItCame,
    BodyFile,
    Conversion,
    ImportedBody,
    NewBodyFile,
    NewImportedBody,
)

_STORED_BETAS = np.dtype("<f8")
_PACKED_LIGHTLY = 1
"""Of zlib: half the room at a tenth of the time that its best takes."""

_INSERT_FILE = """
INSERT INTO body_files (at, author, method, path, format, heading, options, digest, import_id)
VALUES (:at, :author, :method, :path, :format, :heading, :options, :digest, :import_id)
RETURNING id"""

_FILE_COLUMNS = """
body_files.at AS file_at, body_files.author AS file_author, body_files.method AS file_method,
body_files.path AS file_path, body_files.format AS file_format,
body_files.heading AS file_heading, body_files.options AS file_options"""

_BODY_COLUMNS = """
imported_bodies.id, imported_bodies.file_id, imported_bodies.position, imported_bodies.sample_id,
imported_bodies.body_name, imported_bodies.gender, imported_bodies.betas,
imported_bodies.pose_axis_angle, imported_bodies.camera_translation, imported_bodies.conversion,
imported_bodies.conversion_error_mm"""

_OF_FITS = f"""
SELECT fits.id AS fit_id, {_BODY_COLUMNS}, {_FILE_COLUMNS} FROM fits
    JOIN imported_bodies ON imported_bodies.id = fits.imported_body_id
    JOIN body_files ON body_files.id = imported_bodies.file_id
WHERE fits.id IN (SELECT value FROM json_each(?))"""  # noqa: S608 - own names

_STORED_POSITIONS = """
SELECT position, id, sample_id FROM imported_bodies
WHERE file_id = ? AND position IN (SELECT value FROM json_each(?)) ORDER BY sample_id IS NULL, id"""

_AS_THEY_CAME = """
SELECT * FROM {} WHERE id IN (SELECT value FROM json_each(?)) AND betas IS NOT NULL"""

_ENTRIES = """
SELECT position, id, sample_id, entry FROM imported_bodies WHERE file_id = ?
ORDER BY position, sample_id IS NULL, id"""

_OF_SET = """
FROM set_predictions JOIN imported_bodies ON imported_bodies.id = set_predictions.imported_body_id
WHERE set_predictions.set_id = ?
    AND set_predictions.sample_id IN (SELECT value FROM json_each(?))"""

_COUNT_TAKEN = f"""
SELECT count(*) {_OF_SET} AND EXISTS (
    SELECT 1 FROM fits WHERE fits.imported_body_id = imported_bodies.id)"""  # noqa: S608 - own

_CONVERSIONS = f"SELECT conversion, count(*) {_OF_SET} GROUP BY conversion ORDER BY 2 DESC"

_HAS_FITS = """
SELECT EXISTS (SELECT 1 FROM fits
    JOIN imported_bodies ON imported_bodies.id = fits.imported_body_id
    JOIN body_files ON body_files.id = imported_bodies.file_id AND body_files.heading <> '')"""

_FILES_OF_FITS = """
SELECT DISTINCT body_files.* FROM fits
    JOIN imported_bodies ON imported_bodies.id = fits.imported_body_id
    JOIN body_files ON body_files.id = imported_bodies.file_id
WHERE fits.sample_id IN (SELECT value FROM json_each(?)) ORDER BY body_files.id"""

_UNUSED_FILES = """
SELECT id FROM body_files WHERE import_id IS NULL AND id NOT IN (
    SELECT file_id FROM imported_bodies
        JOIN fits ON fits.imported_body_id = imported_bodies.id
    UNION SELECT file_id FROM imported_bodies
        JOIN set_predictions ON set_predictions.imported_body_id = imported_bodies.id
    UNION SELECT file_id FROM removed_imported_bodies)"""


class ImportedBodies:
    """The foreign bodies of one opened dictionary; reached as ``dictionary.imported_bodies``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_file(self, file: NewBodyFile) -> int:
        """The number of a file, to add its rows to: the stored one of the same digest, or new.

        A file that is read again under another name of its method takes that name.
        """
        with self._connection.writing():
            found = self._connection.scalar(
                "SELECT max(id) FROM body_files WHERE digest = ?", (file.digest,)
            )
            if found is not None:
                self._connection.execute(
                    "UPDATE body_files SET method = ?, path = ? WHERE id = ?",
                    (file.method, file.path, found),
                )
                return int(found)
            row = {
                **{name: value for name, value in vars(file).items() if name != "file_format"},
                "format": file.file_format,
                "at": utc_now(),
                "author": self._connection.author,
            }
            return int(self._connection.scalar(_INSERT_FILE, row))

    def add(self, file_id: int, bodies: Sequence[NewImportedBody]) -> dict[int, int]:
        """Store rows of a file in one transaction; those stored before take what is new.

        Bodies of samples that were removed meanwhile belong to no one.

        Returns:
            The number of each by its position.
        """
        with self._connection.writing():
            gone = removed_samples(
                self._connection, (body.sample_id for body in bodies if body.sample_id is not None)
            )
            positions = id_list(body.position for body in bodies)
            stored = self._connection.execute(_STORED_POSITIONS, (file_id, positions))
            # Where one position is stored twice, the one with a sample comes first and counts.
            known = {position: (number, owner) for position, number, owner in reversed(stored)}
            rows = [
                _row_of(file_id, body, None if body.sample_id in gone else body.sample_id)
                for body in bodies
            ]
            self._connection.insert_all(
                "imported_bodies", [row for row in rows if row["position"] not in known]
            )
            for row in rows:
                number, owner = known.get(row["position"], (None, None))
                if number is not None and (row["sample_id"] is not None or owner is None):
                    self._update(number, row)
            stored = self._connection.execute(_STORED_POSITIONS, (file_id, positions))
        return {position: number for position, number, _owner in reversed(stored)}

    def of_fits(self, fit_ids: Iterable[int]) -> dict[int, ImportedBody]:
        """The bodies that fits were made of, by the fit's id; other fits are left out."""
        rows = self._connection.rows(_OF_FITS, (id_list(fit_ids),))
        return {row["fit_id"]: _body_from(row) for row in rows}

    def as_they_came(self, numbers: Iterable[int], *, removed: bool) -> dict[int, BodyAsItCame]:
        """Bodies by number, of people who are there, or of those who were removed."""
        table = f"{REMOVED}imported_bodies" if removed else "imported_bodies"
        rows = self._connection.rows(_AS_THEY_CAME.format(table), (id_list(numbers),))
        return {row["id"]: _as_it_came(row) for row in rows}

    def fits_of(self, numbers: Iterable[int]) -> dict[int, int]:
        """The newest fit that each of some bodies became, by the body's number."""
        return dict(
            self._connection.execute(
                "SELECT imported_body_id, max(id) FROM fits WHERE imported_body_id IN "
                "(SELECT value FROM json_each(?)) GROUP BY imported_body_id",
                (id_list(numbers),),
            )
        )

    def count_taken(self, set_id: int, sample_ids: Iterable[int]) -> int:
        """How many people of a set have the set's body as a fit already."""
        return int(self._connection.scalar(_COUNT_TAKEN, (set_id, id_list(sample_ids))))

    def conversions(self, set_id: int, sample_ids: Iterable[int]) -> dict[str, int]:
        """How many bodies of a set were made of others how, by ``Conversion``'s words."""
        return dict(self._connection.execute(_CONVERSIONS, (set_id, id_list(sample_ids))))

    def has_fits(self) -> bool:
        """Whether any fit came from a file whose rows are known."""
        return bool(self._connection.scalar(_HAS_FITS))

    def files_of(self, sample_ids: Iterable[int]) -> list[BodyFile]:
        """The files that fits of samples came from, the oldest first."""
        rows = self._connection.rows(_FILES_OF_FITS, (id_list(sample_ids),))
        return [_file_from(row, "") for row in rows]

    def entries(self, file_id: int) -> Iterator[tuple[int, int, int | None, bytes]]:
        """Every row of a file in its order: position, number, sample, and the row as it stood."""
        last = -1
        for position, number, sample_id, packed in self._connection.each(_ENTRIES, (file_id,)):
            if position != last:
                yield position, number, sample_id, _unpacked(packed, number)
            last = position

    def _update(self, number: int, row: Row) -> None:
        assigned = ", ".join(f"{name} = :{name}" for name in row)
        update = f"UPDATE imported_bodies SET {assigned} WHERE id = :id"  # noqa: S608 - own names
        self._connection.execute(update, {**row, "id": number})


def forget_unused_files(connection: Connection) -> None:
    """Delete the files that no fit and no prediction comes from; the caller holds the transaction.

    Those of people who were removed, and may be put back, stay.
    """
    unused = [number for (number,) in connection.execute(_UNUSED_FILES)]
    among = "(SELECT value FROM json_each(?))"
    connection.execute(f"DELETE FROM imported_bodies WHERE file_id IN {among}", (id_list(unused),))  # noqa: S608
    connection.execute(f"DELETE FROM body_files WHERE id IN {among}", (id_list(unused),))  # noqa: S608


def _row_of(file_id: int, new: NewImportedBody, sample_id: int | None) -> Row:
    body = new.body
    return {
        "file_id": int(file_id),
        "position": int(new.position),
        "sample_id": None if sample_id is None else int(sample_id),
        "entry": zlib.compress(new.entry, _PACKED_LIGHTLY),
        "body_name": "" if body is None else body.body_name,
        "gender": "" if body is None else body.gender,
        "betas": None if body is None else np.asarray(body.betas, _STORED_BETAS).tobytes(),
        "pose_axis_angle": None if body is None else to_blob(body.pose_axis_angle),
        "camera_translation": None if body is None else to_blob(body.camera_translation),
        "conversion": "" if body is None else str(body.conversion),
        "conversion_error_mm": None if body is None else body.conversion_error_mm,
    }


def _body_from(row: Row) -> ImportedBody:
    return ImportedBody(
        id=row["id"],
        file=_file_from(row, "file_"),
        position=row["position"],
        sample_id=row["sample_id"],
        body=_as_it_came(row),
    )


def _as_it_came(row: Row) -> BodyAsItCame:
    what = f"imported body {row['id']}"

    def column(name: str, width: int) -> FloatArray:
        return from_blob(row[name], (width,), what=f"{name} of {what}")

    return BodyAsItCame(
        body_name=row["body_name"],
        gender=row["gender"],
        betas=_betas_from(row["betas"], what),
        pose_axis_angle=column("pose_axis_angle", 3 * NUM_JOINTS),
        camera_translation=column("camera_translation", 3),
        conversion=word_of(Conversion, row["conversion"], column="conversion"),
        conversion_error_mm=row["conversion_error_mm"],
    )


def _file_from(row: Row, prefix: str) -> BodyFile:
    return BodyFile(
        id=row[f"{prefix}id"],
        at=row[f"{prefix}at"],
        author=row[f"{prefix}author"],
        method=row[f"{prefix}method"],
        path=row[f"{prefix}path"],
        file_format=row["file_format" if prefix else "format"],
        heading=row[f"{prefix}heading"],
        options=row[f"{prefix}options"],
    )


def _betas_from(blob: bytes, what: str) -> NDArray[np.float64]:
    count = len(blob) // _STORED_BETAS.itemsize
    if len(blob) != count * _STORED_BETAS.itemsize:
        raise DictionaryError(
            f"The stored betas of {what} have {len(blob)} bytes, expected a multiple of "
            f"{_STORED_BETAS.itemsize}.",
            remedy=REMEDY_CHANGED,
        )
    return np.frombuffer(blob, _STORED_BETAS).astype(np.float64)


def _unpacked(packed: bytes, number: int) -> bytes:
    def error_of(error: Exception) -> DictionaryError:
        return DictionaryError(
            f"The row of imported body {number} cannot be read ({reason_of(error)}).",
            remedy=REMEDY_CHANGED,
        )

    with foreign_content(error_of):
        return zlib.decompress(packed)
