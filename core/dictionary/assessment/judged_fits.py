"""What the program suspected of fits when people judged them, or began to correct them.

Flags belong to current fits and go when those are replaced, and it is rejected and corrected fits
that are.
"""

from __future__ import annotations

from collections.abc import Collection

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list

_CURRENT = """
INTO judged_fits (fit_id, sample_id, suspicion, flag_names)
SELECT current_fit_id, id, suspicion,
    (SELECT json_group_array(name) FROM flags WHERE sample_id = samples.id)
FROM samples"""
_NOTE_CURRENT = f"""
INSERT {_CURRENT} WHERE current_fit_id IN (SELECT value FROM json_each(?))
ON CONFLICT (fit_id) DO UPDATE
SET suspicion = excluded.suspicion, flag_names = excluded.flag_names"""  # noqa: S608 - own words

# The first correction counts: after it, the program has looked again.
_NOTE_CORRECTED = f"""
INSERT OR IGNORE {_CURRENT} WHERE id = ? AND current_fit_id IS NOT NULL"""

_NOTE_OTHERS = """
INSERT OR IGNORE INTO judged_fits (fit_id, sample_id)
SELECT id, sample_id FROM fits WHERE id IN (SELECT value FROM json_each(?))"""


def note_before_correction(connection: Connection, sample_id: int) -> None:
    """Keep suspicion and flags of the fit that a person is about to correct.

    The caller holds the transaction, and has changed nothing yet. What was noted of it before
    stays.
    """
    connection.execute(_NOTE_CORRECTED, (sample_id,))


def note_suspicions(connection: Connection, fit_ids: Collection[int]) -> None:
    """Keep suspicion and flags of fits that are being judged; the caller holds the transaction.

    Of a fit that is no longer current nothing more is known than what was noted before.
    """
    if fit_ids:
        listed = (id_list(fit_ids),)
        connection.execute(_NOTE_CURRENT, listed)
        connection.execute(_NOTE_OTHERS, listed)
