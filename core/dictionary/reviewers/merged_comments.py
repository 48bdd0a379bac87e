"""Comments of another copy of a project: what is lacking here, put in and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection, Row
from core.dictionary.storage.ids import id_list
from core.dictionary.storage.logged_edits import log_comment
from core.types.reviewing.comments import Comment, MergedComment

_ALL = """
SELECT comments.sample_id, comments.author, comments.at, comments.text, comments.removed_at,
    samples.picture_path, samples.dataset, samples.person_key
FROM comments JOIN samples ON samples.id = comments.sample_id ORDER BY comments.id"""

_HERE = """
SELECT sample_id, author, at, text, removed_at FROM comments
WHERE sample_id IN (SELECT value FROM json_each(?))"""

_ADD = "INSERT INTO comments (sample_id, author, at, text, removed_at) VALUES (?, ?, ?, ?, ?)"
_THIS = "WHERE sample_id = ? AND author = ? AND at = ?"


def comments_of(other: Connection, person_here: Callable[[Row], int | None]) -> list[MergedComment]:
    """All comments of another copy on people of this one.

    Args:
        other: the other copy.
        person_here: the sample of a row's person in this one, or None.
    """
    found = []
    for row in other.rows(_ALL):
        sample_id = person_here(row)
        if sample_id is not None:
            found.append(
                MergedComment(
                    sample_id=sample_id,
                    author=row["author"],
                    at=row["at"],
                    text=row["text"],
                    removed_at=row["removed_at"],
                )
            )
    return found


def lacking(
    connection: Connection, theirs: Sequence[MergedComment]
) -> tuple[tuple[MergedComment, ...], tuple[MergedComment, ...]]:
    """Which comments are new here, and which are to be taken away."""
    ids = id_list({comment.sample_id for comment in theirs})
    here = {
        comment.key: comment
        for comment in (MergedComment(**row) for row in connection.rows(_HERE, (ids,)))
    }
    added = {comment.key: comment for comment in theirs if comment.key not in here}
    removed = {
        comment.key: comment
        for comment in theirs
        if comment.removed_at is not None
        and comment.key in here
        and here[comment.key].removed_at is None
    }
    return tuple(added.values()), tuple(removed.values())


def put_in(
    connection: Connection, added: Iterable[MergedComment], removed: Iterable[MergedComment]
) -> None:
    """Store new comments and take others away; the caller holds the transaction."""
    for comment in added:
        values = (*comment.key, comment.text, comment.removed_at)
        connection.execute(_ADD, values)
        _log(connection, comment, at=comment.at, is_removed=False)
        if comment.removed_at is not None:
            _log(connection, comment, at=comment.removed_at, is_removed=True)
    for comment in removed:
        _set_removed(connection, comment, comment.removed_at)
        _log(connection, comment, at=comment.removed_at or utc_now(), is_removed=True)


def take_out(
    connection: Connection, added: Iterable[MergedComment], removed: Iterable[MergedComment]
) -> None:
    """Undo ``put_in``; the caller holds the transaction."""
    now = utc_now()
    for comment in added:
        _log(connection, comment, at=now, is_removed=True)
        connection.execute(f"DELETE FROM comments {_THIS}", comment.key)  # noqa: S608 - own words
    for comment in removed:
        _set_removed(connection, comment, None)
        _log(connection, comment, at=now, is_removed=False)


def _set_removed(connection: Connection, comment: MergedComment, removed_at: str | None) -> None:
    connection.execute(
        f"UPDATE comments SET removed_at = ? {_THIS}",  # noqa: S608 - own words
        (removed_at, *comment.key),
    )


def _log(connection: Connection, comment: MergedComment, *, at: str, is_removed: bool) -> None:
    logged = Comment(
        id=0,
        sample_id=comment.sample_id,
        author=comment.author,
        at=comment.at,
        text=comment.text,
    )
    log_comment(connection, logged, at=at, is_removed=is_removed)
