"""The flag of people who are in one picture twice, as far as their joints tell.

Both supervise a training, and both are reviewed. It is derived for a whole picture in the
transaction that changes any of its people.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.body.compared_keypoints.same_person import joint_distances
from core.dictionary.storage.blobs import from_blob
from core.dictionary.storage.connection import Connection, Row
from core.types.arrays import NUM_KEYPOINTS
from core.types.flags import FlagName

LIMIT = 0.05
"""Median distance of shared joints over the person's extent; two people are farther apart."""

MAX_PEOPLE = 500
"""Pictures with more people are crowds, hardly ever annotated by joints; they are not looked at."""

_FORGET = """
DELETE FROM flags WHERE name = ? AND sample_id IN
    (SELECT id FROM samples WHERE picture_path = ?)"""
_PEOPLE = """
SELECT samples.id, name, dataset, keypoints_px
FROM samples JOIN annotations ON annotations.sample_id = samples.id
WHERE picture_path = ? AND visible_keypoints > 0 ORDER BY samples.id LIMIT ?"""


def derive_twice_flags(connection: Connection, picture_paths: Iterable[str]) -> None:
    """Make the flags of all people of pictures (stored paths); the caller holds the transaction."""
    for path in picture_paths:
        connection.execute(_FORGET, (FlagName.ANNOTATED_TWICE, path))
        people = connection.rows(_PEOPLE, (path, MAX_PEOPLE + 1))
        if 1 < len(people) <= MAX_PEOPLE:
            connection.execute_many(
                "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, ?)",
                _flags(people),
            )


def picture_of(connection: Connection, sample_id: int) -> str:
    """The stored path of a sample's picture."""
    return str(
        connection.scalar("SELECT picture_path FROM samples WHERE id = ?", (int(sample_id),))
    )


def _flags(people: list[Row]) -> list[tuple[str, int, float, str]]:
    keypoints = np.stack(
        [
            from_blob(row["keypoints_px"], (NUM_KEYPOINTS, 3), what=f"keypoints of {row['id']}")
            for row in people
        ]
    )
    distances = joint_distances(keypoints, keypoints)
    np.fill_diagonal(distances, np.inf)
    nearest = distances.argmin(axis=1)
    return [
        (
            FlagName.ANNOTATED_TWICE,
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
