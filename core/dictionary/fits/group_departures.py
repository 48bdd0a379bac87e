"""Verdicts that take a sample out of its moment, or put it back.

One rejected body among others that stand shows that its picture is not of the moment, or shows
another person: the sample is left out of the group's fits until it gets another verdict or is put
back by hand. Where all bodies of a moment are rejected, the body is wrong and not the group.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list

_FOLLOW_VERDICT = """
UPDATE group_members SET left_out = (
    SELECT coalesce(current_verdict = 'rejected', 0) FROM samples WHERE samples.id = sample_id)
WHERE moment_id IS NOT NULL AND sample_id IN (SELECT value FROM json_each(:ids))"""

_NONE_LEFT = """
UPDATE group_members SET left_out = 0 WHERE moment_id IN (
    SELECT moment_id FROM group_members WHERE moment_id IN (
        SELECT moment_id FROM group_members WHERE sample_id IN (SELECT value FROM json_each(:ids)))
    GROUP BY moment_id HAVING min(left_out) = 1)"""


def follow_verdicts(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Let samples leave or join their moments by the verdicts on their current fits.

    The caller holds the transaction, and has stored the verdicts.
    """
    parameters = {"ids": id_list(sample_ids)}
    connection.execute(_FOLLOW_VERDICT, parameters)
    connection.execute(_NONE_LEFT, parameters)
