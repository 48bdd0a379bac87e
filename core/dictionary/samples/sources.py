"""What imported annotation files held: stored with their samples, read back for an export."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from core.dictionary.storage.blobs import from_blob, to_blob
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.picture_paths import PicturePaths
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.samples import NewSample
from core.types.sources import SourceDocument, SourceEntry, SourcePicture

_ADD_PICTURE = """
INSERT INTO source_pictures (document_id, picture_path, image_id, file_name, entry, import_id)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (picture_path, document_id, image_id) DO NOTHING"""

_ADD_ENTRY = """
INSERT INTO source_entries (
    document_id, picture_id, sample_id, position, refused, entry,
    box_center_x_px, box_center_y_px, box_scale, import_id
) VALUES (
    :document_id, :picture_id, :sample_id, :position, :refused, :entry,
    :box_center_x_px, :box_center_y_px, :box_scale, :import_id
) ON CONFLICT (sample_id) DO NOTHING"""

_IS_KNOWN = """
SELECT 1 FROM source_entries
WHERE picture_id = :picture_id AND document_id = :document_id AND entry = :entry"""

_EARLIER_PEOPLE = """
SELECT id, entry FROM source_entries WHERE picture_id = :picture_id
    AND document_id = :document_id AND id <= :newest AND sample_id IS NOT NULL"""

_EARLIER_REFUSED = """
SELECT id, entry FROM source_entries WHERE picture_id = :picture_id
    AND document_id = :document_id AND id <= :newest AND refused = 1"""

_KNOWN_SAMPLE = """
SELECT samples.id FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE picture_path = ? AND dataset = ? AND person_key = ?
    AND coalesce(imported_keypoints_px, keypoints_px) = ?"""

_ENTRIES = """
SELECT document_id, picture_id, position, refused, entry, sample_id,
    box_center_x_px, box_center_y_px, box_scale
FROM source_entries WHERE {} ORDER BY document_id, position, id"""


@dataclass(frozen=True, kw_only=True)
class StoredEntry:
    """An entry of a file. sample_id, box: what became of it, and the box as it was imported."""

    document_id: int
    picture_id: int
    position: int
    text: str
    refused: bool
    sample_id: int | None
    box: Box | None


@dataclass(frozen=True, kw_only=True)
class StoredPicture:
    """A picture of a file."""

    id: int
    document_id: int
    picture: SourcePicture


class Sources:
    """The imported files of one opened dictionary; reached as ``dictionary.sources``."""

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    def headings(self) -> dict[int, str]:
        """JSON of what each file holds beside pictures and entries, by number."""
        return dict(
            self._connection.execute("SELECT id, heading FROM source_documents ORDER BY id")
        )

    def pictures(self) -> list[StoredPicture]:
        """Every picture that a file lists, in the order of import."""
        rows = self._connection.execute(
            "SELECT id, document_id, picture_path, image_id, file_name, entry "
            "FROM source_pictures ORDER BY id"
        )
        return [
            StoredPicture(
                id=picture_id,
                document_id=document_id,
                picture=SourcePicture(
                    path=self._pictures.absolute(stored),
                    image_id=image_id,
                    file_name=file_name,
                    text=entry,
                ),
            )
            for picture_id, document_id, stored, image_id, file_name, entry in rows
        ]

    def of_samples(self, sample_ids: Collection[int]) -> dict[int, StoredEntry]:
        """The entries that samples were made of, by sample."""
        condition = f"sample_id IN ({','.join('?' * len(sample_ids))})"
        rows = self._connection.rows(_ENTRIES.format(condition), tuple(sample_ids))
        return {row["sample_id"]: _stored_entry(row) for row in rows}

    def without_sample(self) -> list[StoredEntry]:
        """The entries that became no sample: crowds, other categories, what was refused."""
        rows = self._connection.rows(_ENTRIES.format("sample_id IS NULL"))
        return [_stored_entry(row) for row in rows]

    def imported_keypoints(self, sample_ids: Collection[int]) -> dict[int, FloatArray]:
        """(49, 3) as imported, by sample, for those whose keypoints a person changed."""
        placeholders = ",".join("?" * len(sample_ids))
        rows = self._connection.execute(
            "SELECT sample_id, imported_keypoints_px FROM annotations "  # noqa: S608 - own marks
            f"WHERE imported_keypoints_px IS NOT NULL AND sample_id IN ({placeholders})",
            tuple(sample_ids),
        )
        return {
            sample_id: from_blob(
                blob, (NUM_KEYPOINTS, 3), what=f"imported_keypoints_px of sample {sample_id}"
            )
            for sample_id, blob in rows
        }


def store_sources(
    connection: Connection,
    document: SourceDocument,
    samples: Sequence[tuple[NewSample, int | None]],
    left_over: Iterable[SourceEntry],
    paths: PicturePaths,
    *,
    import_id: int | None,
) -> None:
    """Store a file beside its samples; the caller holds the transaction.

    What is there already stays as it is, so that a second import changes nothing. A sample of a
    project older than these tables gets its entry when its file is imported again.

    Args:
        connection: of the dictionary.
        document: of which file.
        samples: each with the id it got, None where it was there already.
        left_over: the entries that became no sample.
        paths: where pictures are.
        import_id: the import that brings it.
    """
    writer = _EntryWriter(connection, document, paths, import_id)
    for sample, sample_id in samples:
        if sample.source is not None:
            stored_id = sample_id or _known_sample(connection, sample, paths)
            if stored_id is not None:
                writer.add(sample.source, stored_id, sample)
    writer.write_new()
    for entry in left_over:
        writer.add_left_over(entry)
        writer.write_new()  # the next one may be the same


class _EntryWriter:
    """Stores entries of one file beside its heading and its pictures."""

    def __init__(
        self,
        connection: Connection,
        document: SourceDocument,
        paths: PicturePaths,
        import_id: int | None,
    ) -> None:
        self._connection, self._import_id = connection, import_id
        self._newest_before = connection.scalar("SELECT coalesce(max(id), 0) FROM source_entries")
        self._document_id = _document_id(connection, document)
        self._picture_ids = _add_pictures(
            connection, self._document_id, document.pictures, paths, import_id
        )
        self._new: list[Row] = []

    def add(self, entry: SourceEntry, sample_id: int, sample: NewSample) -> None:
        """Store what a sample was made of, with the box that came of it."""
        self._insert(
            {
                **self._row(entry),
                "sample_id": sample_id,
                "box_center_x_px": float(sample.box_center_px[0]),
                "box_center_y_px": float(sample.box_center_px[1]),
                "box_scale": float(sample.box_scale),
            }
        )

    def write_new(self) -> None:
        """Write what was added until now, in their order."""
        self._connection.execute_many(_ADD_ENTRY, self._new)
        self._new = []

    def add_left_over(self, entry: SourceEntry) -> None:
        """Store an entry that became no sample, unless it is there.

        One that was a person before its file or its picture was damaged stays that.
        """
        row = self._row(entry)
        if self._connection.scalar(_IS_KNOWN, row):
            return
        if not (entry.refused and self._with_same_id(_EARLIER_PEOPLE, row)):
            self._insert(row)

    def _row(self, entry: SourceEntry) -> Row:
        return {
            "document_id": self._document_id,
            "picture_id": self._picture_ids[entry.picture],
            "sample_id": None,
            "position": entry.position,
            "refused": int(entry.refused),
            "entry": entry.text,
            "newest": self._newest_before,
            "import_id": self._import_id,
            "box_center_x_px": None,
            "box_center_y_px": None,
            "box_scale": None,
        }

    def _insert(self, row: Row) -> None:
        """Store an entry; one that was corrected in its file takes the place of the broken one."""
        if not self._newest_before:
            self._new.append(row)  # there is none that it could take the place of
            return
        for broken in self._with_same_id(_EARLIER_REFUSED, row):
            self._connection.execute("DELETE FROM source_entries WHERE id = ?", (broken,))
        self._connection.execute(_ADD_ENTRY, row)

    def _with_same_id(self, select: str, row: Row) -> list[int]:
        """Numbers of earlier entries that the file gives the same id.

        Compared here: SQLite reads JSON of a limited depth.
        """
        found = self._connection.execute(select, row)
        given_id = _id_of(row["entry"]) if found else None
        if given_id is None:
            return []
        return [number for number, text in found if _id_of(text) == given_id]


def _id_of(text: str) -> object:
    entry = json.loads(text)
    return entry.get("id") if isinstance(entry, dict) else None


def _add_pictures(
    connection: Connection,
    document_id: int,
    pictures: Sequence[SourcePicture],
    paths: PicturePaths,
    import_id: int | None,
) -> list[int]:
    """Store pictures that are not there yet; the numbers of all, in their order."""
    stored = [paths.stored(picture.path) for picture in pictures]
    connection.execute_many(
        _ADD_PICTURE,
        (
            (document_id, path, one.image_id, one.file_name, one.text, import_id)
            for path, one in zip(stored, pictures, strict=True)
        ),
    )
    rows = connection.execute(
        "SELECT picture_path, image_id, id FROM source_pictures WHERE document_id = ?",
        (document_id,),
    )
    numbers = {(path, image_id): number for path, image_id, number in rows}
    return [numbers[path, one.image_id] for path, one in zip(stored, pictures, strict=True)]


def _document_id(connection: Connection, document: SourceDocument) -> int:
    values = (document.dataset, document.heading)
    connection.execute(
        "INSERT INTO source_documents (dataset, heading) VALUES (?, ?) "
        "ON CONFLICT (dataset, heading) DO NOTHING",
        values,
    )
    return int(
        connection.scalar(
            "SELECT id FROM source_documents WHERE dataset = ? AND heading = ?", values
        )
    )


def _known_sample(connection: Connection, sample: NewSample, paths: PicturePaths) -> int | None:
    """The sample that was imported from the very same joints before."""
    found = connection.scalar(
        _KNOWN_SAMPLE,
        (
            paths.stored(sample.picture_path),
            sample.dataset,
            sample.person_key,
            to_blob(sample.keypoints_px),
        ),
    )
    return None if found is None else int(found)


def _stored_entry(row: Row) -> StoredEntry:
    box = None
    if row["box_scale"] is not None:
        side_px = BOX_SCALE_PX * row["box_scale"]
        box = Box(row["box_center_x_px"], row["box_center_y_px"], side_px)
    return StoredEntry(
        document_id=row["document_id"],
        picture_id=row["picture_id"],
        position=row["position"],
        text=row["entry"],
        refused=bool(row["refused"]),
        sample_id=row["sample_id"],
        box=box,
    )
