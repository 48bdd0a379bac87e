"""The flag of people whose left and right the detector sees the other way round.

It is derived in the transaction that changes the keypoints or what the detector measured.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from core.body.compared_keypoints.exchanged_sides import side_contradiction
from core.dictionary.storage.blobs import from_blob
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.types.arrays import NUM_KEYPOINTS
from core.types.detected_landmarks import NUM_LANDMARKS
from core.types.flags import FlagName

LIMIT = 0.25
"""Of ``side_contradiction``, above which a person is flagged (docs/flags.md, "Sides exchanged")."""

_FORGET = """
DELETE FROM flags WHERE name = ? AND sample_id IN (SELECT value FROM json_each(?))"""
_MEASURED = """
SELECT samples.id, keypoints_px, landmarks_px
FROM samples JOIN annotations ON annotations.sample_id = samples.id
JOIN detections ON detections.sample_id = samples.id
WHERE landmarks_px IS NOT NULL AND samples.id IN (SELECT value FROM json_each(?))"""
_BY_DATASET = """
SELECT dataset, COUNT(*), SUM(EXISTS
    (SELECT 1 FROM flags WHERE flags.sample_id = samples.id AND flags.name = ?))
FROM samples JOIN detections ON detections.sample_id = samples.id
WHERE landmarks_px IS NOT NULL GROUP BY dataset ORDER BY dataset"""

_ANY_FLAG = "SELECT EXISTS (SELECT 1 FROM flags WHERE name = ?)"

_REASON = "the detector sees left and right the other way round"
_ROWS_AT_ONCE = 1000


def derive_side_flags(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Make the flags of samples again; the caller holds the transaction."""
    ids = list(sample_ids)
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        _derive(connection, ids[start : start + _ROWS_AT_ONCE])


def flagged_by_dataset(connection: Connection) -> dict[str, tuple[int, int]]:
    """How many people bear the flag, and how many the detector saw, by data set.

    Empty where there is no such flag: the table of detections is large.
    """
    if not connection.scalar(_ANY_FLAG, (FlagName.SIDES_EXCHANGED,)):
        return {}
    rows = connection.execute(_BY_DATASET, (FlagName.SIDES_EXCHANGED,))
    return {dataset: (flagged, seen) for dataset, seen, flagged in rows}


def _derive(connection: Connection, sample_ids: list[int]) -> None:
    ids = id_list(sample_ids)
    connection.execute(_FORGET, (FlagName.SIDES_EXCHANGED, ids))
    rows = connection.rows(_MEASURED, (ids,))
    if not rows:
        return
    keypoints, landmarks = (
        np.stack([from_blob(row[name], (count, 3), what=f"{name} of {row['id']}") for row in rows])
        for name, count in (("keypoints_px", NUM_KEYPOINTS), ("landmarks_px", NUM_LANDMARKS))
    )
    contradictions = side_contradiction(keypoints, landmarks)
    connection.execute_many(
        "INSERT INTO flags (name, sample_id, score, reason) VALUES (?, ?, ?, ?)",
        [
            (FlagName.SIDES_EXCHANGED, row["id"], float(score), _REASON)
            for row, score in zip(rows, contradictions, strict=True)
            if score > LIMIT
        ],
    )
