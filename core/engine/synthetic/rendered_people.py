"""Made people in ordinary pictures, who are known by what the detector sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.usable_keypoints import enough_keypoints
from core.engine.body.smpl_body import BodyModel
from core.engine.detection.people_finder import PeopleFinder
from core.engine.synthetic.samples import save_jpeg
from core.engine.synthetic.scenes import SceneMaker
from core.geometry.boxes import BOX_SCALE_PX
from core.pictures.decoding import load_picture
from core.rendering.render_thread import RenderService
from core.types.cameras import long_lens_camera
from core.types.detections import DetectedPerson
from core.types.keypoint_sources import KeypointSource
from core.types.samples import GroundTruth, NewSample

PICTURE_SIZES_PX = ((300, 400), (400, 300), (360, 480), (360, 360), (280, 280))
"""The detector looks at crops of 256 px and has no use for more."""


@dataclass(frozen=True, eq=False)
class RenderedPerson:
    """One person: the sample, with the truth and the detector's keypoints, and all that it saw."""

    sample: NewSample
    detected: DetectedPerson


class RenderedPeople:
    """Renders people one by one and lets the detector look at the stored pictures.

    Everybody stands alone, sometimes behind something, in clothes as in the demo project, as seen
    from 40 m away. The same seed, number and pose give the same person.

    Args:
        body: whose people.
        rendering: must draw that body's faces.
        finder: the detector.
        folder: where the pictures go; made where it is missing.
        dataset: name that the samples get.
        seed: of everything random.
    """

    def __init__(
        self,
        body: BodyModel,
        rendering: RenderService,
        finder: PeopleFinder,
        folder: Path,
        *,
        dataset: str,
        seed: int,
    ) -> None:
        self._scenes = SceneMaker(body, rendering, picture_sizes_px=PICTURE_SIZES_PX)
        self._finder, self._folder = finder, folder
        self._dataset, self._seed = dataset, seed

    def picture(self, number: int) -> Path:
        """Full path of a person's picture, whether it is there or not."""
        return self._folder.resolve() / f"{self._dataset}_{number:05d}.jpg"

    def make(self, number: int, body_pose: NDArray[np.floating]) -> RenderedPerson | None:
        """The person in a pose ``(69,)`` in radians; None where the detector sees too little.

        The detector is told the box, and nothing else of the truth.

        Raises:
            RenderingError: nothing can be drawn on this machine.
            PictureError: the picture cannot be written.
        """
        # Seeded one by one, so that a person does not depend on those before it.
        rng = np.random.default_rng([self._seed, number])
        scene = self._scenes.make([body_pose], rng)
        path = self.picture(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_jpeg(path, scene.picture, quality=int(rng.integers(82, 95)))
        person = scene.people[0]
        detected = self._finder.measure(load_picture(path), box=person.box)
        if detected is None or not enough_keypoints(detected.keypoints_px):
            return None
        height, width = scene.picture.shape[:2]
        sample = NewSample(
            picture_path=path,
            picture_size_px=(width, height),
            dataset=self._dataset,
            person_key=str(number),
            box_center_px=np.array([person.box.center_x_px, person.box.center_y_px], np.float32),
            box_scale=person.box.side_px / BOX_SCALE_PX,
            keypoints_px=np.asarray(detected.keypoints_px, np.float32),
            keypoint_source=KeypointSource.DETECTED,
            ground_truth=GroundTruth(parameters=person.parameters, joints_3d=person.joints_3d),
            camera=long_lens_camera((width, height)),
        )
        return RenderedPerson(sample, detected)
