"""What the program suspected of fits when people judged them.

Flags belong to current fits and go when those are replaced, and it is rejected fits that are.
"""

from __future__ import annotations

from collections.abc import Collection

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list

_NOTE_CURRENT = """
INSERT INTO judged_fits (fit_id, sample_id, suspicion, flag_names)
SELECT current_fit_id, id, suspicion,
    (SELECT json_group_array(name) FROM flags WHERE sample_id = samples.id)
FROM samples WHERE current_fit_id IN (SELECT value FROM json_each(?))
ON CONFLICT (fit_id) DO UPDATE
SET suspicion = excluded.suspicion, flag_names = excluded.flag_names"""

_NOTE_OTHERS = """
INSERT OR IGNORE INTO judged_fits (fit_id, sample_id)
SELECT id, sample_id FROM fits WHERE id IN (SELECT value FROM json_each(?))"""


def note_suspicions(connection: Connection, fit_ids: Collection[int]) -> None:
    """Keep suspicion and flags of fits that are being judged; the caller holds the transaction.

    Of a fit that is no longer current nothing more is known than what was noted before.
    """
    if fit_ids:
        listed = (id_list(fit_ids),)
        connection.execute(_NOTE_CURRENT, listed)
        connection.execute(_NOTE_OTHERS, listed)
