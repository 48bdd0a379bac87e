"""What doing the edits of the log again needs to find: people by name, fits by their body."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile

from core.dictionary.fits.case_answers import take_back_answers
from core.dictionary.fits.fit_rows import insert_fit
from core.dictionary.fits.opinion_log import (
    OPINION,
    REMOVED_OPINION,
    WITHDRAWN,
    log_opinion,
    log_removal_of,
    log_withdrawal,
    opinion_from_line,
)
from core.dictionary.fits.opinions import (
    add_opinions,
    mark_withdrawn,
    opinion_key,
    read_opinions,
    remove_opinions,
    settle_verdicts,
    stored_verdicts,
)
from core.dictionary.storage.checksums import REMOVED as REMOVED_TABLES
from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.edit_log import Line, from_text
from core.dictionary.storage.logged_edits import (
    ASSIGNED,
    BLOBS_OF_FITS,
    CROP_CAMERA,
    IMPORT_UNDONE,
    PUT_BACK,
    REMOVED,
    TAKING_BACK,
    log_case_answers,
)
from core.types.reviewing.opinions import EffectiveVerdict, Opinion

_FIND_PERSON = """
SELECT id FROM samples WHERE picture_path = :picture AND dataset = :dataset
    AND (:person IS NULL OR person_key = :person) ORDER BY id LIMIT 1"""

_HAS_PICTURE = "SELECT 1 FROM samples WHERE picture_path = ?"
_OF_THE_SAME_NAME = """
SELECT DISTINCT picture_path FROM samples
WHERE picture_path = :name OR substr(picture_path, -length(:end)) = :end"""

_FIND_FIT = """
SELECT id FROM fits WHERE sample_id = :sample_id AND created_at = :created_at
    AND origin = :origin AND pose_axis_angle = :pose_axis_angle AND betas = :betas"""

_KNOWN = """
SELECT events.at, events.author, events.what, samples.picture_path, samples.dataset,
    samples.person_key
FROM {0}events AS events JOIN {0}samples AS samples ON samples.id = events.sample_id
WHERE events.author <> ?"""

_KNOWN_REMOVALS = """
SELECT at, CASE kind WHEN 'import' THEN ? ELSE ? END FROM removals
UNION SELECT put_back_at, ? FROM removals WHERE put_back_at IS NOT NULL"""

_REMOVED_AT = """
SELECT id FROM removals WHERE at = ? AND put_back_at IS NULL AND forgotten_at IS NULL ORDER BY id"""

_KNOWN_OPINIONS = """
SELECT opinions.{column}, opinions.reviewer, 'verdict', samples.picture_path, samples.dataset,
    samples.person_key
FROM {0}opinions AS opinions JOIN {0}samples AS samples ON samples.id = opinions.sample_id
WHERE opinions.{column} IS NOT NULL"""

_KNOWN_COMMENTS = """
SELECT comments.{column}, comments.author, 'comment', samples.picture_path, samples.dataset,
    samples.person_key
FROM {0}comments AS comments JOIN {0}samples AS samples ON samples.id = comments.sample_id
WHERE comments.{column} IS NOT NULL"""

_OWNER = "SELECT reviewer FROM assignments WHERE sample_id = ?"
_ANSWER = "SELECT id FROM case_answers WHERE sample_id = ? AND reviewer = ? AND at = ?"
_ADD_ANSWER = """
INSERT INTO case_answers (sample_id, reviewer, at, kind, expected, verdict)
VALUES (?, ?, ?, ?, ?, ?) RETURNING *"""

_NOT_LOGGED = {"run_id": None, "iteration": None, "made_from_fit_id": None, "group_id": None}


_NAMES = ("at", "author", "what", "picture", "dataset", "person")

EditKey = tuple[str, ...]


def edit_key(edit: Iterable[object]) -> EditKey:
    """Tells edits apart, in the log as in the dictionary, wherever the picture is named.

    edit: when, author, what, picture, data set and person, in this order.
    """
    at, author, what, picture, dataset, person = edit
    return tuple(map(str, (at, author, what, _file_name(str(picture)), dataset, person)))


def key_of_line(line: Line) -> EditKey:
    """The key of a line of the log; removals are told by their time alone."""
    if str(line.get("what")) in TAKING_BACK:
        return str(line.get("at")), str(line["what"])
    return edit_key(map(line.get, _NAMES))


class Replays:
    """Of one opened dictionary; reached as ``dictionary.replays``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._named_now: dict[str, str] = {}

    def known_edits(self) -> set[EditKey]:
        """The ``key_of_line`` of every edit by people, those of removed people included."""
        statements = [
            (statement.format(prefix, column=column), parameters)
            for prefix in ("", REMOVED_TABLES)
            for statement, column, parameters in (
                (_KNOWN, "", (PROGRAM_AUTHOR,)),
                (_KNOWN_OPINIONS, "at", ()),  # also of those that changed no verdict
                (_KNOWN_OPINIONS, "withdrawn_at", ()),
                (_KNOWN_COMMENTS, "at", ()),
                (_KNOWN_COMMENTS, "removed_at", ()),
            )
        ]
        by_people = {
            edit_key(row)
            for statement, parameters in statements
            for row in self._connection.execute(statement, parameters)
        }
        words = (IMPORT_UNDONE, REMOVED, PUT_BACK)
        return by_people | set(self._connection.execute(_KNOWN_REMOVALS, words))

    def is_as_logged(self, line: Line) -> bool:
        """Whether what a line of ``STATES`` says stands so, or is about a person who is not here.

        Raises:
            KeyError: the line of the log is damaged.
        """
        sample_id = self.person(line["picture"], line["dataset"], line["person"])
        if sample_id is None:
            return True
        if line["what"] == ASSIGNED:
            owner = self._connection.scalar(_OWNER, (sample_id,))
            return bool(owner == line["after"])
        return self._has_answer(sample_id, line) is (line["after"] is not None)

    def _has_answer(self, sample_id: int, line: Line) -> bool:
        key = (sample_id, line["author"], line["answered_at"])
        return self._connection.scalar(_ANSWER, key) is not None

    def answer(self, sample_id: int, line: Line) -> None:
        """Give, or take back, the answer to a hidden case that a line tells of.

        Raises:
            KeyError: the line of the log is damaged.
        """
        with self._connection.writing():
            key = (sample_id, line["author"], line["answered_at"])
            if line["after"] is None:
                answer_id = self._connection.scalar(_ANSWER, key)
                take_back_answers(self._connection, [] if answer_id is None else [answer_id])
            elif not self._has_answer(sample_id, line):
                values = (line["kind"], line["expected"], line["verdict"])
                rows = self._connection.rows(_ADD_ANSWER, (*key, *values))
                log_case_answers(self._connection, rows, at=None)

    def import_of(self, at: str) -> int | None:
        """The import that began at a time, or None."""
        found = self._connection.scalar("SELECT id FROM imports WHERE at = ?", (at,))
        return None if found is None else int(found)

    def removed_at(self, at: str) -> list[int]:
        """The removals of one time that can be put back."""
        return [int(found) for (found,) in self._connection.execute(_REMOVED_AT, (at,))]

    def person(self, picture: str, dataset: str, person_key: str | None) -> int | None:
        """The sample of a person, named as the log names it; of any person in the picture for None.

        A picture that was named at another place before or after the edit is found there.
        """
        if picture not in self._named_now:
            self._named_now[picture] = self._name_now(picture)
        names = {"picture": self._named_now[picture], "dataset": dataset, "person": person_key}
        found = self._connection.scalar(_FIND_PERSON, names)
        return None if found is None else int(found)

    def _name_now(self, picture: str) -> str:
        """The one picture of the same file name that shares most of the folders above it."""
        if self._connection.scalar(_HAS_PICTURE, (picture,)):
            return picture
        name = _file_name(picture)
        rows = self._connection.execute(_OF_THE_SAME_NAME, {"name": name, "end": f"/{name}"})
        by_shared: dict[int, list[str]] = {}
        for (path,) in rows:
            by_shared.setdefault(_shared_end(picture, path), []).append(path)
        best = by_shared[max(by_shared)] if by_shared else []
        return best[0] if len(best) == 1 else picture

    def fit(self, sample_id: int, logged: Line) -> int:
        """The fit that an edit was about; stored again where the dictionary lacks it.

        Raises:
            ValueError, KeyError: the line of the log is damaged.
        """
        row = {
            **logged,
            **_blobs_of(logged),
            **_NOT_LOGGED,
            "sample_id": sample_id,
        }
        found = self._connection.scalar(_FIND_FIT, row)
        if found is not None:
            return int(found)
        with self._connection.writing():
            return insert_fit(self._connection, row)

    def opinion(self, sample_id: int, fit_id: int, line: Line) -> bool:
        """Give, take back or remove the opinion of a line; False where the line holds none.

        Raises:
            ValueError, KeyError, TypeError: the line of the log is damaged.
        """
        reviewer = str(line["author"])
        with self._connection.writing():
            before = stored_verdicts(self._connection, [fit_id])[fit_id].given
            if OPINION in line:
                self._add(opinion_from_line(line, fit_id=fit_id, sample_id=sample_id), before)
            elif WITHDRAWN in line:
                key = (fit_id, reviewer, str(line[WITHDRAWN]))
                mark_withdrawn(self._connection, [key], withdrawn_at=str(line["at"]))
                stored, after = settle_verdicts(self._connection, [fit_id])
                log_withdrawal(
                    self._connection, key, stored[fit_id], after[fit_id], at=str(line["at"])
                )
            elif REMOVED_OPINION in line:
                other, given_at = map(str, line[REMOVED_OPINION])
                key = (fit_id, other, given_at)
                remove_opinions(self._connection, [key])
                stored, after = settle_verdicts(self._connection, [fit_id])
                log_removal_of(
                    self._connection,
                    key,
                    stored[fit_id],
                    after[fit_id],
                    author=reviewer,
                    at=str(line["at"]),
                )
            else:
                return False
        return True

    def _add(self, opinion: Opinion, before: EffectiveVerdict) -> None:
        stored = read_opinions(self._connection, [opinion.fit_id]).get(opinion.fit_id, [])
        if opinion_key(opinion) in map(opinion_key, stored):
            return
        add_opinions(self._connection, [opinion])
        _stored, after = settle_verdicts(self._connection, [opinion.fit_id])
        log_opinion(self._connection, opinion, before, after[opinion.fit_id].given)


def _blobs_of(logged: Line) -> dict[str, bytes | None]:
    """The columns of bytes; a line from before bodies had cameras names none: the long lens."""
    needed = {name: from_text(logged[name]) for name in BLOBS_OF_FITS if name != CROP_CAMERA}
    camera = logged.get(CROP_CAMERA)
    return {**needed, CROP_CAMERA: None if camera is None else from_text(camera)}


def _file_name(picture: str) -> str:
    return picture.rpartition("/")[2]


def _shared_end(first: str, second: str) -> int:
    """How many names two paths share, counted from their ends."""
    pairs = zip(reversed(first.split("/")), reversed(second.split("/")), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
