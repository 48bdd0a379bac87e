"""Landmarks for people who are in a project already: measured in their pictures, and stored.

Their keypoints stay as they are. A picture at a time is one transaction: what was measured stays,
however the work ends, and the next call goes on with who was not measured yet.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import Cancelled, PictureError
from core.pictures.decoding import load_picture
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.counted_nouns import counted
from core.types.detected_landmarks import DetectedLandmarks
from core.types.detections import DETECTOR_NETWORKS
from core.types.samples import Sample
from core.workflows.annotations.exchanged_sides import sides_seen_in_pictures
from core.workflows.photos.finder import NOTHING_SEEN, Finder, landmarks_of, load_finder

PHASE = "Measuring people"

_READ_TOGETHER = 256
_EVERYBODY = SampleQuery()


@dataclass(frozen=True, kw_only=True)
class DetectReport:
    """What came of it.

    measured: people with landmarks now; not_seen: those in whose place the networks saw no one they
    agree on. measured_before: of those selected. problems: pictures that could not be read.
    notices: sentences about data sets whose left and right seem to be exchanged.
    """

    measured: int = 0
    not_seen: int = 0
    measured_before: int = 0
    problems: Sequence[str] = ()
    notices: Sequence[str] = ()
    cancelled: bool = False
    seconds: float = 0.0

    def summary(self) -> str:
        """A sentence for the status bar and the command line, and one for each notice."""
        return " ".join([self._counts(), *self.notices])

    def _counts(self) -> str:
        text = f"Measured {counted(self.measured, 'person', 'people')} in {self.seconds:.0f} s"
        if self.not_seen:
            text += f"; {self.not_seen} not seen by both networks"
        if self.measured_before:
            text += f"; {self.measured_before} measured before"
        if self.problems:
            text += f"; {counted(len(self.problems), 'picture', 'pictures')} could not be read"
        return (
            f"{text}; stopped, the rest is left for the next time."
            if self.cancelled
            else (f"{text}.")
        )


def detect_people(
    project: Path,
    *,
    where: SampleQuery = _EVERYBODY,
    finder: Finder | None = None,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> DetectReport:
    """Measure the people of a project whom these networks have not measured yet.

    Args:
        project: its folder.
        where: which people.
        finder: the detector; None: the shipped one.
        progress: told person by person.
        cancel: asked between people; what was measured is kept.

    Raises:
        DictionaryError: the project cannot be opened or written.
        SetupError: the networks are missing.
    """
    started = time.monotonic()
    with Dictionary.open(project) as dictionary:
        chosen = dictionary.search.ids(where.filters).tolist()
        waiting = dictionary.detections.waiting(DETECTOR_NETWORKS, among=chosen)
        meter = ProgressMeter(PHASE, len(waiting), progress)
        work = Measuring(dictionary, finder, meter, cancel or CancelToken())
        cancelled = False
        try:
            work.measure_all(waiting)
        except Cancelled:
            cancelled = True
        return DetectReport(
            measured=work.measured,
            not_seen=work.not_seen,
            measured_before=len(chosen) - len(waiting),
            problems=work.problems,
            notices=sides_seen_in_pictures(dictionary),
            cancelled=cancelled,
            seconds=time.monotonic() - started,
        )


class Measuring:
    """Goes from picture to picture; ``finder`` None: the shipped networks, loaded when needed."""

    def __init__(
        self,
        dictionary: Dictionary,
        finder: Finder | None,
        meter: ProgressMeter,
        cancel: CancelToken,
    ) -> None:
        self._dictionary, self._finder = dictionary, finder
        self._meter, self._cancel = meter, cancel
        self.measured = self.not_seen = 0
        self.problems: list[str] = []

    def measure_all(self, sample_ids: Sequence[int]) -> None:
        """Raises ``Cancelled``."""
        if not sample_ids:
            return
        finder = self._finder or load_finder()
        for start in range(0, len(sample_ids), _READ_TOGETHER):
            ids = sample_ids[start : start + _READ_TOGETHER]
            samples = self._dictionary.samples.still_there(ids)
            for picture, people in groupby(samples, key=lambda sample: sample.picture_path):
                self._cancel.raise_if_cancelled()
                self._measure_picture(finder, picture, list(people))

    def _measure_picture(self, finder: Finder, picture: Path, people: Sequence[Sample]) -> None:
        try:
            rgb = load_picture(picture)
        except PictureError as error:
            self.problems.append(error.message)
            self._meter.advance(len(people))
            return
        landmarks: dict[int, DetectedLandmarks] = {}
        try:
            for sample in people:
                landmarks[sample.id] = self._landmarks(finder, rgb, sample)
                self._meter.advance()
        finally:
            self._dictionary.detections.set(landmarks)
            seen = sum(found.landmarks_m is not None for found in landmarks.values())
            self.measured += seen
            self.not_seen += len(landmarks) - seen

    def _landmarks(
        self, finder: Finder, rgb: NDArray[np.uint8], sample: Sample
    ) -> DetectedLandmarks:
        keypoints = sample.keypoints_px if enough_keypoints(sample.keypoints_px) else None
        person = finder.measure(rgb, keypoints_px=keypoints, box=sample.box, cancel=self._cancel)
        return NOTHING_SEEN if person is None else landmarks_of(person)
