"""Which rows of a batch show one moment, and which show one subject.

A *moment* is one person at one time, seen by several cameras: one pose and one shape. A *subject*
is one person at any time: one shape. docs/method.md, "Several pictures of one person".
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from torch import Tensor

from core.engine.smplify.objective import PriorShares
from core.errors import ShapeError
from core.geometry.shared_unknowns import SharedUnknowns, SharingLevel

_ROOT_AND_CAMERA = (*range(3), *range(82, 85))
_BODY_POSE = range(3, 72)
_BETAS = range(72, 82)
"""Where they are among the 85 unknowns of ``BodyStage``."""


POSE_PRIOR_OF_GROUPS = 0.7
SHAPE_PRIOR_OF_GROUPS = 0.35
"""What counts of the priors of a moment of several pictures, and of a subject of several. Their
weights are those of one picture, in which depth has to come from them; several cameras measure
what one has to be told (docs/measurements.md, "Several pictures of one person")."""


@dataclass(frozen=True)
class ViewGroups:
    """Moments and subjects of B rows.

    moments: the moment of each row, numbered from 0 without gaps.
    subjects: the subject of each moment, numbered from 0 without gaps.
    """

    moments: tuple[int, ...]
    subjects: tuple[int, ...]

    @classmethod
    def of(
        cls, moments: Sequence[Hashable | None], subjects: Sequence[Hashable | None]
    ) -> ViewGroups:
        """From the names of each row's moment and subject; None for a row that shares nothing.

        Raises:
            ShapeError: the lengths differ, or the rows of one moment name different subjects.
        """
        if len(moments) != len(subjects):
            raise ShapeError("subjects", actual=(len(subjects),), expected=f"({len(moments)},)")
        numbers = _numbered(
            [("own", row) if name is None else ("group", name) for row, name in enumerate(moments)]
        )
        subject_of: dict[int, Hashable] = {}
        for moment, subject in zip(numbers, subjects, strict=True):
            name = ("of moment", moment) if subject is None else ("group", subject)
            if subject_of.setdefault(moment, name) != name:
                raise ShapeError(
                    "subjects", actual=(len(set(subjects)),), expected="one subject a moment"
                )
        in_order = [subject_of[moment] for moment in range(len(subject_of))]
        return cls(numbers, _numbered(in_order))

    @property
    def subject_of_row(self) -> tuple[int, ...]:
        """The subject of each row."""
        return tuple(self.subjects[moment] for moment in self.moments)

    def rows_of_moments(self) -> list[list[int]]:
        """The rows of each moment, in their order."""
        return _members(self.moments)

    def shares(self, like: Tensor) -> PriorShares:
        """Each row's share of the priors, in the precision and on the device of a tensor."""
        pose = _shares(self.moments, POSE_PRIOR_OF_GROUPS)
        shape = _shares(self.subject_of_row, SHAPE_PRIOR_OF_GROUPS)
        return PriorShares(like.new_tensor(pose), like.new_tensor(shape))

    def shared_unknowns(
        self, held: Tensor | None = None, rigs: Sequence[int] | None = None
    ) -> SharedUnknowns:
        """One pose a moment and one shape a subject, as the solver takes them.

        Args:
            held: ``(B,)`` bool, rows whose bodies do not move at all; None where all do.
            rigs: of each row, numbered without gaps; the rows of one, all of one moment, have one
                root and one place in the world. None where every row has its own.
        """
        rows_held = None if held is None else held[:, None].expand(-1, 85)
        subjects = SharingLevel.of(self.subjects, _BETAS)
        if rigs is None:
            return SharedUnknowns((SharingLevel.of(self.moments, _BODY_POSE), subjects), rows_held)
        moment_of = dict(zip(rigs, self.moments, strict=True))
        moments = [moment_of[rig] for rig in range(len(moment_of))]
        of_rigs = SharingLevel.of(rigs, _ROOT_AND_CAMERA)
        return SharedUnknowns((of_rigs, SharingLevel.of(moments, _BODY_POSE), subjects), rows_held)


def mean_of_groups(values: Tensor, groups: Sequence[int]) -> Tensor:
    """For each row the mean ``(B, …)`` over its group of values ``(B, …)``."""
    level = SharingLevel.of(groups, ())
    sizes = values.new_tensor(_sizes(groups)).view(-1, *[1] * (values.ndim - 1))
    mean: Tensor = level.on_members(level.summed(values)) / sizes
    return mean


def sum_of_groups(values: Tensor, groups: Sequence[int]) -> Tensor:
    """Sums ``(G,)`` over groups of values ``(B,)``."""
    summed: Tensor = SharingLevel.of(groups, ()).summed(values)
    return summed


def _numbered(names: Sequence[Hashable]) -> tuple[int, ...]:
    numbers: dict[Hashable, int] = {}
    return tuple(numbers.setdefault(name, len(numbers)) for name in names)


def _members(groups: Sequence[int]) -> list[list[int]]:
    members: dict[int, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    return [members[group] for group in range(len(members))]


def _shares(groups: Sequence[int], of_several: float) -> list[float]:
    """The same share for each member of a group, together 1, or less for a group of several."""
    return [1.0 if size == 1 else of_several / size for size in _sizes(groups)]


def _sizes(groups: Sequence[int]) -> list[int]:
    members = _members(groups)
    return [len(members[group]) for group in groups]
