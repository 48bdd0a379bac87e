"""Trains the head on motion capture with the detector's errors, and on rendered people."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.keypoint_layouts import of_layouts
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.detector_head_network import head_input
from core.engine.regression.landmark_bones import LandmarkBones, bones_of_keypoints
from core.engine.regression.lifter import Lifter
from core.engine.regression.mirroring import (
    mirrored_confidence,
    mirrored_positions,
    mirrored_rotations,
)
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.types.trunk_features import TRUNK_SIZE
from resources.detector_head.build.donors import Donors
from resources.detector_head.build.people import DetectedPeople
from resources.lifter.build.bodies import PoseSet, training_poses
from resources.lifter.build.cameras import SeenBodies, see
from resources.lifter.build.detection import detect
from resources.lifter.build.training import loss_parts
from resources.resumable_training import ResumableTraining, Schedule

WITHOUT_DETECTOR = 0.12
"""Share of people whom the detector did not see: imported keypoints are all that is known."""

LOST_BONES = 0.04
WITHOUT_TRUNK = 0.15
LEAST_TRUNK_SPREAD = 0.05
SPREAD_WEIGHT = 0.05
_ROLL_RAD = math.radians(15)
_KEYPOINT_NOISE = 0.008
_DIRECTION_NOISE = 0.05
_LOST_KEYPOINTS = 0.05


@dataclass(frozen=True, kw_only=True)
class Settings(Schedule):
    """What a training is repeated by."""

    captured: int = 96
    """People of motion capture in a batch, with transplanted errors."""
    rendered: int = 160
    """Rendered people in a batch, with what the detector said of them."""
    steps: int = 6000
    learning_rate: float = 4e-4
    weight_decay: float = 1e-3
    warm_up_steps: int = 100


@dataclass(frozen=True, eq=False)
class Batch:
    """Inputs ``(B, 202)``, trunk ``(B, 2304)`` where ``has_trunk (B,)``, and the bodies seen."""

    inputs: Tensor
    trunk: Tensor
    has_trunk: Tensor
    seen: SeenBodies


class Training(ResumableTraining[DetectorHead, Settings]):
    """Trains the head on people of motion capture and on rendered ones."""

    averaged_steps = 400
    report_every_steps = 100

    def __init__(
        self, settings: Settings, poses: PoseSet, people: DetectedPeople, body: KeypointBody
    ) -> None:
        torch.manual_seed(settings.seed)
        network = network_of_lifter(Lifter.load(), dropout=settings.dropout)
        network.trunk_mean.copy_(people.trunk.float().mean(0))
        network.trunk_spread.copy_(people.trunk.float().std(0) + LEAST_TRUNK_SPREAD)
        super().__init__(settings, network)
        self.poses, self.people, self.body = poses, people, body
        self.donors = Donors.of(people)

    def loss_parts_of_next_batch(self) -> dict[str, Tensor]:
        """The lifter's terms and that of the spread, on captured and rendered people together."""
        batch = joined(self.captured(), self.rendered())
        features = self.network.features_of(batch.inputs, batch.trunk, batch.has_trunk)
        rotations, betas = self.network.body_of(features)
        parts = loss_parts(self.body, batch.seen, rotations, betas)
        angles = geodesic_angle(rotations.detach(), batch.seen.rotations)
        parts["spread"] = SPREAD_WEIGHT * spread_loss(self.network.spread_rad(features), angles)
        return parts

    def captured(self) -> Batch:
        """Bodies of motion capture, made up as for the lifter, as the detector would see them."""
        generator = self.generator
        poses = training_poses(self.poses, self.settings.captured, generator)
        seen = see(self.body, poses, generator)
        true = bones_of_keypoints(seen.points[:, self.body.distinct_of_keypoint])
        donors = self.donors.near(true.directions, generator)
        bones = self._some_bones(self.donors.bones(true, donors, generator))
        made_up = detect(seen.positions_crop_px, generator)
        positions, confidence = self.donors.keypoints(seen.positions_crop_px, donors, generator)
        confidence = of_layouts(confidence, generator)
        imported = torch.rand(len(poses), 1, generator=generator) < 0.4
        positions = torch.where(imported[..., None], made_up.positions_crop_px, positions)
        confidence = torch.where(imported, made_up.confidence, confidence)
        unseen = torch.zeros(len(poses), dtype=torch.bool)
        nothing = torch.zeros(len(poses), TRUNK_SIZE)
        return Batch(head_input(positions, confidence, bones), nothing, unseen, seen)

    def rendered(self) -> Batch:
        """Rendered people, mirrored half of the time, turned a little, and disturbed."""
        generator, count = self.generator, self.settings.rendered
        people = self.people.rows(torch.randint(len(self.people), (count,), generator=generator))
        flip = torch.rand(count, generator=generator) < 0.5
        people = turned(mirrored_where(people, flip), generator)
        points = self.body.distinct_keypoints(people.rotations, people.betas)
        points = points - self.body.root_joint(people.betas)[:, None]
        seen = SeenBodies(people.rotations, people.betas, points, people.true_keypoints_px)
        positions, confidence = disturbed(people, generator)
        bones = self._some_bones(noisy_bones(people.bones, generator))
        inputs = head_input(positions, of_layouts(confidence, generator), bones)
        has_trunk = torch.rand(count, generator=generator) >= WITHOUT_TRUNK
        return Batch(inputs, people.trunk.float(), has_trunk, seen)

    def _some_bones(self, bones: LandmarkBones) -> LandmarkBones:
        kept = torch.rand(bones.visibility.shape, generator=self.generator) >= LOST_BONES
        kept &= torch.rand(len(bones), 1, generator=self.generator) >= WITHOUT_DETECTOR
        return bones.where(kept)

    def averaged_network(self) -> DetectorHead:
        """The running mean of the parameters, for use."""
        network = empty_like(self.network)
        network.load_state_dict(self.averaged)
        return network.eval()


def network_of_lifter(lifter: Lifter, *, dropout: float) -> DetectorHead:
    """A head that says what the lifter says, as long as nothing has been learned of the bones."""
    known = lifter.network.state_dict()
    blocks = len({name.split(".")[1] for name in known if name.startswith("blocks.")})
    width = len(known["stem.bias"])
    network = DetectorHead(width=width, blocks=blocks, body_name=lifter.body_name, dropout=dropout)
    own = network.state_dict()
    stem = torch.zeros_like(own["stem.weight"])
    stem[:, : known["stem.weight"].shape[1]] = known["stem.weight"]
    last = torch.zeros_like(own["trunk.4.weight"])
    learned = {"stem.weight": stem, "trunk.4.weight": last, "trunk.4.bias": torch.zeros(width)}
    network.load_state_dict(own | known | learned)
    return network


def empty_like(head: DetectorHead) -> DetectorHead:
    """A head of the same size and body."""
    return DetectorHead(width=head.width, blocks=len(head.blocks), body_name=head.body_name)


def spread_loss(spread_rad: Tensor, angles_rad: Tensor) -> Tensor:
    """The negative logarithm of the probability of angles ``(B, 24)``, but for a constant.

    A joint's error is taken for a turn with the same variance s²/3 about each of three axes:
    −log p = 3 a² / (2 s²) + 3 log s. It is least where s² is the mean of a².
    """
    squared: Tensor = 1.5 * (angles_rad / spread_rad).square() + 3 * spread_rad.log()
    return squared.mean()


def joined(first: Batch, second: Batch) -> Batch:
    """The people of both."""
    names = ("rotations", "betas", "points", "positions_crop_px")
    both = (torch.cat([getattr(first.seen, name), getattr(second.seen, name)]) for name in names)
    return Batch(
        torch.cat([first.inputs, second.inputs]),
        torch.cat([first.trunk, second.trunk]),
        torch.cat([first.has_trunk, second.has_trunk]),
        SeenBodies(*both),
    )


def mirrored_where(people: DetectedPeople, flip: Tensor) -> DetectedPeople:
    """People, those of the mask ``(B,)`` mirrored about x = 0."""

    def chosen(straight: Tensor, mirrored: Tensor) -> Tensor:
        return torch.where(flip.view(-1, *[1] * (straight.ndim - 1)), mirrored, straight)

    def bones(straight: LandmarkBones) -> LandmarkBones:
        mirrored = straight.mirrored()
        names = ("directions", "lengths_m", "visibility")
        return LandmarkBones(*(chosen(getattr(straight, n), getattr(mirrored, n)) for n in names))

    return DetectedPeople(
        chosen(people.rotations, mirrored_rotations(people.rotations)),
        people.betas,
        chosen(people.true_keypoints_px, mirrored_positions(people.true_keypoints_px)),
        chosen(people.keypoints_px, mirrored_positions(people.keypoints_px)),
        chosen(people.confidence, mirrored_confidence(people.confidence)),
        bones(people.true_bones),
        bones(people.bones),
        people.agreement,
        chosen(people.trunk, people.trunk_mirrored),
        chosen(people.trunk_mirrored, people.trunk),
    )


def turned(people: DetectedPeople, generator: torch.Generator) -> DetectedPeople:
    """People turned a little in the picture's plane, body and everything detected alike."""
    vectors = torch.zeros(len(people), 3)
    vectors[:, 2] = _ROLL_RAD * torch.randn(len(people), generator=generator)
    turn = axis_angle_to_matrix(vectors)
    in_picture = turn[:, :2, :2].mT
    root = turn @ people.rotations[:, 0]
    bones, true = people.bones, people.true_bones
    return DetectedPeople(
        torch.cat([root[:, None], people.rotations[:, 1:]], dim=1),
        people.betas,
        people.true_keypoints_px @ in_picture,
        people.keypoints_px @ in_picture,
        people.confidence,
        LandmarkBones(true.directions @ turn.mT, true.lengths_m, true.visibility),
        LandmarkBones(bones.directions @ turn.mT, bones.lengths_m, bones.visibility),
        people.agreement,
        people.trunk,
        people.trunk_mirrored,
    )


def disturbed(people: DetectedPeople, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Detected keypoints with some more noise, some of them lost."""
    low = people.true_keypoints_px.amin(1)
    extent = (people.true_keypoints_px.amax(1) - low).amax(1)[:, None, None]
    noise = _KEYPOINT_NOISE * extent * torch.randn(people.keypoints_px.shape, generator=generator)
    lost = torch.rand(people.confidence.shape, generator=generator) < _LOST_KEYPOINTS
    return people.keypoints_px + noise, torch.where(lost, 0, people.confidence)


def noisy_bones(bones: LandmarkBones, generator: torch.Generator) -> LandmarkBones:
    """Bones with some more noise."""
    noise = _DIRECTION_NOISE * torch.randn(bones.directions.shape, generator=generator)
    unit = torch.nn.functional.normalize(bones.directions + noise, dim=-1)
    lengths = bones.lengths_m * (1 + 0.05 * torch.randn(bones.lengths_m.shape, generator=generator))
    return LandmarkBones(unit, lengths, bones.visibility).where(bones.visibility > 0)
