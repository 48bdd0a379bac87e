"""Taking back what a run did: its fits stop being current, and stay in the history."""

from __future__ import annotations

from dataclasses import dataclass

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.fits.fit_rows import set_current
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.events import CURRENT_FIT

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

_JUDGED = """
SELECT count(*) FROM fits WHERE run_id = :run AND iteration > :after AND verdict <> 'none'"""

_FORGET_PREDICTIONS = """
DELETE FROM predictions WHERE run_id = :run AND iteration > :after RETURNING sample_id"""


@dataclass(frozen=True)
class Withdrawal:
    """What was taken back.

    samples: how many have their fit of before back. judged: fits that stay as they are, because a
    person gave a verdict on them. predictions: how many are gone; the checkpoint makes them again.
    """

    samples: int = 0
    judged: int = 0
    predictions: int = 0

    def words(self) -> str:
        """A clause for messages; empty where there was nothing to take back."""
        parts = []
        if self.samples:
            parts.append(f"later fits taken back: {self.samples}")
        if self.judged:
            parts.append(f"later fits that stay, because a person judged them: {self.judged}")
        if self.predictions:
            parts.append(f"later predictions removed: {self.predictions}")
        return ", ".join(parts)


def withdraw_run(connection: Connection, run_id: int, *, after_iteration: int) -> Withdrawal:
    """Put back, in one transaction, the fits that a run's later iterations displaced.

    Fits that a person gave a verdict stay: the verdict was on them. Predictions of its later
    weights go, since nothing could make them again.
    """
    which = {"run": run_id, "after": after_iteration}
    with connection.writing():
        displaced = connection.execute(_DISPLACED, {**which, "what": CURRENT_FIT})
        for sample_id, before in displaced:
            previous = None if before is None else int(before)
            set_current(connection, sample_id, previous, author=PROGRAM_AUTHOR)
        predicted = [one for (one,) in connection.execute(_FORGET_PREDICTIONS, which)]
        forget_assessments(connection, predicted)
        judged = int(connection.scalar(_JUDGED, which))
    return Withdrawal(len(displaced), judged, len(predicted))
