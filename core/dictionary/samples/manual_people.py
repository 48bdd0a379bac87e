"""People drawn by hand into a picture: adding them, and taking them out again.

Undo takes a person who was just drawn out again, and what belongs to them is handed back row by
row, so that a redo finds every fit, verdict and event under its old id. ``taking_back`` removes
anybody, and keeps what it removes in the dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.dictionary.assessment.annotated_twice import derive_twice_flags
from core.dictionary.assessment.derived_flags import derive_keypoint_flags
from core.dictionary.assessment.label_checks import forget_label_checks
from core.dictionary.samples.edit_events import box_json
from core.dictionary.storage.blobs import to_blob
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.events import SAMPLE, log_events
from core.dictionary.storage.ids import check_all_found
from core.dictionary.storage.logged_edits import log_edits, log_removal
from core.dictionary.storage.picture_paths import PicturePaths
from core.dictionary.storage.schema.removed_tables import owned_tables
from core.errors import DictionaryError
from core.geometry.boxes import BOX_SCALE_PX, Box
from core.types.arrays import NUM_KEYPOINTS
from core.types.events import Event

PERSON_KEY = "drawn"

_SHARED = ("picture_path", "picture_width_px", "picture_height_px", "dataset")
"""What people of one picture have in common."""

_DRAW = """
INSERT INTO samples (
    name, picture_path, picture_width_px, picture_height_px, dataset, person_key,
    box_center_x_px, box_center_y_px, box_scale, visible_keypoints, usable_keypoints, imported_at,
    drawn_by
) VALUES (
    :name, :picture_path, :picture_width_px, :picture_height_px, :dataset, :person_key,
    :center_x, :center_y, :scale, 0, 0, :now, :author
) RETURNING id"""

_IN_PICTURE = """
SELECT others.id FROM samples JOIN samples AS others
    ON others.picture_path = samples.picture_path WHERE samples.id = ? ORDER BY others.id"""


@dataclass(frozen=True)
class RemovedSample:
    """Every row of a removed person, by table; ``samples`` has one."""

    sample_id: int
    rows: Mapping[str, tuple[Row, ...]]


class ManualPeople:
    """The people drawn by hand of one opened dictionary; reached as ``dictionary.manual_people``.

    Every method that writes is one transaction.
    """

    def __init__(self, connection: Connection, pictures: PicturePaths) -> None:
        self._connection, self._pictures = connection, pictures

    def in_picture(self, sample_id: int) -> list[int]:
        """The ids of all samples of a sample's picture, itself included, in their order.

        The picture is one whatever its data set.
        """
        rows = self._connection.execute(_IN_PICTURE, (sample_id,))
        return [int(one) for (one,) in rows]

    def draw(self, like_sample_id: int, box: Box, *, author: str | None = None) -> int:
        """Add a person, without keypoints yet, to the picture of another sample; returns the id.

        Raises:
            NoSuchRecordError: the other sample does not exist.
        """
        with self._connection.writing():
            like = self._row(like_sample_id)
            picture_name = like["name"].removesuffix(f" · {like['person_key']}")
            shared = {name: like[name] for name in _SHARED}
            return self._draw(shared, picture_name, box, author or self._connection.author)

    def draw_in(
        self,
        picture: Path,
        size_px: tuple[int, int],
        box: Box,
        *,
        dataset: str,
        author: str | None = None,
    ) -> int:
        """Add a person, without keypoints yet, to a picture of any kind; returns the id.

        A camera that is stored for the picture is the person's.

        Args:
            picture: full path; the project may show other people in it, or none.
            size_px: its upright width and height.
            box: about the person.
            dataset: name that the sample gets.
            author: the user, by default.
        """
        shared = {
            "picture_path": self._pictures.stored(picture),
            "picture_width_px": size_px[0],
            "picture_height_px": size_px[1],
            "dataset": dataset,
        }
        with self._connection.writing():
            return self._draw(shared, picture.name, box, author or self._connection.author)

    def remove(self, sample_id: int) -> RemovedSample:
        """Take a person drawn by hand out again, with every row that belongs to it.

        Raises:
            NoSuchRecordError: the sample does not exist.
            DictionaryError: the sample was imported; ``dictionary.removals`` removes those.
        """
        with self._connection.writing():
            sample = self._row(sample_id)
            if sample["drawn_by"] is None:
                raise DictionaryError(
                    f"Sample {sample_id} was imported; drawing it cannot be undone.",
                    remedy="Remove it from the project: Edit ▸ Remove from the project.",
                )
            rows: dict[str, tuple[Row, ...]] = {"samples": (sample,)}
            for table in owned_tables(self._connection.execute):
                select = f"SELECT * FROM {table.name} WHERE {table.key} = ?"  # noqa: S608 - own
                rows[table.name] = tuple(self._connection.rows(select, (sample_id,)))
            log_removal(self._connection, sample_id, at=utc_now(), author=self._connection.author)
            self._connection.execute("DELETE FROM samples WHERE id = ?", (sample_id,))
            derive_twice_flags(self._connection, [sample["picture_path"]])
            forget_label_checks(self._connection, [sample["picture_path"]])
        return RemovedSample(int(sample_id), rows)

    def put_back(self, removed: RemovedSample) -> None:
        """The inverse of ``remove``: every row as it was, under the same ids."""
        with self._connection.writing():
            sample = removed.rows["samples"][0]
            # Rows point to others that come after them.
            self._connection.execute("PRAGMA defer_foreign_keys = ON")
            for table, rows in removed.rows.items():
                if rows:
                    self._connection.insert_all(table, rows)
            derive_twice_flags(self._connection, [sample["picture_path"]])
            forget_label_checks(self._connection, [sample["picture_path"]])
            drawn = _drawn(removed.sample_id, _box_of(sample), self._connection.author)
            log_edits(self._connection, [drawn])

    def _row(self, sample_id: int) -> Row:
        rows = self._connection.rows("SELECT * FROM samples WHERE id = ?", (sample_id,))
        check_all_found("sample", [sample_id], [row["id"] for row in rows])
        return rows[0]

    def _draw(self, shared: Row, picture_name: str, box: Box, author: str) -> int:
        """``shared``: values of the columns ``_SHARED``; the caller holds the transaction."""
        key = _free_key(self._connection, shared)
        drawn = {
            **shared,
            "name": f"{picture_name} · {key}",
            "person_key": key,
            "center_x": box.center_x_px,
            "center_y": box.center_y_px,
            "scale": box.side_px / BOX_SCALE_PX,
            "now": utc_now(),
            "author": author,
        }
        sample_id = int(self._connection.scalar(_DRAW, drawn))
        nothing = to_blob(np.zeros((NUM_KEYPOINTS, 3), dtype=np.float32))
        self._connection.execute(
            "INSERT INTO annotations (sample_id, keypoints_px) VALUES (?, ?)", (sample_id, nothing)
        )
        derive_keypoint_flags(self._connection, [sample_id])
        log_events(self._connection, [_drawn(sample_id, box, author)])
        return sample_id


def _drawn(sample_id: int, box: Box, author: str) -> Event:
    return Event(
        at=utc_now(),
        author=author,
        sample_id=sample_id,
        fit_id=None,
        what=SAMPLE,
        before=None,
        after=box_json(box),
    )


def _box_of(sample: Row) -> Box:
    side_px = BOX_SCALE_PX * sample["box_scale"]
    return Box(sample["box_center_x_px"], sample["box_center_y_px"], side_px)


def _free_key(connection: Connection, like: Row) -> str:
    """``drawn 1``, ``drawn 2``, …: the first that no person of the picture bears."""
    taken = {
        key
        for (key,) in connection.execute(
            "SELECT person_key FROM samples WHERE picture_path = ? AND dataset = ?",
            (like["picture_path"], like["dataset"]),
        )
    }
    number = 1
    while f"{PERSON_KEY} {number}" in taken:
        number += 1
    return f"{PERSON_KEY} {number}"
