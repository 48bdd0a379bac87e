"""Random checks in the queues of an open project: which samples they are, and what was shown."""

from __future__ import annotations

from core.dictionary.assessment.audit_queue import MixedQueue, mixed_in, wanted_draws
from core.dictionary.assessment.audits import Draw
from core.dictionary.search.query import SampleQuery
from core.dictionary.search.saved_views import BUILT_IN_VIEWS, MOST_INFORMATIVE, MOST_LIKELY_WRONG
from core.dictionary.storage.ids import SampleIds
from core.dictionary.store import Dictionary
from core.types.audits import Audit

QUEUES = (BUILT_IN_VIEWS[MOST_LIKELY_WRONG], BUILT_IN_VIEWS[MOST_INFORMATIVE])
"""Where random ones are mixed in: other lists are filtered, and would give them away."""


class AuditQueue:
    """Mixes what is drawn into the two queues, and keeps what was shown.

    What is shown is written with the next verdict: looking at samples writes nothing.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._audit: Audit | None = None
        self._mixed: MixedQueue | None = None
        self._shown: dict[int, Draw] = {}

    def mixed(self, query: SampleQuery, ids: SampleIds) -> SampleIds:
        """The ids of a query, with random ones among them where it is a queue."""
        self._mixed = None
        if query not in QUEUES or self._dictionary.file.read_only:
            return ids
        audits = self._dictionary.audits
        audit = audits.running()
        if audit is None or (self._audit is not None and audit.id != self._audit.id):
            self._shown = {}
        self._audit = audit
        if audit is None:
            return ids
        drawn = {draw.position: draw for draw in audits.draws(audit)} | self._shown
        waiting = audits.next_waiting(audit, wanted_draws(audit) + len(drawn))
        self._mixed = mixed_in(ids, audit, drawn=drawn.values(), waiting=waiting)
        return self._mixed.ids

    def note_shown(self, sample_id: int | None) -> None:
        """A sample came on screen: remember it if it stands in the queue as a random one."""
        draw = (
            None if self._mixed is None or sample_id is None else self._mixed.draws.get(sample_id)
        )
        if draw is not None:
            self._shown[draw.position] = draw

    def keep_shown(self) -> None:
        """Write down what was shown since."""
        if self._audit is not None and self._shown:
            self._dictionary.audits.note_draws(self._audit, self._shown)
            self._shown = {}
