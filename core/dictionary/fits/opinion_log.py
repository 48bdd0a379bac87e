"""What the logs keep of opinions: an event where the verdict changed, a line of edits always."""

from __future__ import annotations

from collections.abc import Mapping

from core.dictionary.fits.opinions import OpinionKey, StoredVerdict
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.edit_log import Line
from core.dictionary.storage.events import VERDICT, log_events
from core.dictionary.storage.logged_edits import log_verdict
from core.types.events import Event
from core.types.reject_reasons import verdict_from_text, verdict_text
from core.types.reviewing.opinions import EffectiveVerdict, Opinion

OPINION = "opinion"
"""Key of a line: the verdict that its author gave, and whose opinions were on screen."""

WITHDRAWN = "withdrawn"
"""Key of a line: the time of the opinion that its author took back."""

REMOVED_OPINION = "removed opinion"
"""Key of a line: reviewer and time of an opinion that the undoing of a merge removed."""


def log_opinion(
    connection: Connection,
    opinion: Opinion,
    before: EffectiveVerdict,
    after: EffectiveVerdict,
    *,
    with_event: bool = True,
) -> None:
    """Log a new opinion; the caller holds the transaction, and has stored it.

    with_event: False where the caller logs what several of them changed.
    """
    event = _event(
        opinion.sample_id, opinion.fit_id, before, after, author=opinion.reviewer, at=opinion.at
    )
    line: Line = {
        "verdict": verdict_text(opinion.verdict, opinion.reason),
        "saw": sorted(opinion.saw),
        "withdrawn_at": opinion.withdrawn_at,
    }
    _log(connection, event, {OPINION: line}, with_event=with_event)


def log_withdrawal(
    connection: Connection,
    key: OpinionKey,
    before: StoredVerdict,
    after: StoredVerdict,
    *,
    at: str,
    with_event: bool = True,
) -> None:
    """Log that an opinion was taken back; ``with_event`` as in ``log_opinion``."""
    fit_id, reviewer, given_at = key
    event = _event(before.sample_id, fit_id, before.given, after.given, author=reviewer, at=at)
    _log(connection, event, {WITHDRAWN: given_at}, with_event=with_event)


def log_merge(
    connection: Connection,
    before: Mapping[int, StoredVerdict],
    after: Mapping[int, StoredVerdict],
    *,
    at: str,
) -> None:
    """Log which verdicts a merge changed, under the name of who merged."""
    author = connection.author
    events = [
        _event(stored.sample_id, fit_id, stored.given, after[fit_id].given, author=author, at=at)
        for fit_id, stored in before.items()
    ]
    log_events(connection, [event for event in events if event.before != event.after])


def log_removal_of(
    connection: Connection,
    key: OpinionKey,
    before: StoredVerdict,
    after: StoredVerdict,
    *,
    author: str,
    at: str,
) -> None:
    """Log that a merge was undone, and an opinion with it; there always is an event of it."""
    fit_id, reviewer, given_at = key
    event = _event(before.sample_id, fit_id, before.given, after.given, author=author, at=at)
    log_events(connection, [event])
    log_verdict(connection, event, {REMOVED_OPINION: [reviewer, given_at]})


def opinion_from_line(line: Line, *, fit_id: int, sample_id: int) -> Opinion:
    """The opinion of a line that holds one.

    Raises:
        KeyError, TypeError, ValueError: the line of the log is damaged.
    """
    said = line[OPINION]
    verdict, reason = verdict_from_text(said["verdict"])
    withdrawn_at = said.get("withdrawn_at")
    return Opinion(
        fit_id=fit_id,
        sample_id=sample_id,
        reviewer=str(line["author"]),
        verdict=verdict,
        reason=reason,
        at=str(line["at"]),
        saw=frozenset(map(str, said["saw"])),
        withdrawn_at=None if withdrawn_at is None else str(withdrawn_at),
    )


def _event(
    sample_id: int,
    fit_id: int,
    before: EffectiveVerdict,
    after: EffectiveVerdict,
    *,
    author: str,
    at: str,
) -> Event:
    return Event(
        at=at,
        author=author,
        sample_id=sample_id,
        fit_id=fit_id,
        what=VERDICT,
        before=verdict_text(before.verdict, before.reason),
        after=verdict_text(after.verdict, after.reason),
    )


def _log(connection: Connection, event: Event, more: Line, *, with_event: bool) -> None:
    if with_event and event.before != event.after:
        log_events(connection, [event])
    log_verdict(connection, event, more)
