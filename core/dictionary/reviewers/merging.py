"""The verdicts and comments of another copy of a project, taken over into this one.

The opinions of both copies are united: each is told by fit, reviewer and time, and one that was
taken back in either copy is taken back in both. The verdicts follow from the opinions alone, so
that copies which were merged with each other agree, and a second merge finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.dictionary.fits.opinion_log import log_merge, log_opinion, log_removal_of, log_withdrawal
from core.dictionary.fits.opinions import (
    OpinionKey,
    StoredVerdict,
    add_opinions,
    mark_withdrawn,
    opinion_from,
    opinion_key,
    read_opinions,
    remove_opinions,
    settle_verdicts,
    stored_verdicts,
    time_after,
)
from core.dictionary.recovery.replays import Replays
from core.dictionary.reviewers.merged_comments import comments_of, lacking, put_in, take_out
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import database_of
from core.dictionary.storage.read_only import open_to_look
from core.errors import DictionaryError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.fits import Verdict
from core.types.reviewing.comments import MergedComment
from core.types.reviewing.merged_verdicts import VerdictMerge
from core.types.reviewing.opinions import (
    DISAGREEMENT_AUTHOR,
    EffectiveVerdict,
    Opinion,
    effective_verdict,
)

_ALL = """
SELECT opinions.*, samples.name AS sample_name, samples.picture_path, samples.dataset,
    samples.person_key, fits.created_at, fits.origin, fits.pose_axis_angle, fits.betas
FROM opinions JOIN fits ON fits.id = opinions.fit_id
    JOIN samples ON samples.id = opinions.sample_id
ORDER BY opinions.sample_id, opinions.id"""

# A body that both copies made by themselves, as by the same fit of each, is one body.
_SAME_BODY = """
SELECT id FROM fits WHERE sample_id = :mine AND origin = :origin
    AND pose_axis_angle = :pose_axis_angle AND betas = :betas
ORDER BY created_at = :created_at DESC, id LIMIT 1"""

_NAMES = """
SELECT DISTINCT samples.name FROM fits JOIN samples ON samples.id = fits.sample_id
WHERE fits.id IN (SELECT value FROM json_each(?)) ORDER BY samples.id"""


_THERE = "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))"

PHASE = "Reading the other copy"


@dataclass
class _Found:
    """What the other copy holds, in this one's ids."""

    opinions: list[Opinion] = field(default_factory=list)
    differing: dict[str, None] = field(default_factory=dict)
    missing: dict[str, None] = field(default_factory=dict)


class Merges:
    """Merges into one opened dictionary; reached as ``dictionary.merges``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._replays = Replays(connection)

    def rehearse(
        self,
        other: Path,
        *,
        progress: ProgressCallback = ignore_progress,
        cancel: CancelToken | None = None,
    ) -> VerdictMerge:
        """What a merge would do; nothing is written, and the other copy is never written to.

        Args:
            other: folder of the other copy.
            progress: told after each verdict that was looked for here.
            cancel: asked before each.

        Raises:
            Cancelled: the user asked to stop.
            NotAProjectError, SchemaTooNewError: as when it is opened.
            DictionaryError: it is this very project, is damaged, or cannot be read.
        """
        database = database_of(other)
        if database.samefile(self._connection.path):
            raise DictionaryError(
                f"{other} is this project itself.", remedy="Name the folder of another copy."
            )
        theirs = open_to_look(database, MIGRATIONS)
        try:
            with self._connection.mask.lifted(), self._connection.reading():
                return self._planned(theirs, progress, cancel or CancelToken())
        finally:
            theirs.close()

    def apply(self, planned: VerdictMerge) -> VerdictMerge:
        """Take over what was found, in one transaction; also to do it again after an undo.

        Returns:
            What was done: of what is here by now, nothing is taken over twice.

        Raises:
            NoSuchRecordError: a fit does not exist any more; nothing is taken over then.
        """
        with self._connection.writing():
            added, withdrawn = _union(self._connection, [*planned.added, *planned.withdrawn])
            comments, comments_removed = lacking(
                self._connection, self._still_here([*planned.comments, *planned.comments_removed])
            )
            united = replace(
                planned,
                added=added,
                withdrawn=withdrawn,
                comments=comments,
                comments_removed=comments_removed,
            )
            done = _with_verdicts(self._connection, united)
            fit_ids = _fits_of(done)
            add_opinions(self._connection, done.added)
            for opinion in done.withdrawn:
                mark_withdrawn(
                    self._connection, [opinion_key(opinion)], withdrawn_at=opinion.withdrawn_at
                )
            before, after = settle_verdicts(self._connection, fit_ids)
            self._log(done, before, after)
            put_in(self._connection, done.comments, done.comments_removed)
            return done

    def take_back(self, done: VerdictMerge) -> None:
        """Undo a merge, in one transaction: as if it had never been, so that it can be repeated.

        Raises:
            NoSuchRecordError: a fit does not exist any more; nothing is taken back then.
        """
        with self._connection.writing():
            fit_ids, keys = _fits_of(done), [opinion_key(opinion) for opinion in done.added]
            stored_verdicts(self._connection, fit_ids)
            remove_opinions(self._connection, keys)
            again = [opinion_key(opinion) for opinion in done.withdrawn]
            mark_withdrawn(self._connection, again, withdrawn_at=None)
            before, after = settle_verdicts(self._connection, fit_ids)
            now, author = time_after(()), self._connection.author
            for key in keys:
                log_removal_of(
                    self._connection, key, before[key[0]], after[key[0]], author=author, at=now
                )
            comments = self._still_here(done.comments), self._still_here(done.comments_removed)
            take_out(self._connection, *comments)

    def _still_here(self, comments: Sequence[MergedComment]) -> list[MergedComment]:
        """Without those on people who were removed since."""
        ids = id_list({comment.sample_id for comment in comments})
        here = {sample_id for (sample_id,) in self._connection.execute(_THERE, (ids,))}
        return [comment for comment in comments if comment.sample_id in here]

    def _planned(
        self, other: Connection, progress: ProgressCallback, cancel: CancelToken
    ) -> VerdictMerge:
        found = self._found(other, progress, cancel)
        comments, comments_removed = lacking(
            self._connection, comments_of(other, self._person_here)
        )
        added, withdrawn = _union(self._connection, found.opinions)
        merge = VerdictMerge(
            added=added,
            withdrawn=withdrawn,
            differing=tuple(found.differing),
            missing=tuple(found.missing),
            comments=comments,
            comments_removed=comments_removed,
        )
        return _with_verdicts(self._connection, merge)

    def _person_here(self, row: Row) -> int | None:
        return self._replays.person(row["picture_path"], row["dataset"], row["person_key"])

    def _found(self, other: Connection, progress: ProgressCallback, cancel: CancelToken) -> _Found:
        found = _Found()
        mine: dict[int, int | None] = {}
        fits: dict[int, int | None] = {}
        rows = other.rows(_ALL)
        meter = ProgressMeter(PHASE, len(rows), progress)
        for row in rows:
            cancel.raise_if_cancelled()
            meter.advance()
            sample_id, fit_id = row["sample_id"], row["fit_id"]
            if sample_id not in mine:
                mine[sample_id] = self._person_here(row)
            here = mine[sample_id]
            if here is not None and fit_id not in fits:
                fits[fit_id] = self._same_body(row, here)
            there = None if here is None else fits[fit_id]
            if here is None or there is None:
                _note_left_out(found, row, is_missing=here is None)
            else:
                found.opinions.append(opinion_from({**row, "sample_id": here, "fit_id": there}))
        return found

    def _same_body(self, row: Row, sample_id: int) -> int | None:
        found = self._connection.scalar(_SAME_BODY, {**row, "mine": sample_id})
        return None if found is None else int(found)

    def _log(
        self,
        done: VerdictMerge,
        before: dict[int, StoredVerdict],
        after: dict[int, StoredVerdict],
    ) -> None:
        for opinion in done.added:
            given = before[opinion.fit_id].given, after[opinion.fit_id].given
            log_opinion(self._connection, opinion, *given, with_event=False)
        for opinion in done.withdrawn:
            given_before, given_after = before[opinion.fit_id], after[opinion.fit_id]
            log_withdrawal(
                self._connection,
                opinion_key(opinion),
                given_before,
                given_after,
                at=opinion.withdrawn_at or "",
                with_event=False,
            )
        log_merge(self._connection, before, after, at=time_after(()))


def _note_left_out(found: _Found, row: Row, *, is_missing: bool) -> None:
    if row["verdict"] == Verdict.NONE or row["withdrawn_at"] is not None:
        return
    (found.missing if is_missing else found.differing)[row["sample_name"]] = None


def _union(
    connection: Connection, theirs: Sequence[Opinion]
) -> tuple[tuple[Opinion, ...], tuple[Opinion, ...]]:
    """Which opinions are new here, and which are to be taken back."""
    stored: dict[OpinionKey, Opinion] = {
        opinion_key(opinion): opinion
        for opinions in read_opinions(connection, {each.fit_id for each in theirs}).values()
        for opinion in opinions
    }
    added: dict[OpinionKey, Opinion] = {}
    withdrawn: dict[OpinionKey, Opinion] = {}
    for opinion in theirs:
        key = opinion_key(opinion)
        mine = stored.get(key)
        if mine is None:
            added.setdefault(key, opinion)
        elif mine.withdrawn_at is None and opinion.withdrawn_at is not None:
            withdrawn.setdefault(key, replace(mine, withdrawn_at=opinion.withdrawn_at))
    return tuple(added.values()), tuple(withdrawn.values())


def _with_verdicts(connection: Connection, merge: VerdictMerge) -> VerdictMerge:
    """With the samples whose verdicts change, and those of whom reviewers disagree."""
    fit_ids = _fits_of(merge)
    before, stored = stored_verdicts(connection, fit_ids), read_opinions(connection, fit_ids)
    withdrawn = {opinion_key(opinion): opinion for opinion in merge.withdrawn}
    added: dict[int, list[Opinion]] = {}
    for opinion in merge.added:
        added.setdefault(opinion.fit_id, []).append(opinion)
    after: dict[int, EffectiveVerdict] = {}
    for fit_id in fit_ids:
        kept = [withdrawn.get(opinion_key(each), each) for each in stored.get(fit_id, [])]
        after[fit_id] = effective_verdict([*kept, *added.get(fit_id, [])])
    changed = {
        before[fit_id].sample_id: None
        for fit_id, given in after.items()
        if (given.verdict, given.reason)
        != (before[fit_id].given.verdict, before[fit_id].given.reason)
    }
    disagreed = [
        fit_id
        for fit_id, given in after.items()
        if given.verdict is Verdict.UNSURE and given.by == DISAGREEMENT_AUTHOR
    ]
    names = connection.execute(_NAMES, (id_list(disagreed),))
    return replace(merge, changed=tuple(changed), disagreed=tuple(str(name) for (name,) in names))


def _fits_of(merge: VerdictMerge) -> list[int]:
    both: Iterable[Opinion] = (*merge.added, *merge.withdrawn)
    return list(dict.fromkeys(opinion.fit_id for opinion in both))
