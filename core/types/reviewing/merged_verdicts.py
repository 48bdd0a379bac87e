"""What merging the verdicts of two copies of a project did, or would do."""

from __future__ import annotations

from dataclasses import dataclass

from core.types.counted_nouns import counted
from core.types.reviewing.comments import MergedComment
from core.types.reviewing.opinions import Opinion


@dataclass(frozen=True, kw_only=True)
class VerdictMerge:
    """A merge, done or rehearsed.

    added: opinions that the other copy had and this one lacked. withdrawn: opinions of this copy
    that were taken back in the other. changed: samples whose fit bears another verdict for it.
    disagreed: names of the people whose fit is unsure since reviewers said different things.
    differing: names of people whose fit was judged in the other copy and is not in this one: they
    are not judged. missing: names of judged people who are not in this copy. comments: those that
    this copy lacked. comments_removed: those of this copy that were taken away in the other.
    """

    added: tuple[Opinion, ...] = ()
    withdrawn: tuple[Opinion, ...] = ()
    changed: tuple[int, ...] = ()
    disagreed: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    comments: tuple[MergedComment, ...] = ()
    comments_removed: tuple[MergedComment, ...] = ()

    def __bool__(self) -> bool:
        """Whether there was anything to take over."""
        of_comments = self.comments or self.comments_removed
        return bool(self.added or self.withdrawn or of_comments)

    @property
    def size(self) -> int:
        """How many opinions and comments it is about."""
        of_comments = len(self.comments) + len(self.comments_removed)
        return len(self.added) + len(self.withdrawn) + of_comments

    def summary(self) -> str:
        """Sentences for the user."""
        if self:
            taken = counted(len(self.added), "verdict", "verdicts")
            people = counted(len(self.changed), "person", "people")
            sentences = [f"Took over {taken}; the verdict of {people} changed."]
        else:
            sentences = ["The other copy has no verdict or comment that this project lacks."]
        for items, one, many in (
            (self.withdrawn, "verdict was taken back", "verdicts were taken back"),
            (self.comments, "comment was added", "comments were added"),
            (self.comments_removed, "comment was removed", "comments were removed"),
            (
                self.disagreed,
                "person is unsure because reviewers disagree",
                "people are unsure because reviewers disagree",
            ),
            (
                self.differing,
                "person has another fit in the other copy and was not judged",
                "people have another fit in the other copy and were not judged",
            ),
            (self.missing, "judged person is not here", "judged people are not here"),
        ):
            if items:
                sentences.append(f"{counted(len(items), one, many)}.")
        return " ".join(sentences)
