"""Bodies posed on a thread of their own, for the views."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from core.body.display_body import DisplayBody
from core.body.seen_keypoints import keypoints_in_crop
from core.rendering.bounding_box import bounding_box
from core.system.priority_executor import PriorityExecutor
from core.types.arrays import FloatArray
from core.types.bodies import BodyParameters, CropCamera
from spin_gui.images.memory_budgets import POSED_BODIES
from spin_gui.images.produced_cache import ProducedCache


@dataclass(frozen=True, eq=False)
class PosedFit:
    """A posed body in its crop's frame.

    vertices: (V, 3) metres, not translated; camera_translation: (3,) metres; camera: its own.
    keypoints_crop_px: (49, 2), where that camera sees the body's keypoints in the crop.
    joints: (24, 3) metres, not translated.
    """

    vertices: FloatArray
    camera_translation: FloatArray
    camera: CropCamera
    keypoints_crop_px: FloatArray
    joints: FloatArray

    @cached_property
    def corners(self) -> FloatArray:
        """The lowest and the highest corner of the body's box, ``(2, 3)`` metres."""
        return np.stack(bounding_box(self.vertices))

    @property
    def size_bytes(self) -> int:
        """What it takes in memory."""
        return self.vertices.nbytes + self.keypoints_crop_px.nbytes + self.joints.nbytes


def pose_fit(body: DisplayBody, parameters: BodyParameters) -> PosedFit:
    """Pose one body and see its keypoints in the crop."""
    vertices, keypoints = body.posed(parameters)
    skeleton = body.skeleton(parameters.pose_axis_angle, parameters.betas)
    return PosedFit(
        vertices=vertices,
        camera_translation=parameters.camera_translation,
        camera=parameters.camera,
        keypoints_crop_px=keypoints_in_crop(keypoints, parameters),
        joints=skeleton.joints.astype(np.float32),
    )


class PosedFits(ProducedCache[str, PosedFit]):
    """Poses the bodies that are requested, by their digests."""

    def __init__(self, body: DisplayBody) -> None:
        super().__init__(budget=POSED_BODIES, size_of=lambda posed: posed.size_bytes)
        self._body = body
        self._parameters: Mapping[str, BodyParameters] = {}
        # One thread: two would pose two bodies at half the speed on the same cores.
        self._executor = PriorityExecutor("posing")

    def request_bodies(self, bodies: Mapping[str, tuple[BodyParameters, int]]) -> None:
        """Pose these, parameters and priority by digest, and no others."""
        self._parameters = {digest: parameters for digest, (parameters, _) in bodies.items()}
        self.request({digest: priority for digest, (_, priority) in bodies.items()})

    def close(self) -> None:
        """End the thread."""
        super().close()
        self._executor.close()

    def _produce(self, key: str, priority: int) -> Future[PosedFit]:
        pose = partial(pose_fit, self._body, self._parameters[key])
        return self._executor.submit(pose, priority=priority)
