"""Finding the focal length of a camera from the fits of its pictures' people.

One photograph does not tell it: the objective of its fit scatters over the whole range. The sum
over the people of all pictures that one camera took has a minimum near the true focal length,
because only there do all of them get on with the priors at once. Everyone is fitted under each
focal length of a grid; a parabola through the three sums about the least, over the logarithm, gives
the answer. It counts where the people's gains over the assumed camera are clearly above 0.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.samples.cameras import PictureWithCamera
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ProgressMeter, ignore_progress
from core.types.cameras import (
    ASSUMED_SHARE_OF_DIAGONAL,
    CameraSource,
    PictureCamera,
    picture_middle_px,
)
from core.types.counted_nouns import counted
from core.types.samples import Sample

PHASE = "Looking for focal lengths"

SHARES = tuple(ASSUMED_SHARE_OF_DIAGONAL * 1.35**step for step in range(-3, 8))
"""Of the diagonal: 0.33 to 6.5; the assumed one is among them."""

LEAST_PEOPLE = 12
MOST_PEOPLE = 96
"""Of one camera, evenly over its people: more would make the answer little better."""

CLEARLY = 3.0
"""Standard errors that the mean gain is above 0."""

LEAST_FACTOR = 1.5
"""Between what is found and the assumed camera. The answer is no better than that: of 60 made
people under 0.4, 0.6, 0.8 and 1.2 diagonals it is 0.43, 0.68, 0.98 and 1.77, of 28 views of a real
man under 0.76 it is 0.51."""

_UNKNOWN = frozenset({CameraSource.ASSUMED, CameraSource.LONG_LENS, CameraSource.FOUND})

ObjectiveOf = Callable[[Sequence[Sample]], NDArray[np.float64]]
"""What SMPLify ends with for samples under their cameras, px² ``(N,)``."""


@dataclass(frozen=True, kw_only=True)
class FoundFocalLength:
    """What was found for the pictures of one camera.

    name: of the camera, or of the folder. share: of the diagonal. gain_px2: of the objective of a
    person, in the mean; certainty: the same in standard errors. people: of how many. why_not: why
    it is not to be used; empty where it is.
    """

    name: str
    pictures: tuple[Path, ...]
    size_px: tuple[int, int]
    people: int
    share: float = math.nan
    gain_px2: float = 0.0
    certainty: float = 0.0
    why_not: str = ""

    @property
    def is_clear(self) -> bool:
        """Whether it is clearly better than the assumed camera."""
        return not self.why_not

    def summary(self) -> str:
        """What was found, in one line."""
        width, height = self.size_px
        text = f"{self.name}, {width}×{height} px, {counted(self.people, 'person', 'people')}"
        if math.isnan(self.share):
            return f"{text}: {self.why_not}"
        focal = f"{self.share * math.hypot(*self.size_px):.0f} px ({self.share:.2f} diagonals)"
        verdict = self.why_not or "used"
        return f"{text}: {focal}, {self.certainty:.1f} standard errors better: {verdict}"

    @property
    def camera(self) -> PictureCamera:
        """The camera of these pictures."""
        focal_length_px = self.share * math.hypot(*self.size_px)
        note = f"from the fits of {self.people} people: {self.share:.2f} diagonals"
        return PictureCamera(
            focal_length_px,
            picture_middle_px(self.size_px),
            source=CameraSource.FOUND,
            note=note,
        )


def find_focal_lengths(
    dictionary: Dictionary,
    pictures: Iterable[PictureWithCamera],
    objective_of: ObjectiveOf,
    *,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> list[FoundFocalLength]:
    """One focal length for the pictures of each camera, but for those whose camera is known.

    Pictures are of one camera where they have the same size and the same name of a camera (from
    ``group``) or, without one, lie in the same folder.

    Args:
        dictionary: of the project.
        pictures: of the project.
        objective_of: fits samples.
        progress: told after each focal length.
        cancel: asked before each.

    Raises:
        Cancelled: the user asked to stop.
    """
    cameras = _by_camera(dictionary, pictures)
    meter = ProgressMeter(PHASE, len(cameras) * len(SHARES), progress)
    found = []
    for (name, size_px), of_camera in cameras.items():
        samples = _people_of(dictionary, of_camera)
        summary = FoundFocalLength(
            name=name,
            pictures=tuple(picture.path for picture in of_camera),
            size_px=size_px,
            people=len(samples),
            why_not=_too_few(len(samples)),
        )
        if summary.why_not:
            meter.advance(len(SHARES))
        else:
            objectives = []
            for share in SHARES:
                if cancel is not None:
                    cancel.raise_if_cancelled()
                objectives.append(objective_of(_under(samples, share)))
                meter.advance()
            summary = judged(summary, np.array(objectives))
        found.append(summary)
    return found


def judged(summary: FoundFocalLength, objectives: NDArray[np.float64]) -> FoundFocalLength:
    """The least sum of a grid, refined, and whether it is clearly better than the assumed camera.

    Args:
        summary: of the camera.
        objectives: ``(S, N)`` px², of each person under each of ``SHARES``.
    """
    sums = objectives.sum(axis=1)
    best = int(np.argmin(sums))
    assumed = int(np.argmin(np.abs(np.array(SHARES) - ASSUMED_SHARE_OF_DIAGONAL)))
    share = _refined(sums, best)
    gains = objectives[assumed] - objectives[best]
    error = float(gains.std(ddof=1)) / math.sqrt(len(gains))
    certainty = float(gains.mean()) / error if error > 0 else 0.0
    why_not = ""
    if best in (0, len(SHARES) - 1):
        why_not = "the objective falls to the end of the range"
    elif certainty < CLEARLY:
        why_not = "not clearly better than the assumed camera"
    elif abs(math.log(share / ASSUMED_SHARE_OF_DIAGONAL)) < math.log(LEAST_FACTOR):
        why_not = "as near to the assumed camera as can be told"
    return replace(
        summary,
        share=share,
        gain_px2=float(gains.mean()),
        certainty=certainty,
        why_not=why_not,
    )


def found_camera(
    found: Iterable[FoundFocalLength],
) -> Callable[[PictureWithCamera], PictureCamera]:
    """The cameras that are clear, by picture; other pictures keep their own."""
    clear: Mapping[Path, PictureCamera] = {
        path: each.camera for each in found if each.is_clear for path in each.pictures
    }
    return lambda picture: clear.get(picture.path, picture.camera)


def _refined(sums: NDArray[np.float64], best: int) -> float:
    """Where the parabola through three sums about the least has its minimum, over log share."""
    if best in (0, len(SHARES) - 1):
        return SHARES[best]
    before, least, after = sums[best - 1 : best + 2]
    curvature = before - 2 * least + after
    # At most half a step: the least of three equally spaced values is nearest to the minimum.
    offset = float(np.clip(0.5 * (before - after) / curvature, -0.5, 0.5)) if curvature > 0 else 0.0
    step = math.log(SHARES[1] / SHARES[0])
    return SHARES[best] * math.exp(offset * step)


def _too_few(people: int) -> str:
    if people >= LEAST_PEOPLE:
        return ""
    found = counted(people, "person", "people")
    return f"{found} with enough keypoints, expected at least {LEAST_PEOPLE}"


def _by_camera(
    dictionary: Dictionary, pictures: Iterable[PictureWithCamera]
) -> dict[tuple[str, tuple[int, int]], list[PictureWithCamera]]:
    unknown = [picture for picture in pictures if picture.camera.source in _UNKNOWN]
    members = dictionary.groups.of(
        sample_id for picture in unknown for sample_id in picture.sample_ids
    )
    cameras: dict[tuple[str, tuple[int, int]], list[PictureWithCamera]] = defaultdict(list)
    for picture in unknown:
        names = [members[person].camera for person in picture.sample_ids if person in members]
        name = next((name for name in names if name), str(picture.path.parent))
        cameras[name, picture.size_px].append(picture)
    return cameras


def _people_of(dictionary: Dictionary, pictures: Sequence[PictureWithCamera]) -> list[Sample]:
    ids = [sample_id for picture in pictures for sample_id in picture.sample_ids]
    every = max(1, len(ids) // MOST_PEOPLE)
    samples = dictionary.samples.get_many(ids[::every][:MOST_PEOPLE])
    return [sample for sample in samples if enough_keypoints(sample.keypoints_px)]


def _under(samples: Sequence[Sample], share: float) -> list[Sample]:
    """The samples under a camera of a share of their picture's diagonal, however short."""
    return [
        replace(
            sample,
            camera=PictureCamera(
                share * math.hypot(*sample.picture_size_px),
                picture_middle_px(sample.picture_size_px),
                source=CameraSource.FOUND,
            ),
        )
        for sample in samples
    ]
