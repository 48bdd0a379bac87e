"""Fits of which an expert's verdict is known, mixed into what the others judge.

Answers never supervise, and are in no count of verdicts: they are in a table of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from core.dictionary.fits.case_answers import waiting_cases
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.errors import StudioError
from core.proportions import wilson_interval
from core.types.fits import Verdict

AS_IT_IS = "as it is"
"""Kind of a case whose body is the very one that the expert judged."""

_JUDGED_BY_EXPERT = """
SELECT samples.id, fits.id FROM samples JOIN fits ON fits.id = samples.current_fit_id
WHERE fits.verdict = ? AND fits.verdict_by = ?
    AND samples.id IN (SELECT value FROM json_each(?))
    AND samples.id NOT IN (SELECT sample_id FROM known_cases)
    AND samples.id NOT IN (SELECT sample_id FROM made_errors)
    AND samples.id NOT IN (SELECT sample_id FROM second_opinions)
ORDER BY picture_path, dataset, person_key"""

_ADD = """
INSERT INTO known_cases (sample_id, fit_id, kind, expected, pose_axis_angle, betas,
    camera_translation, crop_camera, expert, made_at)
SELECT sample_id, id, ?, verdict, pose_axis_angle, betas, camera_translation, crop_camera,
    verdict_by, ? FROM fits WHERE id = ?"""

# Of each reviewer the newest answer to each case.
_ANSWERS = """
SELECT reviewer, kind, expected, verdict FROM case_answers
WHERE id IN (SELECT max(id) FROM case_answers GROUP BY sample_id, reviewer, kind)"""


@dataclass(frozen=True, kw_only=True)
class CaseScore:
    """How a reviewer did on known cases.

    right: the expert's verdict, or a made error that was rejected. missed: accepted what is wrong.
    refused: rejected what the expert accepted. unsure: neither. errors: of each kind of made
    errors, how many were found, of how many.
    """

    reviewer: str
    right: int = 0
    missed: int = 0
    refused: int = 0
    unsure: int = 0
    errors: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def interval(self) -> tuple[float, float]:
        """What the share of right answers to all such cases may be, by Wilson, 95 %."""
        return wilson_interval(self.right, self.total)

    @property
    def errors_found(self) -> tuple[int, int]:
        """How many made errors were found, of how many."""
        return sum(hit for hit, _ in self.errors.values()), sum(
            shown for _, shown in self.errors.values()
        )

    @property
    def total(self) -> int:
        """Cases answered."""
        return self.right + self.missed + self.refused + self.unsure


class KnownCases:
    """Of one opened dictionary; reached as ``dictionary.known_cases``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def draw(
        self, sample_ids: Iterable[int], count: int, *, expert: str, seed: int = 0
    ) -> list[int]:
        """Make known cases of fits that an expert judged, as many accepted as rejected ones.

        Where there are too few of one kind, more of the other are drawn.

        Args:
            sample_ids: among which to draw.
            count: of cases, at most.
            expert: whose verdicts are known to be right; is not asked.
            seed: of the draw.

        Returns:
            The samples drawn; ``forget`` takes them back.

        Raises:
            StudioError: ``count`` is not positive.
        """
        if count < 1:
            raise StudioError(f"{count} known cases were asked for.", remedy="Ask for 1 or more.")
        ids, draw = id_list(sample_ids), np.random.default_rng(seed)
        with self._connection.writing():
            accepted, rejected = (
                draw.permutation(np.array(found or np.empty((0, 2)), np.int64))
                for found in (
                    self._connection.execute(_JUDGED_BY_EXPERT, (str(verdict), expert, ids))
                    for verdict in (Verdict.ACCEPTED, Verdict.REJECTED)
                )
            )
            of_rejected = min(len(rejected), max(count // 2, count - len(accepted)))
            chosen = [*accepted[: count - of_rejected].tolist(), *rejected[:of_rejected].tolist()]
            now = utc_now()
            self._connection.execute_many(_ADD, [(AS_IT_IS, now, fit) for _sample, fit in chosen])
        return sorted(int(sample_id) for sample_id, _fit in chosen)

    def forget(self, sample_ids: Iterable[int]) -> None:
        """Ask about none of these any more, in one transaction; answers stay."""
        with self._connection.writing():
            self._connection.execute(
                "DELETE FROM known_cases WHERE sample_id IN (SELECT value FROM json_each(?))",
                (id_list(sample_ids),),
            )

    def judged_by(self, expert: str, sample_ids: Iterable[int]) -> int:
        """How many fits an expert accepted or rejected that could be made known cases."""
        ids = id_list(sample_ids)
        with self._connection.mask.lifted():
            return sum(
                len(self._connection.execute(_JUDGED_BY_EXPERT, (str(verdict), expert, ids)))
                for verdict in (Verdict.ACCEPTED, Verdict.REJECTED)
            )

    def waiting_for(self, reviewer: str) -> frozenset[int]:
        """The fits that a reviewer is to judge as if no verdict were known."""
        return waiting_cases(self._connection, reviewer)

    def scores(self) -> list[CaseScore]:
        """How each reviewer did, by name."""
        counts: dict[str, Counter[str]] = {}
        errors: dict[str, dict[str, tuple[int, int]]] = {}
        for reviewer, kind, expected, verdict in self._connection.execute(_ANSWERS):
            word = _outcome(Verdict(expected), Verdict(verdict))
            counts.setdefault(reviewer, Counter())[word] += 1
            if kind != AS_IT_IS:
                of_reviewer = errors.setdefault(reviewer, {})
                found, shown = of_reviewer.get(kind, (0, 0))
                of_reviewer[kind] = (found + (word == "right"), shown + 1)
        return [
            CaseScore(reviewer=name, errors=errors.get(name, {}), **counts[name])
            for name in sorted(counts)
        ]


def _outcome(expected: Verdict, verdict: Verdict) -> str:
    if verdict is expected:
        return "right"
    if verdict is Verdict.UNSURE:
        return "unsure"
    return "missed" if expected is Verdict.REJECTED else "refused"
