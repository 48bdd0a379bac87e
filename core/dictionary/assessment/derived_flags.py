"""Flags that follow from the keypoints and from the current fit alone.

They, those of people annotated twice (``annotated_twice``), those of people whose sides are
exchanged (``exchanged_sides``), and those of neighbouring frames (``frame_flags``) are derived in
the transaction that changes what they follow from, so they are never stale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.types.flags import LABEL_FLAGS, FlagName
from core.types.limits import FEW_KEYPOINTS, VALID_COMPARISON_LOSS_PX2, VALID_MAX_ABS_BETA


@dataclass(frozen=True)
class _Rule:
    """When a sample bears a flag, with which score and reason: SQL over a row of ``samples``."""

    flag: FlagName
    condition: str
    score: str
    reason: str = "''"

    @property
    def bearers_sql(self) -> str:
        """Flag and sample of every sample that bears it."""
        return f"SELECT '{self.flag}', id FROM samples WHERE {self.condition}"  # noqa: S608

    @property
    def insert_sql(self) -> str:
        """A statement that raises the flag for those of some samples that bear it."""
        return (
            f"INSERT INTO flags (name, sample_id, score, reason) {self.rows_sql} "  # noqa: S608
            "AND id IN (SELECT value FROM json_each(?))"
        )

    @property
    def rows_sql(self) -> str:
        """The rows of ``flags`` of every sample that bears it."""
        return (
            f"SELECT '{self.flag}', id, {self.score}, {self.reason} "  # noqa: S608 - own words
            f"FROM samples WHERE {self.condition}"
        )


_KEYPOINT_RULES = (
    _Rule(FlagName.NO_KEYPOINTS, "usable_keypoints = 0", score="usable_keypoints"),
    _Rule(
        FlagName.FEW_KEYPOINTS,
        f"usable_keypoints > 0 AND usable_keypoints < {FEW_KEYPOINTS}",
        score="usable_keypoints",
    ),
)

_FIT_RULES = (
    _Rule(
        FlagName.BETAS,
        f"current_max_abs_beta > {VALID_MAX_ABS_BETA!r}",
        score="current_max_abs_beta",
        reason="printf('a beta of %.1f', current_max_abs_beta)",
    ),
    _Rule(
        FlagName.REPROJECTION,
        f"current_loss >= {VALID_COMPARISON_LOSS_PX2!r}",
        score="current_loss",
        reason="printf('%.0f px² a keypoint', current_loss)",
    ),
)

FROM_FITS = tuple(rule.flag for rule in _FIT_RULES)
"""Those that follow from the current fit."""

FLAGS_OF_FITS_SQL = tuple(rule.rows_sql for rule in _FIT_RULES)
"""Their rows, from columns of ``samples``; a further condition may follow with AND."""

FROM_COLUMNS = tuple(rule.flag for rule in (*_KEYPOINT_RULES, *_FIT_RULES))
"""The flags that follow from columns of ``samples``."""

DERIVED_FLAGS = (
    *FROM_COLUMNS,
    FlagName.ANNOTATED_TWICE,
    FlagName.SIDES_EXCHANGED,
    FlagName.JUMP,
    FlagName.SIDE_FLIP,
)

KEPT_FLAGS = (*DERIVED_FLAGS, *(flag for flag in LABEL_FLAGS if flag not in DERIVED_FLAGS))
"""What stays where only an assessment is taken back: no fit takes part in these."""


def expected_flags(connection: Connection) -> Iterator[tuple[str, int]]:
    """The flags that all samples must bear by their columns, each with the id of its sample."""
    for rule in (*_KEYPOINT_RULES, *_FIT_RULES):
        yield from connection.execute(rule.bearers_sql)


def derive_keypoint_flags(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Make the keypoint flags of samples again; the caller holds the transaction."""
    _derive(connection, _KEYPOINT_RULES, sample_ids)


def derive_fit_flags(connection: Connection, sample_ids: Iterable[int]) -> None:
    """Make the flags of samples' current fits again; the caller holds the transaction."""
    _derive(connection, _FIT_RULES, sample_ids)


def _derive(connection: Connection, rules: tuple[_Rule, ...], sample_ids: Iterable[int]) -> None:
    ids = id_list(sample_ids)
    names = ", ".join(f"'{rule.flag}'" for rule in rules)
    connection.execute(
        f"DELETE FROM flags WHERE name IN ({names}) "  # noqa: S608 - own words
        "AND sample_id IN (SELECT value FROM json_each(?))",
        (ids,),
    )
    for rule in rules:
        connection.execute(rule.insert_sql, (ids,))
