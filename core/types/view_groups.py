"""Which samples show one moment, and which show one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ViewGroup:
    """A moment or a subject, by its number in the dictionary and its name."""

    id: int
    name: str


@dataclass(frozen=True, kw_only=True)
class GroupNames:
    """What a sample is to belong to: None where to nothing.

    moment: shows one person at one time, from several cameras. subject: who it is. camera: which
    one took the picture; for people to read.
    """

    moment: str | None = None
    subject: str | None = None
    camera: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupMembership:
    """What a sample belongs to.

    left_out: whether a person rejected its body while the others of the moment kept theirs. It then
    is fitted by itself, until it is put back.
    """

    moment: ViewGroup | None = None
    subject: ViewGroup | None = None
    camera: str | None = None
    left_out: bool = False

    @property
    def names(self) -> GroupNames:
        """The same without the numbers."""
        return GroupNames(
            moment=None if self.moment is None else self.moment.name,
            subject=None if self.subject is None else self.subject.name,
            camera=self.camera,
        )

    @property
    def group_id(self) -> int | None:
        """The number that a fit of the whole group bears: the moment's, or else the subject's."""
        group = self.moment or self.subject
        return None if group is None else group.id


Memberships = Mapping[int, GroupMembership | None]
"""By sample; None for one that belongs to nothing."""


@dataclass(frozen=True)
class GroupChange:
    """Memberships before and after an edit; ``before`` is what an undo restores."""

    before: Memberships
    after: Memberships

    @property
    def changed_ids(self) -> list[int]:
        """The samples whose membership the edit changed."""
        return [sample_id for sample_id, was in self.before.items() if self.after[sample_id] != was]
