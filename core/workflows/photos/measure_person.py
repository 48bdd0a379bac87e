"""One person of a project, measured by the detector where a box or keypoints say that one is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.body.usable_keypoints import enough_keypoints
from core.dictionary.store import Dictionary
from core.pictures.decoding import load_picture
from core.progress import CancelToken
from core.types.detections import DetectedPerson
from core.workflows.photos.finder import Finder, load_finder


@dataclass(frozen=True, eq=False)
class MeasuredPerson:
    """What the networks saw of a sample; None where they saw no person there.

    has_fit: whether the sample has a body already.
    """

    sample_id: int
    name: str
    person: DetectedPerson | None
    has_fit: bool = False

    def summary(self) -> str:
        """One sentence for the job line."""
        if self.person is None:
            return f"no person was seen in the box of {self.name}; place keypoints by hand."
        return f"{self.person.keypoints_seen} keypoints of {self.name} found."


def measure_person(
    project: Path,
    sample_id: int,
    *,
    finder: Finder | None = None,
    cancel: CancelToken | None = None,
) -> MeasuredPerson:
    """Look at a sample's picture; nothing is stored.

    Raises:
        NoSuchRecordError: the sample does not exist.
        PictureError: its picture is missing or damaged.
        Cancelled: the user asked to stop.
    """
    with Dictionary.open(project) as dictionary:
        sample = dictionary.samples.get(sample_id)
        has_fit = bool(dictionary.fits.current([sample_id]))
    rgb = load_picture(sample.picture_path)
    keypoints = sample.keypoints_px if enough_keypoints(sample.keypoints_px) else None
    person = (finder or load_finder()).measure(
        rgb, keypoints_px=keypoints, box=sample.box, cancel=cancel
    )
    return MeasuredPerson(sample_id, sample.name, person, has_fit)
