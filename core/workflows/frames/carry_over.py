"""A body is carried over to the frames before and after it: each of them is fitted from its pose.

SMPLify finds the body that is nearest to where it starts. Started from the corrected body of the
next frame it finds that one's pose again, as far as the keypoints allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.bodies import BodyParameters
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import Fit, Origin, Verdict
from core.types.samples import Sample
from core.workflows.correct_sample import Corrector, HandMadeBody

PHASE = "Carrying over"
FARTHEST = 15
"""Frames on each side at most: half a second of a film, and what one step of undo may hold."""


@dataclass(frozen=True, eq=False)
class CarriedBody:
    """The body that a frame got. made_from_fit_id: its current fit before, where it had one."""

    sample: Sample
    body: HandMadeBody
    made_from_fit_id: int | None


def frames_around(dictionary: Dictionary, sample_id: int) -> tuple[list[int], list[int]]:
    """The samples before and after one in its track that a body is carried to, the nearest first.

    Each side ends before the first frame whose fit was accepted or corrected: that one is known
    better than what would be carried there.
    """
    track = [member.sample_id for member in dictionary.tracks.of(sample_id)]
    if sample_id not in track:
        return [], []
    here = track.index(sample_id)
    before, after = track[:here][::-1][:FARTHEST], track[here + 1 :][:FARTHEST]
    fits = dictionary.fits.current([*before, *after])
    return _until_known(before, fits), _until_known(after, fits)


def carry_over(
    dictionary: Dictionary,
    corrector: Corrector,
    sample_id: int,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> list[CarriedBody]:
    """Fit the frames around a sample from its current fit; nothing is stored.

    Raises:
        StudioError: the sample has no fit, or there is no frame to carry it to.
        Cancelled: when asked to stop.
    """
    fit = dictionary.fits.current([sample_id]).get(sample_id)
    if fit is None:
        raise StudioError("This frame has no body yet.", remedy="Fit it first.")
    sides = frames_around(dictionary, sample_id)
    if not any(sides):
        raise StudioError(
            "There is no frame to carry this body to: the person is not followed through "
            "frames, or the neighbours were accepted or corrected.",
            remedy="Find frames that follow one another first.",
        )
    meter = ProgressMeter(PHASE, sum(map(len, sides)), progress)
    carried: list[CarriedBody] = []
    for side in sides:
        samples = [
            sample
            for sample in dictionary.samples.still_there(side)
            if enough_keypoints(sample.keypoints_crop_px)
        ]
        seen = dictionary.detections.get_many(side, with_features=True)
        current = dictionary.fits.current_ids(side)
        chain = _carried(corrector, fit.parameters, samples, seen, cancel or CancelToken())
        for sample, body in chain:
            carried.append(CarriedBody(sample, body, current.get(sample.id)))
            meter.advance()
    return carried


def _carried(
    corrector: Corrector,
    body: BodyParameters,
    samples: Sequence[Sample],
    detections: Mapping[int, DetectedLandmarks],
    cancel: CancelToken,
) -> Iterator[tuple[Sample, HandMadeBody]]:
    """Each sample fitted from the one before it."""
    for sample in samples:
        made = corrector.refitted(
            sample,
            corrector.placed(sample, body),
            stay_near=True,
            detection=detections.get(sample.id),
            cancel=cancel,
        )
        body = made.parameters
        yield sample, made


def _until_known(sample_ids: Sequence[int], fits: Mapping[int, Fit]) -> list[int]:
    found = []
    for sample_id in sample_ids:
        fit = fits.get(sample_id)
        if fit is not None and (fit.verdict is Verdict.ACCEPTED or fit.origin is Origin.CORRECTED):
            break
        found.append(sample_id)
    return found
