"""Queries as SQL over the table ``samples``: by indexed columns only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.dictionary.search.query import DayRange, SampleQuery, SortKey

SORT_COLUMNS = {
    SortKey.ID: "id",
    SortKey.NAME: "name",
    SortKey.SUSPICION: "suspicion",
    SortKey.INFORMATIVENESS: "informativeness",
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
}
"""The column of ``samples`` behind each key."""

_FLAGGED = "id IN (SELECT sample_id FROM flags)"
_NOT_FLAGGED = "id NOT IN (SELECT sample_id FROM flags)"


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
    return conditions, parameters


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
