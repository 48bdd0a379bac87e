"""What the log of edits says of an event: who, what, and the values that doing it again takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.dictionary.storage.clock import PROGRAM_AUTHOR
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.edit_log import Line, to_text
from core.dictionary.storage.ids import id_list
from core.types.events import Event
from core.types.imports import ImportRecord
from core.types.reviewing.comments import Comment

CROP_CAMERA = "crop_camera"
BLOBS_OF_FITS = ("pose_axis_angle", "betas", "camera_translation", CROP_CAMERA)
"""Columns that are stored as bytes; the camera is NULL where it is the long lens."""

VERDICT = "verdict"
COMMENT = "comment"
ASSIGNED = "assigned"
"""Whose a person is: ``after`` is a reviewer's name, or None for everyone's."""
CASE_ANSWER = "case answer"
"""What a reviewer said of a hidden case: ``after`` is the verdict, None where it was taken back."""
STATES = frozenset({ASSIGNED, CASE_ANSWER})
"""What no event tells: of each the last line says how it stands."""

REMOVED = "removed"
"""What happened to a person who is not in the database any more."""
IMPORT_UNDONE = "import undone"
PUT_BACK = "put back"
TAKING_BACK = frozenset({REMOVED, IMPORT_UNDONE, PUT_BACK})
"""What the table ``removals`` tells, not the events of a person."""

_PERSON = """
SELECT picture_path, dataset, person_key, box_center_x_px, box_center_y_px, box_scale,
    keypoints_px, keypoint_sources, current_fit_id
FROM samples JOIN annotations ON annotations.sample_id = samples.id WHERE samples.id = ?"""
_REMOVED_PEOPLE = """
SELECT picture_path, dataset, person_key FROM samples WHERE id IN
    (SELECT row_id FROM removal_rows WHERE removal_id = ? AND table_name = 'samples') ORDER BY id"""
_NAMES_OF = """
SELECT id, picture_path, dataset, person_key FROM samples
WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"""
_NOT_OF_THE_FIT = frozenset(
    {"id", "sample_id", "checksum", "run_id", "iteration", "made_from_fit_id", "group_id",
     "verdict", "verdict_at", "verdict_by", "reject_reason"}
)  # fmt: skip


def log_edits(connection: Connection, events: Iterable[Event]) -> None:
    """Have what people did written to the log once the transaction is on the disk.

    The caller holds it, and has made the change already. Verdicts are not among them: each opinion
    is a line of its own, whether it changed the verdict or not.
    """
    for event in events:
        if event.author != PROGRAM_AUTHOR and event.what != VERDICT:
            connection.log_when_committed(_line(connection, event))


def log_verdict(connection: Connection, event: Event, more: Line) -> None:
    """The same for an opinion on a fit, with what else it takes to give it again."""
    connection.log_when_committed(_line(connection, event) | more)


def log_comment(connection: Connection, comment: Comment, *, at: str, is_removed: bool) -> None:
    """The same for a comment that was written, taken away or brought back.

    The line bears the name of who wrote the comment, and ``by`` who changed it now.
    """
    event = Event(
        at=at,
        author=comment.author,
        sample_id=comment.sample_id,
        fit_id=None,
        what=COMMENT,
        before=None,
        after=None if is_removed else comment.text,
    )
    more: Line = {"comment_at": comment.at, "text": comment.text, "by": connection.author}
    connection.log_when_committed(_line(connection, event) | more)


def log_assignments(
    connection: Connection,
    before: Mapping[int, str | None],
    after: Mapping[int, str | None],
    *,
    at: str,
    author: str,
) -> None:
    """The same for people who were given to reviewers, or made everyone's, by sample."""
    changed = [sample_id for sample_id in after if before[sample_id] != after[sample_id]]
    for sample_id, *names in connection.each(_NAMES_OF, (id_list(changed),)):
        line = _state_line(names, ASSIGNED, at=at, author=author)
        connection.log_when_committed(
            line | {"before": before[sample_id], "after": after[sample_id]}
        )


def log_case_answers(connection: Connection, answers: Iterable[Row], *, at: str | None) -> None:
    """The same for answers to hidden cases, rows of ``case_answers``.

    at: when they were taken back; None where they were given.
    """
    for answer in answers:
        for _sample_id, *names in connection.each(_NAMES_OF, (id_list([answer["sample_id"]]),)):
            line = _state_line(names, CASE_ANSWER, at=at or answer["at"], author=answer["reviewer"])
            verdict = answer["verdict"]
            connection.log_when_committed(
                line
                | {
                    "before": None if at is None else verdict,
                    "after": verdict if at is None else None,
                }
                | {"answered_at": answer["at"], "verdict": verdict}
                | {name: answer[name] for name in ("kind", "expected")}
            )


def _state_line(names: Sequence[str], what: str, *, at: str, author: str) -> Line:
    picture, dataset, person = names
    return {
        "at": at,
        "author": author,
        "what": what,
        "picture": picture,
        "dataset": dataset,
        "person": person,
    }


def log_removal(connection: Connection, sample_id: int, *, at: str, author: str) -> None:
    """The same for a removal: that a person drawn by hand is about to be removed."""
    event = Event(
        at=at,
        author=author,
        sample_id=sample_id,
        fit_id=None,
        what=REMOVED,
        before=None,
        after=None,
    )
    connection.log_when_committed(_line(connection, event))


def log_removed_people(connection: Connection, removal_id: int, at: str, author: str) -> None:
    """Log that people are about to be removed: their names, nothing of what goes with them.

    The caller holds the transaction, and has noted in ``removal_rows`` who they are.
    """
    for picture, dataset, person in connection.each(_REMOVED_PEOPLE, (removal_id,)):
        connection.log_when_committed(
            {
                "at": at,
                "author": author,
                "what": REMOVED,
                "picture": picture,
                "dataset": dataset,
                "person": person,
            }
        )


def log_removed_import(connection: Connection, record: ImportRecord, at: str, author: str) -> None:
    """Log that an import is undone, in one line: the import is found by its time again."""
    connection.log_when_committed(
        {
            "at": at,
            "author": author,
            "what": IMPORT_UNDONE,
            "import_at": record.at,
            "title": record.title,
        }
    )


def log_put_back(connection: Connection, removed_at: str, *, at: str, author: str) -> None:
    """Log that what was removed at a time is there again."""
    connection.log_when_committed(
        {"at": at, "author": author, "what": PUT_BACK, "removed_at": removed_at}
    )


def _line(connection: Connection, event: Event) -> Line:
    (person,) = connection.rows(_PERSON, (event.sample_id,))
    line: Line = {
        "at": event.at,
        "author": event.author,
        "what": event.what,
        "picture": person["picture_path"],
        "dataset": person["dataset"],
        "person": person["person_key"],
        "before": event.before,
        "after": event.after,
    }
    if event.fit_id is not None:
        (fit,) = connection.rows("SELECT * FROM fits WHERE id = ?", (event.fit_id,))
        line["fit"] = _as_json(fit)
        line["is_current"] = person["current_fit_id"] == event.fit_id
    else:
        line["box"] = [person[f"box_{part}"] for part in ("center_x_px", "center_y_px", "scale")]
        line["keypoints_px"] = to_text(person["keypoints_px"])
        line["keypoint_sources"] = to_text(person["keypoint_sources"] or b"")
    return line


def _as_json(fit: Row) -> Line:
    return {
        name: to_text(value) if isinstance(value, bytes) else value
        for name, value in fit.items()
        if name not in _NOT_OF_THE_FIT
    }
