"""Checks the keypoint labels of a project: whatever was not checked yet, fit or no fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.body.label_checks.features import LabelSet
from core.body.label_checks.places import (
    LABEL_SETS,
    NUM_PLACES,
    extents_px,
    label_sets,
    landmark_places,
)
from core.body.label_checks.scores import LabelChecker, LabelScores
from core.dictionary.assessment.assessments import RaisedFlag
from core.dictionary.assessment.label_checks import LabelCheck, LabelInputs
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.arrays import FloatArray
from core.types.flags import LABEL_FLAGS, FlagName, flag_words
from core.workflows.flag_report import LabelReport

PHASE = "Checking keypoints"
TOGETHER = 512
"""People checked together, and stored in one transaction."""
_LABELLED_SHARE = 0.05
"""Of a data set's people: a place that fewer have is not one that it labels."""
_FEWEST_PEOPLE = 3
_MOST = 0.5
"""Share of a data set's people from which a whole set is suspected rather than each of them."""

_SAME_PLACE = 0.05
"""Of the person's size."""
_SAME_PERSON = 0.7
_PAIRS_TOGETHER = 2048


def check_labels(
    dictionary: Dictionary,
    *,
    again: bool = False,
    at_most: int | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> LabelReport:
    """Check everybody who was not checked since their keypoints changed.

    Args:
        dictionary: of the project.
        again: check everybody, as after a change of program.
        at_most: how many at most, the smallest ids first; None for all.
        progress: told after each batch.
        cancel: asked between batches; the batches before it stay.

    Raises:
        StudioError: the shipped files cannot be read, or the dictionary cannot be written.
    """
    if again:
        dictionary.label_checks.forget_all()
    waiting = dictionary.label_checks.due(limit=at_most)
    if not waiting:
        return LabelReport()
    checker, meter = ProjectLabelChecker(dictionary), ProgressMeter(PHASE, len(waiting), progress)
    checked = flagged = 0
    for start in range(0, len(waiting), TOGETHER):
        if cancel is not None and cancel.cancelled:
            return LabelReport(checked, flagged, cancelled=True)
        batch = waiting[start : start + TOGETHER]
        made = checker.checks(batch)
        checked += dictionary.label_checks.store(made)
        flagged += sum(bool(check.flags) for check in made)
        meter.advance(len(batch))
    return LabelReport(checked, flagged)


def label_notices(dictionary: Dictionary) -> list[str]:
    """A notice for each kind that most people of a data set bear: then the set itself is wrong.

    Exchanged sides have a notice of their own (``exchanged_sides``).
    """
    return [
        f"'{flag_words(kind).title}' is raised for {bearers} of {people} people of the data set "
        f"'{dataset}' (flag '{kind}'). Is the order of its joints what the format says?"
        for dataset, (people, raised) in dictionary.label_checks.raised_by_dataset().items()
        for kind, bearers in raised.items()
        if kind is not FlagName.SIDES_EXCHANGED
        and people >= _FEWEST_PEOPLE
        and bearers > _MOST * people
    ]


class ProjectLabelChecker:
    """Checks samples of one dictionary; what data sets label is looked up once."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._checker = LabelChecker()
        self._conventions: dict[str, NDArray[np.bool_]] = {}

    def checks(self, sample_ids: Sequence[int]) -> list[LabelCheck]:
        """Checks of the samples; nothing is stored."""
        inputs = self._dictionary.label_checks.inputs(sample_ids)
        if not len(inputs):
            return []
        scores = [self._checker.check(people) for people in self.label_sets(inputs)]
        return [_check(inputs, scores, row) for row in range(len(inputs))]

    def label_sets(self, inputs: LabelInputs) -> list[LabelSet]:
        """Both sets of labels of the people, with all that they are compared with."""
        sets = label_sets(inputs.keypoints_px)
        conventions = np.stack([self._convention(dataset) for dataset in inputs.datasets])
        neighbours = self._neighbour_px(inputs, sets)
        landmarks = landmark_places(inputs.landmarks_px)
        return [
            LabelSet(
                sets[:, which],
                conventions[:, which],
                landmarks,
                inputs.picture_size_px,
                neighbours[:, which],
            )
            for which in range(len(LABEL_SETS))
        ]

    def _convention(self, dataset: str) -> NDArray[np.bool_]:
        """``(2, 25)``: the places that a data set labels, in both sets."""
        if dataset not in self._conventions:
            labelled = label_sets(self._dictionary.label_checks.labels_of(dataset))[..., 2] > 0
            people = np.maximum(labelled.any(axis=2).sum(axis=0), 1)[:, None]
            self._conventions[dataset] = labelled.sum(axis=0) > _LABELLED_SHARE * people
        return self._conventions[dataset]

    def _neighbour_px(self, inputs: LabelInputs, sets: FloatArray) -> NDArray[np.float64]:
        """How far each label lies from the nearest same one of the picture's other people."""
        nearest = np.full((len(inputs), len(LABEL_SETS), NUM_PLACES), np.inf)
        people = self._dictionary.label_checks.people_of(set(inputs.picture_paths))
        everybody = [person for of_picture in people.values() for person in of_picture]
        if not everybody:
            return nearest
        own, others = _pairs(inputs, people)
        all_sets = label_sets(np.stack([keypoints for _, keypoints in everybody]))
        for start in range(0, len(own), _PAIRS_TOGETHER):
            rows = own[start : start + _PAIRS_TOGETHER]
            apart = _apart_px(sets[rows], all_sets[others[start : start + _PAIRS_TOGETHER]])
            first = np.flatnonzero(np.diff(rows, prepend=-1))
            nearest[rows[first]] = np.minimum(
                nearest[rows[first]], np.minimum.reduceat(apart, first, axis=0)
            )
        return nearest


def _pairs(
    inputs: LabelInputs, people: Mapping[str, Sequence[tuple[int, FloatArray]]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of people, row after row, each beside one of the others in their picture.

    The others are numbered as they stand in ``people``, picture after picture.
    """
    numbers, count = {}, 0
    for path, of_picture in people.items():
        ids = [sample_id for sample_id, _ in of_picture]
        numbers[path] = list(zip(ids, range(count, count + len(ids)), strict=True))
        count += len(ids)
    pairs = [
        (row, number)
        for row, (sample_id, path) in enumerate(
            zip(inputs.sample_ids, inputs.picture_paths, strict=True)
        )
        for other, number in numbers.get(path, ())
        if other != sample_id
    ]
    own, others = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return own, others


def _apart_px(own: FloatArray, others: FloatArray) -> NDArray[np.float64]:
    """Distances ``(P, 2, 25)`` of labels from those of another, both ``(P, 2, 25, 3)``.

    ∞ where one of both is not there. People most of whose labels lie on one's own are that same
    person, annotated twice.
    """
    both = (own[..., 2] > 0) & (others[..., 2] > 0)
    apart = np.linalg.norm(own[..., :2].astype(np.float64) - others[..., :2], axis=-1)
    on_it = (both & (apart < _SAME_PLACE * extents_px(own)[..., None])).sum(axis=2)
    same = on_it > _SAME_PERSON * np.maximum(both.sum(axis=2), 1)
    distances: NDArray[np.float64] = np.where(both & ~same[..., None], apart, np.inf)
    return distances


def _check(inputs: LabelInputs, scores: Sequence[LabelScores], row: int) -> LabelCheck:
    """The worse of what is said of both sets of a person's labels, kind by kind."""
    flags: dict[FlagName, RaisedFlag] = {}
    for said in scores:
        for kind, reason in said.reasons(row).items():
            score = float(said.scores[kind][row])
            if kind not in flags or score > flags[kind].score:
                flags[kind] = RaisedFlag(kind, score, reason)
    return LabelCheck(
        sample_id=inputs.sample_ids[row],
        basis=inputs.bases[row],
        doubt=max(float(said.doubt[row]) for said in scores),
        flags=tuple(flags[kind] for kind in LABEL_FLAGS if kind in flags),
    )
