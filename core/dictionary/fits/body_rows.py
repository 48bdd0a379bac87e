"""Every table that holds bodies, read and written page by page: for moving to another body.

Rows of people who were removed are among them, so that they fit when they are put back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dictionary.storage.blobs import from_blob, parameters_from_row, to_blob
from core.dictionary.storage.checksums import REMOVED
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.types.arrays import NUM_BETAS, NUM_JOINTS, FloatArray
from core.types.bodies import BodyParameters
from core.types.limits import is_valid_shape

FITS = "fits"
_COLUMNS = (("pose_axis_angle", 3 * NUM_JOINTS), ("betas", NUM_BETAS), ("camera_translation", 3))


@dataclass(frozen=True)
class BodyTable:
    """A table with bodies.

    keys: its primary key. prefix: of the columns of the body. has_numbers: whether it repeats what
    lists sort by, ``max_abs_beta`` among it. has_sources: whether its rows may be other methods'
    bodies, as they came.
    """

    name: str
    keys: tuple[str, ...]
    prefix: str = ""
    has_numbers: bool = False
    has_sources: bool = False
    removed: bool = False

    @property
    def of_removed(self) -> BodyTable:
        """The table of the rows that were removed from this one."""
        return BodyTable(
            f"{REMOVED}{self.name}",
            self.keys,
            self.prefix,
            has_numbers=self.has_numbers,
            has_sources=self.has_sources,
            removed=True,
        )


_IN_USE = (
    BodyTable(FITS, ("id",), has_numbers=True, has_sources=True),
    BodyTable("predictions", ("sample_id",)),
    BodyTable("set_predictions", ("set_id", "sample_id"), has_sources=True),
    BodyTable("known_cases", ("sample_id",)),
    BodyTable("made_errors", ("id",), has_numbers=True),
    BodyTable("annotations", ("sample_id",), prefix="true_"),
)

BODY_TABLES = (*_IN_USE, *(table.of_removed for table in _IN_USE))


@dataclass(frozen=True, eq=False)
class BodyPage:
    """N rows of a table.

    keys: N keys. sample_ids, imported_body_ids: N. pose_axis_angle: (N, 72). betas: (N, 10).
    camera_translation: (N, 3).
    """

    table: BodyTable
    keys: Sequence[tuple[int, ...]]
    sample_ids: Sequence[int]
    imported_body_ids: Sequence[int | None]
    pose_axis_angle: FloatArray
    betas: FloatArray
    camera_translation: FloatArray

    def __len__(self) -> int:
        return len(self.keys)


class BodyRows:
    """The bodies of one opened dictionary, all of them; reached as ``dictionary.body_rows``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        """How many bodies there are, in all tables."""
        return sum(
            int(
                self._connection.scalar(
                    f"SELECT count({table.prefix}pose_axis_angle) FROM {table.name}"  # noqa: S608
                )
            )
            for table in BODY_TABLES
        )

    def pages(self, table: BodyTable, size: int) -> Iterator[BodyPage]:
        """The rows that hold a body, in the order of their keys."""
        keys = ", ".join(table.keys)
        columns = ", ".join(f"{table.prefix}{name} AS {name}" for name, _ in _COLUMNS)
        source = "imported_body_id" if table.has_sources else "NULL AS imported_body_id"
        after = ", ".join("?" for _ in table.keys)
        select = (
            f"SELECT {keys}, sample_id, {source}, {columns} FROM {table.name} "  # noqa: S608
            f"WHERE {table.prefix}pose_axis_angle IS NOT NULL AND ({keys}) > ({after}) "
            f"ORDER BY {keys} LIMIT {int(size)}"
        )
        last: tuple[int, ...] = (-1,) * len(table.keys)
        while rows := self._connection.rows(select, last):
            yield _page(table, rows)
            last = tuple(rows[-1][key] for key in table.keys)

    def of_samples(
        self, table: str, sample_ids: Iterable[int]
    ) -> list[tuple[int, int, BodyParameters]]:
        """Number, sample and body of each row of a table with numbers, in their order."""
        select = (
            f"SELECT id, sample_id, crop_camera, {', '.join(name for name, _ in _COLUMNS)} "  # noqa: S608
            f"FROM {table} WHERE sample_id IN (SELECT value FROM json_each(?)) ORDER BY id"
        )
        return [
            (row["id"], row["sample_id"], parameters_from_row(row, what=f"{table} {row['id']}"))
            for row in self._connection.rows(select, (id_list(sample_ids),))
        ]

    def write(
        self,
        page: BodyPage,
        *,
        pose_axis_angle: NDArray[np.floating],
        betas: NDArray[np.floating],
        camera_translation: NDArray[np.floating],
    ) -> None:
        """Other bodies for the rows of a page; the caller holds the transaction.

        Losses stay what they are: they have to be measured again.
        """
        table = page.table
        names = [f"{table.prefix}{name}" for name, _ in _COLUMNS]
        values: list[Sequence[object]] = [
            [to_blob(row) for row in part] for part in (pose_axis_angle, betas, camera_translation)
        ]
        if table.has_numbers:
            largest = np.abs(betas).max(axis=1).astype(np.float32)
            names += ["max_abs_beta", "shape_valid", "depth_m"]
            values += [
                [float(beta) for beta in largest],
                [int(is_valid_shape(float(beta))) for beta in largest],
                [float(depth) for depth in np.asarray(camera_translation, np.float32)[:, 2]],
            ]
        assigned = ", ".join(f"{name} = ?" for name in names)
        is_row = " AND ".join(f"{key} = ?" for key in table.keys)
        update = f"UPDATE {table.name} SET {assigned} WHERE {is_row}"  # noqa: S608 - own names
        self._connection.execute_many(
            update, [(*row, *key) for *row, key in zip(*values, page.keys, strict=True)]
        )


def _page(table: BodyTable, rows: Sequence[Row]) -> BodyPage:
    what = f"body of {table.name}"
    poses, betas, places = (
        np.stack([from_blob(row[name], (width,), what=f"{name} of a {what}") for row in rows])
        for name, width in _COLUMNS
    )
    return BodyPage(
        table,
        [tuple(int(row[key]) for key in table.keys) for row in rows],
        [int(row["sample_id"]) for row in rows],
        [row["imported_body_id"] for row in rows],
        poses,
        betas,
        places,
    )
