"""Moments and subjects: which samples show one person, at one time or at any.

Every edit is one transaction, logged for each sample, and returns what an undo hands back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import PurePath

from core.dictionary.assessment.assessments import forget_assessments
from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.events import GROUP, log_events
from core.dictionary.storage.ids import check_all_found, id_list
from core.errors import DictionaryError
from core.types.events import Event
from core.types.view_groups import (
    GroupChange,
    GroupMembership,
    GroupNames,
    Memberships,
    ViewGroup,
)

_MEMBERS = """
SELECT sample_id, moment_id, moments.name AS moment, subject_id, subjects.name AS subject, camera,
    left_out
FROM group_members LEFT JOIN view_groups AS moments ON moments.id = moment_id
    LEFT JOIN view_groups AS subjects ON subjects.id = subject_id"""

_AMONG = f"{_MEMBERS} WHERE sample_id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constant

_OF_MOMENTS = f"{_MEMBERS} WHERE moment_id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constant

_TOGETHER = """
SELECT coalesce(subject_id, moment_id), sample_id FROM group_members
WHERE NOT left_out AND coalesce(subject_id, moment_id) IS NOT NULL
ORDER BY coalesce(subject_id, moment_id), coalesce(moment_id, 0), sample_id"""

_OF_MOMENT = """
SELECT sample_id FROM group_members WHERE moment_id = ? ORDER BY camera, sample_id"""

_TWICE = """
SELECT view_groups.name, samples.picture_path, count(*) FROM group_members
    JOIN samples ON samples.id = sample_id JOIN view_groups ON view_groups.id = moment_id
WHERE moment_id IN (SELECT value FROM json_each(?))
GROUP BY moment_id, samples.picture_path HAVING count(*) > 1 LIMIT 1"""


class _RehearsalDone(Exception):
    """What was written went well, and is not to stay."""


class Groups:
    """The moments and subjects of one opened dictionary; reached as ``dictionary.groups``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Reading

    def of(self, sample_ids: Iterable[int]) -> dict[int, GroupMembership]:
        """What samples belong to; those that belong to nothing are left out."""
        rows = self._connection.rows(_AMONG, (id_list(sample_ids),))
        return {row["sample_id"]: _membership(row) for row in rows}

    def fitted_together(self, among: Iterable[int] | None = None) -> list[list[int]]:
        """The samples of each subject, and of each moment without one, moment by moment.

        Samples that were left out are missing, and so is what has only one sample.

        Args:
            among: only groups with at least one of these samples, whole; None for all.
        """
        groups: dict[int, list[int]] = {}
        for group_id, sample_id in self._connection.execute(_TOGETHER):
            groups.setdefault(group_id, []).append(sample_id)
        chosen = None if among is None else {int(sample_id) for sample_id in among}
        return [
            group
            for group in groups.values()
            if len(group) > 1 and (chosen is None or not chosen.isdisjoint(group))
        ]

    def in_moment(self, sample_id: int) -> list[int]:
        """The samples of a sample's moment in the order of their cameras, itself included."""
        membership = self.of([sample_id]).get(sample_id)
        if membership is None or membership.moment is None:
            return [sample_id]
        found = self._connection.execute(_OF_MOMENT, (membership.moment.id,))
        return [int(member) for (member,) in found]

    # Editing

    def assign(
        self, names: Mapping[int, GroupNames | None], *, author: str | None = None
    ) -> GroupChange:
        """Let samples belong to moments and subjects by their names, or to nothing.

        Who is put into a group is no longer left out of it.

        Raises:
            NoSuchRecordError: a sample does not exist.
            DictionaryError: a moment would show two subjects, or one picture twice. Nothing is
                stored then.
        """
        with self._connection.writing():
            return self._assign(names, author)

    def rehearse(self, names: Mapping[int, GroupNames | None]) -> None:
        """Raise what ``assign`` would raise; nothing is stored."""
        with suppress(_RehearsalDone), self._connection.writing():
            self._assign(names, None)
            raise _RehearsalDone

    def same_moment(self, sample_ids: Sequence[int], *, author: str | None = None) -> GroupChange:
        """Samples show one person at one time: a moment that one of them has, or a new one.

        Raises:
            NoSuchRecordError: a sample does not exist.
            DictionaryError: fewer than two samples, different subjects, or one picture twice.
        """
        _at_least_two(sample_ids)
        with self._connection.writing():
            known = self.of(sample_ids)
            moment = _commonest(member.moment for member in known.values())
            moment = moment or self._new("moment")
            after = {
                sample_id: replace(
                    known.get(sample_id, GroupMembership()), moment=moment, left_out=False
                )
                for sample_id in sample_ids
            }
            return self._write(after, author)

    def same_person(self, sample_ids: Sequence[int], *, author: str | None = None) -> GroupChange:
        """Samples show one person, with all others of their moments.

        Raises:
            NoSuchRecordError: a sample does not exist.
            DictionaryError: fewer than two samples.
        """
        _at_least_two(sample_ids)
        with self._connection.writing():
            moments = {member.moment for member in self.of(sample_ids).values()}
            ids = id_list(moment.id for moment in moments if moment is not None)
            others = [row["sample_id"] for row in self._connection.rows(_OF_MOMENTS, (ids,))]
            whole = dict.fromkeys([*sample_ids, *others])
            known = self.of(whole)
            subject = _commonest(member.subject for member in known.values())
            subject = subject or self._new("subject")
            after = {
                sample_id: replace(known.get(sample_id, GroupMembership()), subject=subject)
                for sample_id in whole
            }
            return self._write(after, author)

    def leave_out(self, sample_ids: Sequence[int], *, author: str | None = None) -> GroupChange:
        """Samples are fitted by themselves until they are put back into their moments.

        Those of no moment stay as they are; raises ``NoSuchRecordError``.
        """
        with self._connection.writing():
            after = {
                sample_id: replace(member, left_out=True)
                for sample_id, member in self.of(sample_ids).items()
                if member.moment is not None
            }
            return self._write(after, author)

    def ungroup(self, sample_ids: Sequence[int], *, author: str | None = None) -> GroupChange:
        """Samples belong to nothing any more; raises ``NoSuchRecordError``."""
        with self._connection.writing():
            return self._write(dict.fromkeys(sample_ids), author)

    def restore(self, memberships: Memberships, *, author: str | None = None) -> GroupChange:
        """Put memberships back, as undo and redo do."""
        with self._connection.writing():
            return self._write(dict(memberships), author)

    def _assign(self, names: Mapping[int, GroupNames | None], author: str | None) -> GroupChange:
        ids = {name: self._group(*name) for wanted in names.values() for name in _kinds(wanted)}
        after = {sample_id: _named(wanted, ids) for sample_id, wanted in names.items()}
        return self._write(after, author)

    def _group(self, kind: str, name: str) -> ViewGroup:
        self._connection.execute(
            "INSERT INTO view_groups (kind, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
            (kind, name),
        )
        group_id = self._connection.scalar(
            "SELECT id FROM view_groups WHERE kind = ? AND name = ?", (kind, name)
        )
        return ViewGroup(int(group_id), name)

    def _new(self, kind: str) -> ViewGroup:
        """``moment 1``, ``moment 2``, …: the first name that is free."""
        taken = {
            name
            for (name,) in self._connection.execute(
                "SELECT name FROM view_groups WHERE kind = ?", (kind,)
            )
        }
        number = 1
        while f"{kind} {number}" in taken:
            number += 1
        return self._group(kind, f"{kind} {number}")

    def _write(self, after: Memberships, author: str | None) -> GroupChange:
        """Store memberships; the caller holds the transaction."""
        found = self._connection.execute(
            "SELECT id FROM samples WHERE id IN (SELECT value FROM json_each(?))",
            (id_list(after),),
        )
        check_all_found("sample", after, (sample_id for (sample_id,) in found))
        after = self._with_whole_moments(after)
        known = self.of(after)
        before = {sample_id: known.get(sample_id) for sample_id in after}
        change = GroupChange(before, after)
        changed = change.changed_ids
        # Of the moments that samples leave, and below of those that they come to.
        forget_assessments(self._connection, changed)
        self._connection.execute(
            "DELETE FROM group_members WHERE sample_id IN (SELECT value FROM json_each(?))",
            (id_list(changed),),
        )
        members = [(sample_id, after[sample_id]) for sample_id in changed]
        self._connection.insert_all(
            "group_members",
            [_row(sample_id, member) for sample_id, member in members if member is not None],
        )
        self._check_moments(change)
        forget_assessments(self._connection, changed)
        self._connection.execute_many(
            "INSERT INTO changes (sample_id) VALUES (?)", [(sample_id,) for sample_id in changed]
        )
        self._log(change, author or self._connection.author)
        return change

    def _with_whole_moments(self, wanted: Memberships) -> dict[int, GroupMembership | None]:
        """The same, with the rest of every moment: who is named for one is named for all."""
        after = dict(wanted)
        moments = {member.moment for member in after.values() if member and member.moment}
        ids = id_list(moment.id for moment in moments)
        rows = self._connection.rows(_OF_MOMENTS, (ids,))
        after.update(
            {row["sample_id"]: _membership(row) for row in rows if row["sample_id"] not in after}
        )
        for moment in moments:
            members = {
                sample_id: member
                for sample_id, member in after.items()
                if member is not None and member.moment == moment
            }
            subjects = {member.subject for member in members.values() if member.subject}
            if len(subjects) > 1:
                raise _two_subjects(moment.name, [subject.name for subject in subjects])
            for sample_id, member in members.items():
                after[sample_id] = replace(member, subject=next(iter(subjects), None))
        return after

    def _check_moments(self, change: GroupChange) -> None:
        """Refuse moments that hold two people of one picture."""
        moments = {member.moment for member in change.after.values() if member and member.moment}
        ids = id_list(moment.id for moment in moments)
        for moment, picture, count in self._connection.execute(_TWICE, (ids,)):
            raise DictionaryError(
                f"{count} people of the picture {PurePath(picture).name} cannot share the moment "
                f"{moment!r}, which shows one person.",
                remedy="Choose one person of each picture.",
            )

    def _log(self, change: GroupChange, author: str) -> None:
        now = utc_now()
        log_events(
            self._connection,
            [
                Event(
                    at=now,
                    author=author,
                    sample_id=sample_id,
                    fit_id=None,
                    what=GROUP,
                    before=_json(change.before[sample_id]),
                    after=_json(change.after[sample_id]),
                )
                for sample_id in change.changed_ids
            ],
        )


def names_from_json(text: str | None) -> GroupNames | None:
    """What an event says that a sample belonged to; None for nothing.

    Raises:
        ValueError: the text is no JSON. TypeError: it holds something else.
    """
    return None if text is None else GroupNames(**json.loads(text))


def _json(membership: GroupMembership | None) -> str | None:
    if membership is None:
        return None
    return json.dumps(asdict(membership.names), ensure_ascii=False)


def _kinds(names: GroupNames | None) -> list[tuple[str, str]]:
    if names is None:
        return []
    found = (("moment", names.moment), ("subject", names.subject))
    return [(kind, name) for kind, name in found if name is not None]


def _named(
    names: GroupNames | None, ids: Mapping[tuple[str, str], ViewGroup]
) -> GroupMembership | None:
    if names is None or not _kinds(names):
        return None
    groups = {kind: ids[kind, name] for kind, name in _kinds(names)}
    return GroupMembership(
        moment=groups.get("moment"), subject=groups.get("subject"), camera=names.camera
    )


def _membership(row: Row) -> GroupMembership:
    def group(kind: str) -> ViewGroup | None:
        group_id = row[f"{kind}_id"]
        return None if group_id is None else ViewGroup(group_id, row[kind])

    return GroupMembership(
        moment=group("moment"),
        subject=group("subject"),
        camera=row["camera"],
        left_out=bool(row["left_out"]),
    )


def _row(sample_id: int, membership: GroupMembership) -> Row:
    return {
        "sample_id": int(sample_id),
        "moment_id": None if membership.moment is None else membership.moment.id,
        "subject_id": None if membership.subject is None else membership.subject.id,
        "camera": membership.camera,
        "left_out": int(membership.left_out),
    }


def _commonest(groups: Iterable[ViewGroup | None]) -> ViewGroup | None:
    counts = Counter(group for group in groups if group is not None)
    return counts.most_common(1)[0][0] if counts else None


def _at_least_two(sample_ids: Sequence[int]) -> None:
    if len(set(sample_ids)) < 2:
        raise DictionaryError(
            f"A group needs at least two people, got {len(set(sample_ids))}.",
            remedy="Select several people in the list first.",
        )


def _two_subjects(moment: str, names: Sequence[str]) -> DictionaryError:
    return DictionaryError(
        f"The moment {moment!r} would show different people: {', '.join(sorted(names))}.",
        remedy="A moment shows one person. Say first that they are the same person, or ungroup "
        "those that are not.",
    )
