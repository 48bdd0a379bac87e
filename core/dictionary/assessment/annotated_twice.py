"""The flag of people who are in one picture twice, as far as their joints tell.

Both supervise a training, and both are reviewed. It is derived for a whole picture in the
transaction that changes any of its people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from core.body.compared_keypoints.same_person import joint_distances
from core.dictionary.storage.blobs import from_blob
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import text_list
from core.types.arrays import NUM_KEYPOINTS, FloatArray
from core.types.flags import FlagName

LIMIT = 0.05
"""Median distance of shared joints over the person's extent; two people are farther apart."""

MAX_PEOPLE = 500
"""Pictures with more people are crowds, hardly ever annotated by joints; they are not looked at."""

_PICTURES_AT_ONCE = 1000

_FORGET = """
DELETE FROM flags WHERE name = ? AND sample_id IN
    (SELECT id FROM samples WHERE picture_path IN (SELECT value FROM json_each(?)))"""
_PEOPLE = f"""
SELECT samples.id, name, dataset, picture_path, keypoints_px
FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE visible_keypoints > 0 AND picture_path IN (
    SELECT picture_path FROM samples
    WHERE picture_path IN (SELECT value FROM json_each(?)) AND visible_keypoints > 0
    GROUP BY picture_path HAVING count(*) BETWEEN 2 AND {MAX_PEOPLE})
ORDER BY picture_path, samples.id"""  # noqa: S608 - own number


def derive_twice_flags(connection: Connection, picture_paths: Iterable[str]) -> None:
    """Make the flags of all people of pictures (stored paths); the caller holds the transaction."""
    paths = list(picture_paths)
    for first in range(0, len(paths), _PICTURES_AT_ONCE):
        some = text_list(paths[first : first + _PICTURES_AT_ONCE])
        connection.execute(_FORGET, (str(FlagName.ANNOTATED_TWICE), some))
        connection.execute_many(
            "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, ?)",
            _flags(connection.rows(_PEOPLE, (some,))),
        )


def picture_of(connection: Connection, sample_id: int) -> str:
    """The stored path of a sample's picture."""
    return str(
        connection.scalar("SELECT picture_path FROM samples WHERE id = ?", (int(sample_id),))
    )


def _flags(people: list[Row]) -> list[tuple[str, int, float, str]]:
    """Rows of ``flags`` of people, those of a picture one after the other."""
    keypoints = np.array(
        [
            from_blob(row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints of {row['id']}")
            for row in people
        ]
    ).reshape(-1, NUM_KEYPOINTS, 3)
    pictures = np.array([row["picture_path"] for row in people])
    starts = np.flatnonzero(np.r_[True, pictures[1:] != pictures[:-1]]) if people else ()
    found = []
    for rows in _near_pictures(keypoints, [*map(int, starts), len(people)]):
        found += _flags_of_picture(people[rows], keypoints[rows])
    return found


def _near_pictures(keypoints_px: FloatArray, bounds: Sequence[int]) -> Iterator[slice]:
    """The pictures in which any two people are so near that one of them may be there twice.

    Half of the shared joints of such two lie within ``LIMIT`` of a size, so their boxes do, too.
    """
    seen = keypoints_px[..., 2:] > 0
    low = np.where(seen, keypoints_px[..., :2], np.inf).min(axis=1)
    high = np.where(seen, keypoints_px[..., :2], -np.inf).max(axis=1)
    size = (high - low).max(axis=1)
    for first, end in pairwise(bounds):
        rows = slice(first, end)
        gap = (low[rows, None] - high[None, rows]).max(axis=2)
        near = np.maximum(gap, gap.T) <= LIMIT * np.maximum(size[rows, None], size[None, rows])
        if near.sum() > end - first:  # each is near itself
            yield rows


def _flags_of_picture(
    people: Sequence[Row], keypoints_px: FloatArray
) -> list[tuple[str, int, float, str]]:
    distances = joint_distances(keypoints_px, keypoints_px)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    return [
        (
            str(FlagName.ANNOTATED_TWICE),
            people[row]["id"],
            float(1 - distances[row, other] / LIMIT),
            _reason(people[row], people[other]),
        )
        for row, other in enumerate(nearest)
        if distances[row, other] < LIMIT
    ]


def _reason(person: Row, other: Row) -> str:
    where = "" if other["dataset"] == person["dataset"] else f" of {other['dataset']}"
    return f"its joints lie on those of {other['name']}{where} (sample {other['id']})"
