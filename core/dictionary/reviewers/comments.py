"""What people wrote about samples; removing a comment keeps it, so that it can come back."""

from __future__ import annotations

from core.dictionary.storage.clock import utc_now
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.edit_log import Line
from core.dictionary.storage.ids import check_all_found
from core.dictionary.storage.logged_edits import log_comment
from core.errors import DictionaryError, NoSuchRecordError, printable
from core.types.reviewing.comments import Comment

LONGEST_COMMENT = 4000
"""Characters: a page of text."""

_OF_SAMPLE = """
SELECT id, sample_id, author, at, text FROM comments
WHERE sample_id = ? AND removed_at IS NULL ORDER BY id"""
_ONE = "SELECT id, sample_id, author, at, text, removed_at FROM comments WHERE id = ?"
_LOGGED = "SELECT id, removed_at FROM comments WHERE sample_id = ? AND author = ? AND at = ?"
_ADD = "INSERT INTO comments (sample_id, author, at, text) VALUES (?, ?, ?, ?) RETURNING id"


class Comments:
    """Of one opened dictionary; reached as ``dictionary.comments``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_sample(self, sample_id: int) -> list[Comment]:
        """The comments on a sample, oldest first."""
        return [Comment(**row) for row in self._connection.rows(_OF_SAMPLE, (sample_id,))]

    def add(
        self, sample_id: int, text: str, author: str | None = None, *, at: str | None = None
    ) -> Comment:
        """Write a comment, in one transaction.

        Args:
            sample_id: the sample.
            text: what is written; spaces around it are dropped.
            author: who writes; the reviewer, by default.
            at: when it was written, where that is not now.

        Raises:
            NoSuchRecordError: the sample does not exist.
            DictionaryError: the text is empty or too long.
        """
        text = printable(text).strip()
        if not 0 < len(text) <= LONGEST_COMMENT:
            raise DictionaryError(
                f"The comment has {len(text)} characters.",
                remedy=f"Write 1 to {LONGEST_COMMENT:,} characters.",
            )
        author, at = author or self._connection.author, at or utc_now()
        with self._connection.writing():
            found = self._connection.execute("SELECT id FROM samples WHERE id = ?", (sample_id,))
            check_all_found("sample", [sample_id], (known for (known,) in found))
            number = int(self._connection.scalar(_ADD, (sample_id, author, at, text)))
            comment = Comment(id=number, sample_id=sample_id, author=author, at=at, text=text)
            log_comment(self._connection, comment, at=at, is_removed=False)
        return comment

    def remove(self, comment_id: int) -> None:
        """Take a comment away, in one transaction; ``restore`` brings it back.

        Raises:
            NoSuchRecordError: there is no such comment.
        """
        self._set_removed(comment_id, removed_at=utc_now())

    def restore(self, comment_id: int) -> None:
        """The inverse of ``remove``; raises ``NoSuchRecordError``, too."""
        self._set_removed(comment_id, removed_at=None)

    def replay(self, sample_id: int, line: Line) -> None:
        """Do again what a line of the log of edits says of a comment.

        Raises:
            KeyError: the line is damaged.
        """
        author, written_at, at = (str(line[key]) for key in ("author", "comment_at", "at"))
        found = self._connection.rows(_LOGGED, (sample_id, author, written_at))
        if not found:
            self.add(sample_id, str(line["text"]), author, at=written_at)
            found = self._connection.rows(_LOGGED, (sample_id, author, written_at))
        is_removed, removed_at = line["after"] is None, found[0]["removed_at"]
        if at > (removed_at or written_at) and is_removed is (removed_at is None):
            self._set_removed(found[0]["id"], removed_at=at if is_removed else None)

    def _set_removed(self, comment_id: int, *, removed_at: str | None) -> None:
        with self._connection.writing():
            rows = self._connection.rows(_ONE, (comment_id,))
            if not rows:
                raise NoSuchRecordError(f"The project has no comment {comment_id}.")
            (row,) = rows
            row.pop("removed_at")
            self._connection.execute(
                "UPDATE comments SET removed_at = ? WHERE id = ?", (removed_at, comment_id)
            )
            log_comment(
                self._connection,
                Comment(**row),
                at=removed_at or utc_now(),
                is_removed=removed_at is not None,
            )
