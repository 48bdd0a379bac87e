"""Taking back what a run did: its fits stop being current, and stay in the history."""

from __future__ import annotations

from core.dictionary.clock import PROGRAM_AUTHOR
from core.dictionary.connection import Connection
from core.dictionary.events import CURRENT_FIT
from core.dictionary.fits import set_current

_DISPLACED = """
SELECT samples.id, (
    SELECT events.before FROM events LEFT JOIN fits AS previous
        ON previous.id = CAST(events.before AS INTEGER)
    WHERE events.sample_id = samples.id AND events.what = :what AND events.fit_id IN
        (SELECT id FROM fits WHERE run_id = :run AND iteration > :after
            AND sample_id = samples.id)
        AND NOT (previous.run_id IS :run AND previous.iteration > :after)
    ORDER BY events.id DESC LIMIT 1)
FROM samples JOIN fits AS current ON current.id = samples.current_fit_id
WHERE current.run_id = :run AND current.iteration > :after AND current.verdict = 'none'"""


def withdraw_run(connection: Connection, run_id: int, *, after_iteration: int) -> int:
    """Put back, in one transaction, the fits that a run's later iterations displaced.

    Fits that a person gave a verdict stay: the verdict was on them.

    Returns:
        For how many samples.
    """
    with connection.writing():
        displaced = connection.execute(
            _DISPLACED, {"run": run_id, "after": after_iteration, "what": CURRENT_FIT}
        )
        for sample_id, before in displaced:
            previous = None if before is None else int(before)
            set_current(connection, sample_id, previous, author=PROGRAM_AUTHOR)
    return len(displaced)
