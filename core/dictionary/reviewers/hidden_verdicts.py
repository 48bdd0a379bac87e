"""What a reviewer is not to see yet, kept out of everything that one dictionary reads.

Of a fit on which a second opinion is asked for, or of a hidden known case, the verdict that was
given is hidden until the reviewer has given theirs. It would show in many places: lists, filters,
counts, histograms, charts, logs. So it is hidden in one: temporary views take the place of the
tables that tell of it, for all that is read outside of write transactions
(``Connection.mask``). No query knows of them, and none can forget them.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

from core.dictionary.assessment.derived_flags import (
    FLAGS_OF_FITS_SQL,
    FROM_FITS,
    KEPT_FLAGS,
)
from core.dictionary.fits.case_answers import waiting_cases
from core.dictionary.reviewers.shares import asked_fits
from core.dictionary.storage.connection import Connection
from core.dictionary.storage.ids import id_list
from core.types.fits import Verdict

_HIDDEN = "temp.hidden_fits"

_MAKE = (
    "CREATE TEMP TABLE hidden_fits (fit_id INTEGER PRIMARY KEY, sample_id INTEGER NOT NULL, "
    "error_id INTEGER)"
)
_FILL = "INSERT INTO temp.hidden_fits (fit_id, sample_id, error_id) VALUES (?, ?, ?)"

_OF_FITS = """
SELECT id, sample_id, NULL FROM main.fits WHERE id IN (SELECT value FROM json_each(:ids))
UNION ALL SELECT fit_id, sample_id, id FROM main.made_errors
WHERE -id IN (SELECT value FROM json_each(:ids))"""

_NONE = f"'{Verdict.NONE.value}'"
_WITHOUT_VERDICT = {
    "samples": {"current_verdict": _NONE},
    "fits": {"verdict": _NONE, "reject_reason": "NULL", "verdict_at": "NULL", "verdict_by": "NULL"},
}
"""What the columns of a hidden fit show."""

_BODY = ("pose_axis_angle", "betas", "camera_translation", "crop_camera")
_LOSSES = (
    "reprojection_loss", "pose_prior_loss", "angle_prior_loss", "shape_prior_loss",
    "bone_direction_loss", "depth_loss", "pull_loss", "comparison_loss", "max_abs_beta", "depth_m",
    "pose_valid", "shape_valid",
)  # fmt: skip
_ASSESSED = (
    "suspicion", "informativeness", "disagreement_deg", "error_2d_px", "error_3d_mm",
    "touch_gain_mm", "touch_keypoint",
)  # fmt: skip
_OF_ERRORS = {
    "samples": {
        "current_fit_id": "-made.id",
        "current_loss": "nullif(made.comparison_loss, 9e999)",
        "current_max_abs_beta": "made.max_abs_beta",
        "current_depth_m": "made.depth_m",
        "current_pose_prior": "made.pose_prior_loss",
        **{name: f"made.{name}" for name in _ASSESSED},
    },
    "fits": {"id": "-made.id", **{name: f"made.{name}" for name in (*_BODY, *_LOSSES)}},
}
"""What they show where an error was made in the fit."""

_OF_ROW = {"samples": "current_fit_id", "fits": "id"}

_OF_AN_ERROR = f"SELECT sample_id FROM {_HIDDEN} WHERE error_id IS NOT NULL"  # noqa: S608

_SHOWN = "temp.shown_errors"
_FITS_WITH_ERRORS = f"SELECT fit_id FROM {_HIDDEN} WHERE error_id IS NOT NULL"  # noqa: S608

_OPINIONS = f"""
CREATE TEMP VIEW opinions AS SELECT * FROM main.opinions
WHERE fit_id NOT IN (SELECT fit_id FROM {_HIDDEN})"""  # noqa: S608 - own words

# An event of a current fit names it as text, too.
_SHOWN_ID = """coalesce((SELECT -error_id FROM temp.hidden_fits AS hidden
    WHERE hidden.fit_id = CAST({0} AS INTEGER)), {0})"""
_SHOWN_TEXT = f"iif(what = 'current fit', CAST({_SHOWN_ID} AS TEXT), {{0}})"
_EVENTS = f"""
CREATE TEMP VIEW events AS SELECT id, at, author, sample_id, {_SHOWN_ID.format("fit_id")} AS fit_id,
    what, {_SHOWN_TEXT.format("before")} AS before, {_SHOWN_TEXT.format("after")} AS after, checksum
FROM main.events
WHERE what <> 'verdict' OR fit_id IS NULL
    OR fit_id NOT IN (SELECT fit_id FROM {_HIDDEN})"""  # noqa: S608 - own words

# Flags of keypoints and frames are the person's; those of the body, the made error's.
_KEPT = ", ".join(f"'{name}'" for name in KEPT_FLAGS if name not in FROM_FITS)
_FLAGS = f"""
CREATE TEMP VIEW flags AS SELECT name, sample_id, score, reason FROM main.flags
WHERE name IN ({_KEPT}) OR sample_id NOT IN ({_OF_AN_ERROR})
UNION ALL SELECT json_extract(flag.value, '$[0]'), made.sample_id,
    json_extract(flag.value, '$[1]'), json_extract(flag.value, '$[2]')
FROM {_HIDDEN} AS hidden JOIN main.made_errors AS made ON made.id = hidden.error_id,
    json_each(made.flags) AS flag
""" + "".join(  # noqa: S608 - own words
    f"UNION ALL {rows} AND id IN ({_OF_AN_ERROR})\n" for rows in FLAGS_OF_FITS_SQL
)


@dataclass(frozen=True)
class HiddenFit:
    """A fit of which the present reviewer is not to see what was said.

    error_id: of the made error that is shown in its place, or None.
    """

    fit_id: int
    sample_id: int
    error_id: int | None

    @property
    def shown_id(self) -> int:
        """The number under which it is shown; below zero for a made error."""
        return self.fit_id if self.error_id is None else -self.error_id


class HiddenVerdicts:
    """Of one opened dictionary and its author; reached as ``dictionary.hidden``.

    Nothing is hidden until ``update`` is called: by the window, not by what exports, trains
    or counts.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._hidden: frozenset[HiddenFit] = frozenset()
        self._views_have_errors: bool | None = None
        """None while there are no views."""

    @property
    def fit_ids(self) -> frozenset[int]:
        """The fits whose verdicts are hidden now, under the numbers that they are shown with."""
        return frozenset(hidden.shown_id for hidden in self._hidden)

    @property
    def errors(self) -> frozenset[int]:
        """The samples in which the author is shown a made error."""
        return frozenset(fit.sample_id for fit in self._hidden if fit.error_id is not None)

    def update(self) -> frozenset[int]:
        """Look again what is to be hidden from the author of this dictionary.

        Returns:
            The samples that show otherwise from now on; nothing else changed in the project.
        """
        hidden = self._to_be_hidden()
        changed = hidden ^ self._hidden
        if changed:
            self._hide(hidden)
            self._hidden = hidden
        return frozenset(hidden_fit.sample_id for hidden_fit in changed)

    def _to_be_hidden(self) -> frozenset[HiddenFit]:
        author = self._connection.author
        with self._connection.reading():
            asked = asked_fits(self._connection, author) | waiting_cases(self._connection, author)
            rows = self._connection.execute(_OF_FITS, {"ids": id_list(asked)}) if asked else []
        return frozenset(HiddenFit(*row) for row in rows)

    def _hide(self, hidden: frozenset[HiddenFit]) -> None:
        mask = self._connection.mask
        with self._connection.translated_errors():
            is_new, raw = not mask.is_made, mask.made()
            raw.execute("BEGIN")
            if is_new:
                raw.execute(_MAKE)
            raw.execute(f"DELETE FROM {_HIDDEN}")  # noqa: S608 - own words
            raw.executemany(_FILL, [astuple(fit) for fit in hidden])
            for statement in self._changed_views(hidden, is_new=is_new):
                raw.execute(statement)
            raw.execute("COMMIT")

    def _changed_views(self, hidden: frozenset[HiddenFit], *, is_new: bool) -> list[str]:
        """Statements that bring the views to what is hidden now."""
        has_errors = any(fit.error_id is not None for fit in hidden)
        same = has_errors is self._views_have_errors and not has_errors
        if same:
            return []
        self._views_have_errors = has_errors
        return [
            *(f"DROP VIEW temp.{name}" for name in (() if is_new else _VIEW_NAMES)),
            *_make_shown_errors(self._connection),
            *_views(self._connection, has_errors=has_errors),
        ]


_VIEW_NAMES = ("samples", "fits", "opinions", "events", "flags")


def _views(connection: Connection, *, has_errors: bool) -> list[str]:
    """The views that take the place of the tables of their names.

    has_errors: whether any hidden fit is shown with a made error. Fits then bear numbers that no
    index knows; without errors all indexes serve as ever.
    """
    samples = _select(connection, "samples", has_errors=has_errors)
    fits = _select(connection, "fits", has_errors=False)
    if has_errors:
        # Apart, so that numbers of fits stay those of a table, which indexes find.
        fits += f" WHERE stored.id NOT IN ({_FITS_WITH_ERRORS}) UNION ALL SELECT * FROM {_SHOWN}"  # noqa: S608
    return [
        f"CREATE TEMP VIEW samples AS {samples}",
        f"CREATE TEMP VIEW fits AS {fits}",
        _OPINIONS,
        _EVENTS,
        _FLAGS,
    ]


def _make_shown_errors(connection: Connection) -> list[str]:
    """Statements that make the table of the fits that errors are shown as."""
    fits = _select(connection, "fits", has_errors=True)
    return [
        f"DROP TABLE IF EXISTS {_SHOWN}",
        f"CREATE TEMP TABLE shown_errors AS {fits} WHERE made.id IS NOT NULL",
        "CREATE UNIQUE INDEX temp.shown_errors_by_id ON shown_errors (id)",
    ]


def _select(connection: Connection, table: str, *, has_errors: bool) -> str:
    return (
        f"SELECT {_columns(connection, table, has_errors=has_errors)} "  # noqa: S608 - own words
        f"FROM main.{table} AS stored LEFT JOIN {_HIDDEN} AS hidden "
        f"ON hidden.fit_id = stored.{_OF_ROW[table]} "
        "LEFT JOIN main.made_errors AS made ON made.id = hidden.error_id"
    )


def _columns(connection: Connection, table: str, *, has_errors: bool) -> str:
    names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
    return ", ".join(f"{_column(table, name, has_errors=has_errors)} AS {name}" for name in names)


def _column(table: str, name: str, *, has_errors: bool) -> str:
    if name in _WITHOUT_VERDICT[table]:
        return f"iif(hidden.fit_id IS NULL, stored.{name}, {_WITHOUT_VERDICT[table][name]})"
    if has_errors and name in _OF_ERRORS[table]:
        return f"iif(made.id IS NULL, stored.{name}, {_OF_ERRORS[table][name]})"
    return f"stored.{name}"
