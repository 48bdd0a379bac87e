"""What correcting each keypoint of a person would gain, as part of the assessment of a fit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.dictionary.storage.blobs import from_blob, to_blob
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.types.arrays import NUM_KEYPOINTS, FloatArray, check_shape

_FORGET = "DELETE FROM touch_gains WHERE sample_id IN (SELECT value FROM json_each(?))"
_STORE = "INSERT INTO touch_gains (sample_id, gains_mm) VALUES (?, ?)"
_ASK_AGAIN = """
UPDATE samples SET assessed_at = NULL
WHERE assessed_at IS NOT NULL AND current_fit_id IS NOT NULL
    AND id NOT IN (SELECT sample_id FROM touch_gains)
RETURNING id"""


def best_touch(gains_mm: FloatArray | None) -> dict[str, object]:
    """``touch_gain_mm`` and ``touch_keypoint`` of a sample, None where nothing can be corrected."""
    if gains_mm is None or not np.isfinite(gains_mm).any():
        return {"touch_gain_mm": None, "touch_keypoint": None}
    best = int(np.nanargmax(gains_mm))
    return {"touch_gain_mm": float(gains_mm[best]), "touch_keypoint": best}


def store_touch_gains(connection: Connection, gains_mm: Mapping[int, FloatArray | None]) -> None:
    """Store the gains ``(49,)`` of samples, None where none are known, in the transaction."""
    forget_touch_gains(connection, id_list(gains_mm))
    known = {sample_id: gains for sample_id, gains in gains_mm.items() if gains is not None}
    for gains in known.values():
        check_shape("touch_gains_mm", gains, (NUM_KEYPOINTS,))
    connection.execute_many(
        _STORE, [(sample_id, to_blob(gains)) for sample_id, gains in known.items()]
    )


def touch_gains_of(connection: Connection, sample_id: int) -> FloatArray | None:
    """The gains ``(49,)`` of a sample; None where none are known."""
    blob = connection.scalar("SELECT gains_mm FROM touch_gains WHERE sample_id = ?", (sample_id,))
    if blob is None:
        return None
    return from_blob(blob, (NUM_KEYPOINTS,), what=f"gains of touches of sample {sample_id}")


def forget_touch_gains(connection: Connection, ids: str) -> None:
    """Take back the gains of samples, ids as JSON; the caller holds the transaction."""
    connection.execute(_FORGET, (ids,))


def ask_for_touch_gains(connection: Connection) -> int:
    """Make assessments without gains due again; how many. The caller holds the transaction.

    What they say of the fits stays until they are made again.
    """
    return len(connection.execute(_ASK_AGAIN))
