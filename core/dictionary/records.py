"""What the dictionary hands out and takes in, beyond the values of ``core.records``.

All are frozen: a record is what was stored at the moment of reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from core.dictionary.sample_query import SampleQuery as SampleQuery  # noqa: PLC0414 - handed on
from core.dictionary.sample_query import SortKey as SortKey  # noqa: PLC0414
from core.geometry.crops import Box
from core.records import BodyParameters, FitLosses, FloatArray, GroundTruth, Origin, Verdict


class FlagName(StrEnum):
    """What the program suspects of a sample. Flags suggest; only people give verdicts."""

    ORIENTATION = "orientation"
    PART_ORIENTATION = "part orientation"
    BETAS = "betas"
    DEPTH = "depth"
    REPROJECTION = "reprojection"
    POSE = "pose"
    SELF_INTERSECTION = "self-intersection"
    DISAGREEMENT = "disagreement"
    FEW_KEYPOINTS = "few keypoints"
    NO_KEYPOINTS = "no keypoints"
    ANNOTATED_TWICE = "annotated twice"


class OfferOutcome(StrEnum):
    """What became of an offered fit."""

    BECAME_CURRENT = "became current"
    KEPT = "kept in history"
    LOCKED = "kept in history; the accepted fit stays"
    REFUSED = "refused"


class RunStatus(StrEnum):
    """How a run stands; ``interrupted``: its process was killed."""

    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class AddedSamples:
    """What an import added: the new ids in the order given, and how many were there before."""

    added_ids: list[int]
    already_there: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """One person in one picture, as stored.

    picture_size_px: width, height. keypoints_px: (49, 3) x, y in picture pixels, confidence.
    imported_at: UTC, ISO 8601. corrections: how many edits of keypoints and box stand.
    drawn_by: who drew the person by hand; None where it was imported.
    """

    id: int
    name: str
    picture_path: Path
    picture_size_px: tuple[int, int]
    dataset: str
    person_key: str
    box: Box
    keypoints_px: FloatArray
    ground_truth: GroundTruth
    imported_at: str
    corrections: int = 0
    drawn_by: str | None = None

    @cached_property
    def keypoints_crop_px(self) -> FloatArray:
        """(49, 3) x, y in pixels of the 224 px crop, and confidence; absent ones are 0, 0, 0."""
        return self.box.keypoints_to_crop(self.keypoints_px)


@dataclass(frozen=True, kw_only=True)
class SampleRow:
    """A sample as lists show it; everything after ``dataset`` describes its current fit.

    verdict is ``NONE`` without a fit. depth_m: distance of the body from its crop camera.
    """

    id: int
    name: str
    picture_path: Path
    dataset: str
    verdict: Verdict
    origin: Origin | None
    loss: float | None
    max_abs_beta: float | None
    depth_m: float | None
    flags: tuple[str, ...]
    visible_keypoints: int
    current_fit_id: int | None
    suspicion: float | None = None

    @property
    def has_fit(self) -> bool:
        """Whether the sample has a current fit."""
        return self.current_fit_id is not None


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A fit as stored; times are UTC in ISO 8601.

    pose_valid: the comparison loss is small enough to supervise the pose.
    shape_valid: no beta is extreme; the pose's validity does not depend on it.
    made_by: the person who made it by hand, from the fit ``made_from_fit_id``; None for SMPLify's.
    """

    id: int
    sample_id: int
    parameters: BodyParameters
    losses: FitLosses
    origin: Origin
    run_id: int | None
    iteration: int | None
    created_at: str
    runner_up: bool
    pose_valid: bool
    shape_valid: bool
    verdict: Verdict
    verdict_at: str | None
    verdict_by: str | None
    is_current: bool
    made_by: str | None = None
    made_from_fit_id: int | None = None


@dataclass(frozen=True)
class OfferResult:
    """The fit's id in the history, None where it was refused, and why it ended so."""

    fit_id: int | None
    outcome: OfferOutcome
    reason: str = ""


@dataclass(frozen=True)
class VerdictChange:
    """Verdicts by fit id before and after; ``before`` is what an undo restores."""

    before: dict[int, Verdict]
    after: dict[int, Verdict]


@dataclass(frozen=True, kw_only=True, eq=False)
class NewPrediction:
    """The regressor's output for a sample, to be stored in place of the one before."""

    sample_id: int
    parameters: BodyParameters
    run_id: int | None = None
    iteration: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """The latest output of the regressor for a sample; never mixed with fits."""

    sample_id: int
    parameters: BodyParameters
    run_id: int | None
    iteration: int | None
    created_at: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One change of what is known of a sample: when, who, what, from, to.

    what: ``verdict`` (before and after are verdicts), ``current fit`` (they are fit ids, None
    for no fit), ``keypoints``, ``box`` or ``sample`` (they are JSON). author: a user's name, or
    ``program``.
    """

    at: str
    author: str
    sample_id: int
    fit_id: int | None
    what: str
    before: str | None
    after: str | None


TRAINING_KIND = "train"
"""The kind of the runs that train a regressor."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One training or fitting with all that is needed to repeat it."""

    id: int
    kind: str
    configuration: Mapping[str, object]
    seed: int | None
    versions: Mapping[str, str]
    started_at: str
    ended_at: str | None
    status: RunStatus

    @property
    def is_training(self) -> bool:
        """Whether it trained a regressor: such runs have checkpoints."""
        return self.kind == TRAINING_KIND
