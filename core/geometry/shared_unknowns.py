"""Unknowns that several samples of a batch have in common, solved by Schur complements.

Four pictures of one moment show one pose and one shape, each from a camera of its own. Of the
system of such a problem,

    ⎡ Σ_v A_v   B_1   B_2  … ⎤ ⎡ δ_shared ⎤   ⎡ Σ_v a_v ⎤        A_v B_v a_v: what sample v says of
    ⎢   B_1ᵀ    C_1          ⎥ ⎢ δ_1      ⎥ = ⎢   c_1   ⎥                     the shared unknowns
    ⎣   B_2ᵀ          C_2    ⎦ ⎣ δ_2      ⎦   ⎣   c_2   ⎦        C_v c_v: of its own

only the corner couples samples. Eliminating what is a sample's own leaves a small system,

    (Σ_v A_v − B_v C_v⁻¹ B_vᵀ) δ_shared = Σ_v a_v − B_v C_v⁻¹ c_v
    δ_v = C_v⁻¹ (c_v − B_vᵀ δ_shared)

so a group costs what its samples cost alone, and one system of the shared unknowns. Groups may be
groups of groups: pictures of a moment share the pose, moments of a person the shape. Then the same
elimination runs once for each level. Sources: Triggs et al. 2000, section 6.1; docs/method.md,
"Several pictures of one person".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import ShapeError
from core.geometry.array_namespace import Array, array_like, array_namespace, identity_like
from core.geometry.linear_systems import solve_several_right_sides

_NO_MEMBER = -1


@dataclass(frozen=True)
class SharingLevel:
    """Groups of the members of the level below, and the unknowns that each group has once.

    members: the indices of each group's members, filled up with -1 to the largest group.
    group_of: the group that each member belongs to.
    unknowns: which columns of the system all members of a group have in common.
    """

    members: tuple[tuple[int, ...], ...]
    group_of: tuple[int, ...]
    unknowns: frozenset[int]

    @classmethod
    def of(cls, group_of: Iterable[int], unknowns: Iterable[int]) -> SharingLevel:
        """From the group ``0 … G − 1`` of each member; every group has at least one.

        Raises:
            ShapeError: the groups are not numbered without gaps.
        """
        numbers = tuple(int(group) for group in group_of)
        members: dict[int, list[int]] = {}
        for member, group in enumerate(numbers):
            members.setdefault(group, []).append(member)
        if set(members) != set(range(len(members))):
            raise ShapeError("group_of", actual=(len(numbers),), expected="groups 0, 1, …, no gaps")
        largest = max(map(len, members.values()), default=0)
        padded = (
            (*members[group], *[_NO_MEMBER] * (largest - len(members[group])))
            for group in range(len(members))
        )
        return cls(tuple(padded), numbers, frozenset(unknowns))

    def summed(self, values: Any) -> Any:
        """Sums ``(G, …)`` over the members of each group, of values ``(members, …)``."""
        xp = array_namespace(values)
        members = array_like(values, self.members)
        there, gathered = members != _NO_MEMBER, values[xp.clip(members, 0, None)]
        # ``where`` and not a product with 0: a member in place of none may hold ∞.
        there = xp.reshape(there, (*there.shape, *[1] * (gathered.ndim - 2)))
        return xp.sum(xp.where(there, gathered, xp.zeros_like(gathered[:1, :1])), axis=1)

    def on_members(self, values: Any) -> Any:
        """Values ``(members, …)`` from those of the groups ``(G, …)``."""
        return values[array_like(values, self.group_of)]


@dataclass(frozen=True, eq=False)
class SharedUnknowns:
    """Which samples of a batch have which of the N unknowns in common.

    levels: from the smallest groups to the largest, at least one; each groups the groups of the
        level before, the first groups samples. An unknown belongs to at most one level. Those of no
        level are each sample's own.
    held: (B, N) bool, unknowns that do not move; None where all do. One that is shared is held for
        its whole group.
    """

    levels: tuple[SharingLevel, ...]
    held: Array | None = None

    def summed(self, values: Any) -> Any:
        """Sums ``(G,)`` over the samples of each of the largest groups, of values ``(B,)``."""
        for level in self.levels:
            values = level.summed(values)
        return values

    def on_rows(self, values: Any) -> Any:
        """Values of each sample ``(B,)`` from those of the largest groups ``(G,)``."""
        for level in reversed(self.levels):
            values = level.on_members(values)
        return values

    def solve(self, matrix: Any, right: Any) -> Any:
        """The solution ``(B, N)`` of the joint system; equal where unknowns are shared.

        Args:
            matrix: ``(B, N, N)``, what each sample adds to the system.
            right: ``(B, N)``, what each adds to the right side.

        A system that is not positive definite gives zero for the unknowns that it decides.
        """
        if self.held is not None:
            matrix, right = _without(self._held_everywhere(self.held), matrix, right)
        return self._eliminated(0, matrix, right, range(right.shape[-1]))

    def _eliminated(self, depth: int, matrix: Any, right: Any, columns: Sequence[int]) -> Any:
        """Solutions for the members of a level, whose systems hold ``columns`` of the unknowns."""
        if depth == len(self.levels):
            return solve_several_right_sides(matrix, right[..., None])[..., 0]
        xp, level = array_namespace(matrix), self.levels[depth]
        later = frozenset[int]().union(*(above.unknowns for above in self.levels[depth:]))
        kept = [place for place, unknown in enumerate(columns) if unknown in later]
        own = [place for place, unknown in enumerate(columns) if unknown not in later]
        if not own:
            shared = self._eliminated(depth + 1, level.summed(matrix), level.summed(right), columns)
            return level.on_members(shared)
        corner, coupling = _block(matrix, kept, kept), _block(matrix, kept, own)
        to_kept, to_own = (array_like(right, part) for part in (kept, own))
        # C⁻¹ (Bᵀ | c), then the Schur complement of C and its right side.
        solved = solve_several_right_sides(
            _block(matrix, own, own),
            xp.concat([coupling.mT, right[:, to_own][..., None]], axis=-1),
        )
        by_shared, by_own = solved[..., :-1], solved[..., -1]
        shared = self._eliminated(
            depth + 1,
            level.summed(corner - coupling @ by_shared),
            level.summed(right[:, to_kept] - (coupling @ by_own[..., None])[..., 0]),
            [columns[place] for place in kept],
        )
        shared = level.on_members(shared)
        alone = by_own - (by_shared @ shared[..., None])[..., 0]
        order = [*kept, *own]
        back = array_like(right, sorted(range(len(order)), key=order.__getitem__))
        return xp.concat([shared, alone], axis=-1)[:, back]

    def _held_everywhere(self, held: Any) -> Any:
        """``held`` with what is shared held in all samples of a group where one holds it."""
        xp = array_namespace(held)
        counts = xp.astype(held, xp.float64)
        for depth, level in enumerate(self.levels):
            found = counts
            for below in self.levels[: depth + 1]:
                found = below.summed(found)
            for below in reversed(self.levels[: depth + 1]):
                found = below.on_members(found)
            mask = [unknown in level.unknowns for unknown in range(held.shape[-1])]
            counts = xp.where(array_like(held, mask)[None], found, counts)
        return counts > 0


def _block(matrix: Any, rows: Sequence[int], columns: Sequence[int]) -> Any:
    return matrix[:, array_like(matrix, rows)][:, :, array_like(matrix, columns)]


def _without(held: Any, matrix: Any, right: Any) -> tuple[Any, Any]:
    """The system with the identity and a right side of 0 for what is held: its solution is 0."""
    xp = array_namespace(matrix)
    identity = identity_like(matrix, right.shape[-1])
    matrix = xp.where(held[:, :, None] | held[:, None], identity, matrix)
    return matrix, xp.where(held, xp.zeros_like(right), right)
