"""What reviewers say of hidden known cases: it is no opinion, and changes no verdict.

A known case is a fit of which an expert's verdict is known, shown to others as if it had none; or
an error that was made in an accepted fit and is shown in its place, under a number below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.logged_edits import log_case_answers
from core.types.fits import Verdict

WAITING_CASES = """
FROM known_cases JOIN main.samples AS known ON known.current_fit_id = known_cases.fit_id
WHERE known.current_verdict = known_cases.expected AND known_cases.expert <> :name
    AND NOT EXISTS (SELECT 1 FROM case_answers WHERE case_answers.reviewer = :name
        AND case_answers.sample_id = known_cases.sample_id
        AND case_answers.at >= known_cases.made_at)"""
"""The known cases that a reviewer has not answered, as the end of a SELECT.

``main``: what the table itself holds, whatever is hidden from the reviewer."""

WAITING_ERRORS = """
FROM made_errors JOIN main.samples AS known ON known.current_fit_id = made_errors.fit_id
WHERE known.current_verdict = 'accepted' AND made_errors.expert <> :name
    AND NOT EXISTS (SELECT 1 FROM case_answers WHERE case_answers.reviewer = :name
        AND case_answers.sample_id = made_errors.sample_id
        AND case_answers.at >= made_errors.made_at)"""
"""The same of made errors: as long as the fit that they were made of is current and accepted."""

_ANSWER = """
INSERT INTO case_answers (sample_id, reviewer, kind, expected, verdict, at)
SELECT sample_id, :reviewer, kind, expected, :verdict, :at FROM known_cases
    WHERE fit_id = :fit_id
UNION ALL SELECT sample_id, :reviewer, kind, 'rejected', :verdict, :at FROM made_errors
    WHERE id = -:fit_id
RETURNING *"""


_TAKE_BACK = """
DELETE FROM case_answers WHERE id IN (SELECT value FROM json_each(?)) RETURNING *"""


def waiting_cases(connection: Connection, reviewer: str) -> frozenset[int]:
    """The fits of the known cases that a reviewer has not answered; made errors below zero."""
    rows = connection.execute(
        f"SELECT known_cases.fit_id {WAITING_CASES} UNION SELECT -made_errors.id {WAITING_ERRORS}",
        {"name": reviewer},
    )
    return frozenset(int(fit_id) for (fit_id,) in rows)


def answer_cases(
    connection: Connection, verdicts: Mapping[int, Verdict], reviewer: str
) -> tuple[tuple[int, int], ...]:
    """Store answers by fit; the caller holds the transaction. Returns fits and their answers."""
    given = {"reviewer": reviewer, "at": utc_now()}
    answers: dict[int, Row] = {}
    for fit_id, verdict in verdicts.items():
        if verdict is not Verdict.NONE:
            values = {**given, "verdict": str(verdict), "fit_id": fit_id}
            (answers[fit_id],) = connection.rows(_ANSWER, values)
    log_case_answers(connection, answers.values(), at=None)
    return tuple((fit_id, int(answer["id"])) for fit_id, answer in answers.items())


def take_back_answers(connection: Connection, answer_ids: Iterable[int]) -> None:
    """Remove answers; the caller holds the transaction."""
    taken_back = connection.rows(_TAKE_BACK, (id_list(answer_ids),))
    log_case_answers(connection, taken_back, at=utc_now())
