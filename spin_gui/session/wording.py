"""Facts about samples and fits put into words. Knows nothing of Qt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from core.body.conventions import OPENPOSE_KEYPOINTS
from core.dictionary.search.query import ANY_GROUP, NO_GROUP, SampleQuery
from core.dictionary.search.query_parser import text_of_query
from core.errors import StudioError
from core.types.arrays import NUM_KEYPOINTS
from core.types.counted_nouns import counted
from core.types.fits import (
    ORIGIN_MEANINGS,
    ORIGIN_TITLES,
    UNKNOWN_ERROR,
    FitLosses,
    Origin,
    Verdict,
    error_px,
)
from core.types.flags import FlagName, flag_words
from core.types.limits import FEW_KEYPOINTS, VALID_COMPARISON_LOSS_PX2
from core.types.samples import SampleRow

VERDICT_TITLES = {
    Verdict.NONE: "not reviewed",
    Verdict.ACCEPTED: "accepted",
    Verdict.REJECTED: "rejected",
    Verdict.UNSURE: "unsure",
}

MISSING = "–"

KEYPOINTS_MEANING = (
    f"A sample has room for {NUM_KEYPOINTS} keypoints: {OPENPOSE_KEYPOINTS} as OpenPose defines "
    f"them, and {NUM_KEYPOINTS - OPENPOSE_KEYPOINTS} as data sets annotate them. Few sources fill "
    "all of them (COCO has 17); the others may stay empty."
)


def flag_reason(flag: str, row: SampleRow, *, assessed: str = "") -> str:
    """Why this sample has the flag, with the number that caused it.

    ``assessed``: what the assessment said; without it the flag's general meaning stands.
    """
    if flag == FlagName.BETAS and row.max_abs_beta is not None:
        return f"largest |β| is {row.max_abs_beta:.1f}; few people lie beyond ±3"
    if flag == FlagName.REPROJECTION and row.loss is not None:
        limit = root_px(VALID_COMPARISON_LOSS_PX2)
        return f"the joints lie {root_px(row.loss)} off; limit {limit} of the crop"
    if flag == FlagName.FEW_KEYPOINTS:
        seen = row.visible_keypoints
        return f"{seen} visible, too few of them outside neck and hips ({FEW_KEYPOINTS} wanted)"
    return assessed or flag_words(flag).meaning


def describe_row(row: SampleRow, *, problem: str = "") -> str:
    """One sample in a few lines, for tooltips and screen readers."""
    state = VERDICT_TITLES[row.verdict] if row.has_fit else "no fit yet"
    lines = [f"{row.name} – {state}", str(row.picture_path)]
    if row.has_fit:
        origin = origin_title(row.origin)
        error = UNKNOWN_ERROR if row.loss is None else root_px(row.loss)
        lines.append(f"fit from {origin}, error {error}")
    if row.comments:
        lines.append(comment_words(row.comments))
    lines += [f"{flag_words(flag).title}: {flag_reason(flag, row)}" for flag in row.flags]
    if problem:
        lines.append(f"Picture: {problem}")
    return "\n".join(lines)


def comment_words(count: int) -> str:
    """How many comments there are on a person, and how they are read."""
    return f"{counted(count, 'comment', 'comments')} – read with Shift+C"


def origin_title(origin: Origin | None) -> str:
    """Where a fit comes from, in words."""
    return MISSING if origin is None else ORIGIN_TITLES[Origin(origin)]


def origin_meaning(origin: Origin | None) -> str:
    """What an origin is, in a sentence; empty without one."""
    if origin is None:
        return ""
    meaning = ORIGIN_MEANINGS[Origin(origin)]
    return f"{meaning[:1].upper()}{meaning[1:]}."


def count_text(count: int) -> str:
    """A count with its thousands apart: ``300 000``."""
    return f"{count:,}".replace(",", "\u202f")


def samples_text(count: int) -> str:
    """``1 sample``, ``300 000 samples``."""
    return f"{count_text(count)} {'sample' if count == 1 else 'samples'}"


def number(value: float | None) -> str:
    """Three digits that count: ``0.0123``, ``4.56``, ``123``, ``12 300``."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    rounded = float(f"{value:.3g}")
    size = math.floor(math.log10(abs(rounded)))
    if size < -4:
        return f"{value:.1e}"
    return f"{rounded:,.{max(0, 2 - size)}f}".replace(",", "\u202f")


def root_px(loss: float) -> str:
    """A squared distance as the distance, which is easier to picture."""
    return f"{number(error_px(loss))} px"


def local_time(utc_iso: str, *, now: datetime | None = None) -> str:
    """A stored UTC time in the reader's zone: the hour when it was today, else the day first."""
    moment = _parsed(utc_iso)
    today = (now or datetime.now(UTC)).astimezone().date()
    if moment.date() == today:
        return f"{moment:%H:%M:%S}"
    return f"{moment:%d %b %H:%M}" if moment.year == today.year else f"{moment:%d %b %Y}"


def full_time(utc_iso: str) -> str:
    """A stored UTC time in full, in the reader's zone."""
    return f"{_parsed(utc_iso):%Y-%m-%d %H:%M:%S %Z}"


def _parsed(utc_iso: str) -> datetime:
    try:
        moment = datetime.fromisoformat(utc_iso)
    except ValueError as error:
        raise StudioError(f"A time in the database is {utc_iso!r}, not an ISO time.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone()


@dataclass(frozen=True)
class LossTerm:
    """One weighted term of the objective: its value and its share of the sum, 0..1."""

    title: str
    value: float
    share: float
    meaning: str


LOSS_TERMS = (
    ("reprojection", "Reprojection", "distance of the joints from the keypoints, robust, px²"),
    ("pose_prior", "Pose prior", "how unusual the pose is"),
    ("angle_prior", "Angle prior", "elbows and knees bent the wrong way"),
    ("shape_prior", "Shape prior", "how far the shape is from the average person"),
    ("bone_directions", "Bone directions", "bones away from where the detector saw them point"),
    ("depth", "Depth", "camera moved away from its first distance"),
    (
        "pull",
        "Estimate prior",
        "distance from the body (lifted, predicted or edited) it is kept near to",
    ),
)
"""Field of ``FitLosses``, title and meaning of each term of the objective."""


def loss_terms(losses: FitLosses) -> list[LossTerm]:
    """The objective part by part. Shares are of the sum of absolute values."""
    values = [float(getattr(losses, field)) for field, _title, _meaning in LOSS_TERMS]
    finite = [abs(value) for value in values if math.isfinite(value)]
    total = sum(finite) or 1.0
    return [
        LossTerm(title, value, abs(value) / total if math.isfinite(value) else 0.0, meaning)
        for (_field, title, meaning), value in zip(LOSS_TERMS, values, strict=True)
    ]


def why_none_is_listed(query: SampleQuery, total: int) -> str:
    """Why a filter lists none of a project's samples: a finished pile is no mistake."""
    rule = f"the filter “{text_of_query(query)}”"
    names = sorted(query.waiting_for - {ANY_GROUP, NO_GROUP})
    if names:
        return f"Nothing waits for {' or '.join(names)} any more ({rule})."
    samples = "The only sample is" if total == 1 else f"All {total:,} samples are"
    return f"{samples} hidden by {rule}."
