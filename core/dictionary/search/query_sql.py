"""Queries as SQL over the table ``samples``: by indexed columns only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.dictionary.search.query import (
    ANY_GROUP,
    LEFT_OUT,
    NO_GROUP,
    DayRange,
    SampleQuery,
    SortKey,
)
from core.dictionary.search.reviewer_rules import conditions_of_reviewers
from core.types.cameras import CameraSource

SORT_COLUMNS = {
    SortKey.ID: "id",
    SortKey.NAME: "name",
    SortKey.SUSPICION: "suspicion",
    SortKey.INFORMATIVENESS: "informativeness",
    SortKey.LABEL_DOUBT: "label_doubt",
    SortKey.TOUCH_GAIN: "touch_gain_mm",
    SortKey.LOSS: "current_loss",
    SortKey.ERROR_2D: "error_2d_px",
    SortKey.ERROR_3D: "error_3d_mm",
    SortKey.MAX_ABS_BETA: "current_max_abs_beta",
    SortKey.DEPTH: "current_depth_m",
    SortKey.POSE_PRIOR: "current_pose_prior",
    SortKey.DISAGREEMENT: "disagreement_deg",
    SortKey.KEYPOINTS: "visible_keypoints",
    SortKey.VERDICT: "current_verdict",
    SortKey.FITTED: "current_created_at",
    SortKey.IMPORTED: "imported_at",
    SortKey.LIKENESS: "id",
}
"""The column of ``samples`` behind each key; what is alike is ranked outside of SQL."""

_FLAGGED = "id IN (SELECT sample_id FROM flags)"
_NOT_FLAGGED = "id NOT IN (SELECT sample_id FROM flags)"


_MEMBER_COLUMNS = {
    "groups": ("moment_id", "subject_id"),
    "moments": ("moment_id",),
    "subjects": ("subject_id",),
}
"""Which columns of ``group_members`` each rule looks at."""


def conditions_of(query: SampleQuery) -> tuple[list[str], list[object]]:
    """The filter as SQL conditions and their parameters; user text is always a parameter."""
    conditions: list[str] = []
    parameters: list[object] = []
    if query.text:
        pattern = f"%{_escaped(query.text)}%"
        conditions.append("(name LIKE ? ESCAPE '!' OR dataset LIKE ? ESCAPE '!')")
        parameters += [pattern, pattern]
    for column, values in (
        ("current_verdict", query.verdicts),
        ("current_origin", query.origins),
        ("dataset", query.datasets),
        ("current_run_id", query.runs),
    ):
        if values:
            conditions.append(f"{column} IN ({_placeholders(values)})")
            parameters += sorted(values)
    for measure, value_range in query.ranges:
        _add_range(conditions, parameters, SORT_COLUMNS[measure], value_range.low, value_range.high)
    _add_days(conditions, parameters, query.fitted)
    if query.flags:
        conditions.append(
            f"id IN (SELECT sample_id FROM flags WHERE name IN ({_placeholders(query.flags)}))"  # noqa: S608
        )
        parameters += sorted(query.flags)
    if query.flagged is not None:
        conditions.append(_FLAGGED if query.flagged else _NOT_FLAGGED)
    if query.only_corrected:
        conditions.append("corrections > 0")
    if query.only_without_fit:
        conditions.append("current_fit_id IS NULL")
    of_others, more = conditions_of_other_tables(query)
    return [*conditions, *of_others], [*parameters, *more]


def conditions_of_other_tables(query: SampleQuery) -> tuple[list[str], list[object]]:
    """The filters by groups, cameras and reviewers, as ``conditions_of`` has the others."""
    conditions: list[str] = []
    parameters: list[object] = []
    for rule, columns in _MEMBER_COLUMNS.items():
        names = getattr(query, rule)
        if names:
            condition, more = _membership(names, columns)
            conditions.append(condition)
            parameters += more
    if query.cameras:
        known = sorted(query.cameras - {CameraSource.ASSUMED})
        either = []
        if known:
            among = _placeholders(known)
            of_source = f"SELECT picture_path FROM cameras WHERE source IN ({among})"  # noqa: S608
            either.append(f"picture_path IN ({of_source})")
        if CameraSource.ASSUMED in query.cameras:
            either.append("picture_path NOT IN (SELECT picture_path FROM cameras)")
        conditions.append(f"({' OR '.join(either)})")
        parameters += [str(source) for source in known]
    of_reviewers, more = conditions_of_reviewers(query)
    return [*conditions, *of_reviewers], [*parameters, *more]


def _membership(names: frozenset[str], columns: Sequence[str]) -> tuple[str, list[object]]:
    """Samples of any of these groups; the columns hold the groups."""
    known = " OR ".join(f"{column} IS NOT NULL" for column in columns)
    members = "IN (SELECT sample_id FROM group_members WHERE"
    either: list[str] = []
    if ANY_GROUP in names:
        either.append(f"id {members} {known})")
    if NO_GROUP in names:
        either.append(f"id NOT {members} {known})")
    if LEFT_OUT in names:
        either.append(f"id {members} left_out)")
    plain = sorted(names - {ANY_GROUP, NO_GROUP, LEFT_OUT})
    if plain:
        of_name = f"SELECT id FROM view_groups WHERE name IN ({_placeholders(plain)})"  # noqa: S608
        found = " OR ".join(f"{column} IN ({of_name})" for column in columns)
        either.append(f"id {members} {found})")
    return f"({' OR '.join(either)})", [*plain * len(columns)]


def _add_range(
    conditions: list[str],
    parameters: list[object],
    column: str,
    low: float | None,
    high: float | None,
) -> None:
    for end, comparison in ((low, ">="), (high, "<=")):
        if end is not None:
            conditions.append(f"{column} {comparison} ?")
            parameters.append(end)


def _add_days(conditions: list[str], parameters: list[object], days: DayRange) -> None:
    """Stored times sort as text, in which a tilde comes after every time of its day."""
    if days.first is not None:
        conditions.append("current_created_at >= ?")
        parameters.append(days.first.isoformat())
    if days.last is not None:
        conditions.append("current_created_at < ?")
        parameters.append(f"{days.last.isoformat()}~")


def where_clause(conditions: Sequence[str]) -> str:
    """Conditions as a WHERE clause, empty without any."""
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _placeholders(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def _escaped(text: str) -> str:
    """Text for LIKE, in which % and _ stand for themselves."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
