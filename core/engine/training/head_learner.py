"""The head behind the detector as a learner: it predicts from what was seen, and rehearses."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.data.replayed_people import ReplayedPeople
from core.engine.data.training_samples import CropBatch
from core.engine.regression.detector_head import DetectorHead, SeenPeople, network_inputs
from core.engine.smplify.initial_camera import camera_start
from core.engine.smplify.inputs import BodyEstimate, Keypoints2D
from core.engine.training.losses import RegressorBodies, Supervision, regressor_losses
from core.engine.training.step import Learner, StartOfFits
from core.engine.training.visit_order import iteration_seed
from core.errors import StudioError
from core.geometry.crop_camera import (
    CROP_CENTER_PX,
    FOCAL_LENGTH_PX,
    CropCameras,
    translation_to_weak_perspective,
    weak_perspective_to_translation,
)
from core.geometry.rotations import geodesic_angle
from core.runs.training_configuration import TrainingConfiguration
from core.types.arrays import NUM_JOINTS, NUM_KEYPOINTS

FARTHEST_M = 500.0

JUDGED_SHARE = 0.2
"""Of the made people, by whom the head is judged and not trained."""

_LEAST_SPREAD_RAD = 1e-3

_REPLAY_RANK = 0
"""All processes rehearse the same people."""


def best_translation(points: Tensor, keypoints: Keypoints2D) -> Tensor:
    """The translations ``(B, 3)`` of least 2D error in the weak perspective; differentiable.

        k = Σ w (X − M) · (x − m) / Σ w |X − M|²      px/m, over joints, in X and Y
        (s, t_x, t_y) = (k / 112, (m − 112) / k − M)  M = Σ w X / Σ w, m = Σ w x / Σ w

    and from these the translation before the camera of each crop. Before the long lens it is the
    one of least error.

    The head says nothing of the camera, so the 2D loss must not ask anything of it. Any other scale
    would be asked of the body's pose and shape instead.

    Args:
        points: ``(B, 49, 3)`` metres, posed with the root.
        keypoints: of the same B samples.
    """
    confidence = keypoints.confidence
    share = confidence / confidence.sum(1, keepdim=True).clamp_min(1e-6)
    body = points[..., :2]
    body_middle = (share[..., None] * body).sum(1, keepdim=True)
    seen_middle = (share[..., None] * keypoints.positions_crop_px).sum(1, keepdim=True)
    from_middle = body - body_middle
    seen_from_middle = keypoints.positions_crop_px - seen_middle
    along = (share[..., None] * from_middle * seen_from_middle).sum((1, 2))
    across = (share[..., None] * from_middle.square()).sum((1, 2)).clamp_min(1e-6)
    # Bodies farther than 500 m or turned by half a turn have no such scale.
    scale = (along / across).clamp_min(FOCAL_LENGTH_PX / FARTHEST_M)[:, None]
    sideways = (seen_middle[:, 0] - CROP_CENTER_PX) / scale - body_middle[:, 0]
    weak = torch.cat([scale / CROP_CENTER_PX, sideways], dim=1)
    return weak_perspective_to_translation(weak, keypoints.cameras)


@dataclass(frozen=True, eq=False)
class HeadLearner(Learner):
    """The head that learns.

    head: the same network by itself. replayed: made people to rehearse; judged: others, by whom its
    own spreads are put right. None for no such people.
    """

    head: DetectorHead
    replayed: ReplayedPeople | None
    judged: ReplayedPeople | None = None

    def predict(self, batch: CropBatch, cameras: CropCameras[Tensor]) -> RegressorBodies:
        """What the head says of people in their augmented crops; differentiable but for cameras."""
        if batch.seen_augmented is None:
            raise StudioError(
                "A batch for the head behind the detector says nothing of its people."
            )
        return self._said_of(batch.seen_augmented, cameras)

    def start_of_fits(
        self, batch: CropBatch, prediction: BodyEstimate, cameras: CropCameras[Tensor]
    ) -> StartOfFits:
        """What the head says in use: both ways round, without dropout, in the un-augmented crops.

        A better start than the one prediction of training, which augmentation and dropout disturb.
        """
        if batch.seen is None:
            return super().start_of_fits(batch, prediction, cameras)
        was_training = self.head.training
        said = self.head.eval().bodies(self._here(batch.seen))
        spread_rad = (said.spread_rad * self._doubt()).cpu()
        self.head.train(was_training)
        keypoints = self._keypoints(batch.seen, cameras)
        points = self.body.keypoints(said.rotations, said.betas)
        estimate = BodyEstimate(said.rotations, said.betas, camera_start(points, keypoints))
        cpu = torch.device("cpu")
        return StartOfFits(estimate.to(device=cpu, dtype=torch.float32), spread_rad)

    @torch.no_grad()
    def _doubt(self) -> Tensor:
        """``(24,)``: how many times farther each joint is off than the head says, never below 1.

        By the root mean squares over people whose bodies are known. Fits cannot tell: they are held
        to what the head says, the more firmly the surer it is (docs/method.md, "How far a
        prediction is trusted"). The shipped head has seen these people before and errs less on
        them, so no head is ever believed more than it says.
        """
        if self.judged is None or not len(self.judged):
            return torch.ones(NUM_JOINTS, device=self.device)
        features = self.head.features_of(*network_inputs(self._here(self.judged.seen)))
        rotations, _betas = self.head.body_of(features)
        apart = geodesic_angle(rotations, self.judged.rotations.to(rotations))
        true = apart.square().mean(0).sqrt()
        said = self.head.spread_rad(features).square().mean(0).sqrt()
        return (true / said.clamp_min(_LEAST_SPREAD_RAD)).clamp_min(1.0)

    def rehearsal(self, configuration: TrainingConfiguration, iteration: int) -> Tensor | None:
        """The loss of pose and shape of some made people, as heavy as their share of the batch."""
        count = configuration.replayed_people
        if self.replayed is None or not count:
            return None
        seed = iteration_seed(configuration.seed, iteration, _REPLAY_RANK)
        generator = torch.Generator().manual_seed(seed)
        rows = torch.randint(len(self.replayed), (count,), generator=generator)
        people = self.replayed.rows(rows).known_less(generator)
        # Their keypoints lie in pixels of other crops: nothing of the 2D error is asked of them.
        supervision = Supervision(
            keypoints_crop_px=torch.zeros(count, 49, 3, device=self.device),
            rotations=people.rotations.to(self.device),
            pose_valid=torch.ones(count, dtype=torch.bool, device=self.device),
            betas=people.betas.to(self.device),
            shape_valid=torch.ones(count, dtype=torch.bool, device=self.device),
            joints_3d=torch.zeros(count, 49, 4, device=self.device),
        )
        losses = regressor_losses(self._unplaced(people.seen), supervision, configuration)
        return count / configuration.batch_size * losses["total"]

    def _unplaced(self, people: SeenPeople) -> RegressorBodies:
        """Bodies of B people of whom no camera and no keypoint will be asked, so none is posed."""
        rotations, betas = self.network(*network_inputs(self._here(people)))
        nowhere = rotations.new_zeros(len(people), NUM_KEYPOINTS, 3)
        translation = rotations.new_tensor([0.0, 0.0, FOCAL_LENGTH_PX / CROP_CENTER_PX])
        return RegressorBodies(
            rotations,
            betas,
            rotations.new_ones(len(people)),
            translation.expand(len(people), 3),
            nowhere,
        )

    def _said_of(self, people: SeenPeople, cameras: CropCameras[Tensor]) -> RegressorBodies:
        """Bodies of B people before their cameras; there may be none."""
        here = self._here(people)
        rotations, betas = self.network(*network_inputs(here))
        keypoints = self.body.keypoints(rotations, betas)
        seen = self._keypoints(people, cameras)
        translation = best_translation(keypoints, seen)
        scale = translation_to_weak_perspective(translation, seen.cameras)[:, 0]
        return RegressorBodies(rotations, betas, scale, translation, keypoints, seen.cameras)

    def _keypoints(self, people: SeenPeople, cameras: CropCameras[Tensor]) -> Keypoints2D:
        keypoints = Keypoints2D(people.keypoints_crop_px, people.confidence, cameras)
        return keypoints.to(device=self.body.device, dtype=self.body.dtype)

    def _here(self, people: SeenPeople) -> SeenPeople:
        return people.to(self.device)
