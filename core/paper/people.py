"""The benchmark's people: rendered, and known by what the frozen detector sees of them.

Every set is a project of its own, made once and shared by all trainings, with the truth stored for
the judge. Bodies, poses, clothes and surroundings of a set come from its own seed.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.dictionary.samples.detections import SearchedPicture
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.detection.people_finder import PeopleFinder
from core.engine.smplify.pose_prior import PosePrior
from core.engine.synthetic.rendered_people import RenderedPeople
from core.errors import NotAProjectError, StudioError
from core.progress import CancelToken, ProgressMeter
from core.rendering.render_thread import RenderService
from core.types.detections import DETECTOR_NETWORKS
from core.workflows.demo import draw_body_poses
from core.workflows.demo_report import PICTURE_FOLDER
from core.workflows.photos.finder import landmarks_of

_SPARE_SHARE, _SPARE = 0.1, 10
"""How many more poses are drawn: the detector does not see everybody."""


class PeopleSet(StrEnum):
    """A part of the people; no two share a body, a pose or a background."""

    TRAIN = "train"
    TEST = "test"


_SEEDS = {PeopleSet.TRAIN: 520_001, PeopleSet.TEST: 540_001}
"""Far from the demo project's small numbers, and from the seeds that the shipped head and the demo
regressor were trained on (``resources``)."""


def people_made(project: Path) -> int:
    """How many people of a set are there already."""
    try:
        with Dictionary.open(project) as dictionary:
            return dictionary.search.count()
    except NotAProjectError:
        return 0


class PeopleMaker:
    """Makes sets of people of one body; poses are drawn from the prior."""

    def __init__(self, body: BodyModel, prior: PosePrior) -> None:
        self._body, self._prior = body, prior
        self._finder: PeopleFinder | None = None

    def make(
        self, project: Path, which: PeopleSet, count: int, meter: ProgressMeter, cancel: CancelToken
    ) -> None:
        """Make a set, or go on with one that was interrupted, person by person.

        A person whom the detector does not see is left out, and the next one takes the place.

        Raises:
            RenderingError: nothing can be drawn on this machine.
            PictureError, DictionaryError: the folder cannot be written.
            SetupError: the detector's networks are missing.
            StudioError: the detector saw too few of the people.
            Cancelled: when asked to stop; finished people stay.
        """
        if people_made(project) >= count:
            return
        poses = self._poses(count, seed=_SEEDS[which])
        if not people_made(project):
            Dictionary.create(project).close()
        self._finder = self._finder or PeopleFinder.load()
        with Dictionary.open(project) as dictionary, RenderService(self._body.faces) as rendering:
            people = RenderedPeople(
                self._body,
                rendering,
                self._finder,
                project / PICTURE_FOLDER,
                dataset=which.value,
                seed=_SEEDS[which],
            )
            made = dictionary.search.count()
            for number in range(len(dictionary.detections.searched()), len(poses)):
                if made >= count:
                    return
                cancel.raise_if_cancelled()
                if _add_person(dictionary, people, number, poses[number]):
                    made += 1
                    meter.advance()
        if made < count:
            raise StudioError(f"The detector saw {made} of {len(poses)} people, expected {count}.")

    def _poses(self, count: int, *, seed: int) -> NDArray[np.float64]:
        drawn = count + int(_SPARE_SHARE * count) + _SPARE
        return draw_body_poses(self._body, self._prior, drawn, seed=seed)


def _add_person(
    dictionary: Dictionary, people: RenderedPeople, number: int, body_pose: NDArray[np.floating]
) -> bool:
    """Make and store a person in one transaction; whether the detector sees one."""
    person = people.make(number, body_pose)
    found = [] if person is None else [(person.sample, landmarks_of(person.detected))]
    picture = SearchedPicture(people.picture(number), len(found), DETECTOR_NETWORKS)
    dictionary.detections.add_picture(picture, found)
    return bool(found)
