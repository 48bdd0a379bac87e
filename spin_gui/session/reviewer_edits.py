"""Who reviews; and comments, each as one step of undo."""

from __future__ import annotations

from core.types.reviewing.comments import Comment
from spin_gui.session.session import ProjectSession
from spin_gui.session.undo_commands import EditCommand


def sign_as(session: ProjectSession, reviewer: str) -> None:
    """Give verdicts and make edits under a name; under the user's for an empty one."""
    session.dictionary.sign_as(reviewer)
    if session.catalogue.update_hidden():
        session.take_in_changes()


def add_comment(session: ProjectSession, sample_id: int, text: str) -> Comment:
    """Write a comment on a sample; raises ``DictionaryError`` for an empty or a long one."""
    comment = session.dictionary.comments.add(sample_id, text)
    words = f"Comment on {session.records.row(sample_id).name}"
    _push_comment(session, comment, words, is_there=True)
    return comment


def remove_comment(session: ProjectSession, comment: Comment) -> None:
    """Take a comment away."""
    session.dictionary.comments.remove(comment.id)
    words = f"Remove a comment on {session.records.row(comment.sample_id).name}"
    _push_comment(session, comment, words, is_there=False)


def _push_comment(session: ProjectSession, comment: Comment, words: str, *, is_there: bool) -> None:
    def show(done: str, *, there: bool) -> None:
        comments = session.dictionary.comments
        (comments.restore if there else comments.remove)(comment.id)
        session.select(comment.sample_id)
        session.after_edit({comment.sample_id}, f"{done} – saved")

    session.undo_stack.push(
        EditCommand(
            words,
            undo=lambda done: show(done, there=not is_there),
            redo=lambda done: show(done, there=is_there),
        )
    )
    session.after_edit({comment.sample_id}, f"{words} – saved")
