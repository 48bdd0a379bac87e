"""People with known bodies whom the detector has looked at several times.

They are rendered in poses of the pose prior, and half of them in recorded poses where
``../shared/mocap`` lies next to the checkout, from clips that neither the lifter nor the head has
seen; four pictures of ten have something before a person. What the detector sees is kept in chunks
of a cache folder, so that an interrupted run goes on with the next chunk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.conventions import COCO_17_TO_KEYPOINTS
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.engine.detection.blazepose import BlazePose, Landmarks
from core.engine.detection.people_finder import PeopleFinder
from core.engine.detection.regions import Region, region_of_person
from core.engine.smplify.pose_prior import PosePrior
from core.engine.synthetic.backgrounds import draw_box
from core.engine.synthetic.detector import Seen
from core.engine.synthetic.people import MadePerson, PersonPlacement, place_person
from core.engine.synthetic.samples import plan_pictures
from core.engine.synthetic.scenes import Placing, SceneMaker
from core.rendering.render_thread import RenderService
from core.types.arrays import FloatArray
from core.types.trunk_features import TRUNK_SIZE
from core.workflows.demo import draw_body_poses
from resources.detector_head.build.rendering import (
    SMALL_SIZES_PX,
    drawn_distance_m,
    place_recorded,
    recorded_poses,
    seen_from,
)
from resources.lifter.build.bodies import Recordings
from resources.lifter.build.splits import held_out_clips
from resources.stored_arrays import StoredArrays

MOCAP = Path(__file__).resolve().parents[3] / "shared" / "mocap"
PEOPLE_PER_CHUNK = 200
FIRST_SEED = 910_000
OCCLUDER_SHARE = 0.4
NOISE_SHARE = 0.01
"""Standard deviation of a marked keypoint, share of the box's side."""

ARMS = ((32, 31), (35, 36))
"""Elbow and wrist, right and left, among the keypoints that people mark."""
COVERED_SHARE = 0.04
"""How far a box reaches beyond a covered arm, share of the side of the person's box."""

SIDE_MIRROR = (
    0, 4, 5, 6, 1, 2, 3, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 18, 17, 20, 19, 22, 21, 24, 23, 26,
    25, 28, 27, 30, 29, 32, 31,
)  # fmt: skip
"""Which of BlazePose's landmarks a landmark is in the mirror."""

_SHIFTS = ((0.06, -0.04, 1.12, 0.1), (-0.05, 0.06, 0.92, -0.12))
"""Shares of the region's side to the right and down, larger by, and turned by radians."""


@dataclass(frozen=True, eq=False)
class TrustedPeople(StoredArrays):
    """N people whom the detector sees.

    pose_axis_angle: (N, 72); betas: (N, 10). box: (N, 3) middle and side in picture pixels;
    size_px: (N, 2) of the picture. marked_px: (N, 49, 3) keypoints as people mark them, what cannot
    be seen left out; found_px: (N, 49, 3) the detector's own; coco_px: (N, 17, 3) MoveNet's.
    true_px: (N, 49, 2); visible: (N, 49) of ``Seen``. landmarks_px and landmarks_m: (N, 33, 3);
    agreement, score: (N,). trunk: (N, 2, 2304). passes_m: (N, 4, 33, 3) further passes of
    BlazePose: the first one, of the mirrored picture, and of two shifted regions.
    """

    pose_axis_angle: NDArray[np.float32]
    betas: NDArray[np.float32]
    box: NDArray[np.float32]
    size_px: NDArray[np.int64]
    marked_px: NDArray[np.float32]
    found_px: NDArray[np.float32]
    coco_px: NDArray[np.float32]
    true_px: NDArray[np.float32]
    visible: NDArray[np.int64]
    landmarks_px: NDArray[np.float32]
    landmarks_m: NDArray[np.float32]
    agreement: NDArray[np.float32]
    score: NDArray[np.float32]
    trunk: NDArray[np.float16]
    passes_m: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.betas)


def trusted_people(
    chunks: int,
    cache: Path,
    *,
    first: int = 0,
    people: int = PEOPLE_PER_CHUNK,
    covered_arms: bool = False,
) -> TrustedPeople:
    """Chunks from the cache folder, made where they are missing.

    Args:
        chunks: how many.
        cache: the folder.
        first: number of the first chunk.
        people: in each chunk.
        covered_arms: of everybody, elbow and wrist of one arm are covered by a box.
    """
    cache.mkdir(parents=True, exist_ok=True)
    maker = _Maker(load_body(), covered_arms=covered_arms)
    name = "covered" if covered_arms else "trusted"
    parts = []
    for number in range(first, first + chunks):
        path = cache / f"{name}_{number:03d}_{people}.npz"
        if not path.is_file():
            maker.made(number, people).save(path)
        parts.append(TrustedPeople.load(path))
    return TrustedPeople.joined(parts)


class _Maker:
    """Renders people and lets the detector look at them."""

    def __init__(self, body: BodyModel, *, covered_arms: bool) -> None:
        self._body, self._covered_arms = body, covered_arms
        self._finder, self._blazepose = PeopleFinder.load(), BlazePose.load()

    def made(self, number: int, count: int) -> TrustedPeople:
        """One chunk; every second one in recorded poses, where there are recordings."""
        seed = FIRST_SEED + number
        poses, place = self._poses(number, count, seed)
        parts = []
        with RenderService(self._body.faces) as rendering:
            maker = SceneMaker(
                self._body,
                rendering,
                picture_sizes_px=SMALL_SIZES_PX,
                occluder_share=OCCLUDER_SHARE,
                place=place,
            )
            for plan in plan_pictures(len(poses), np.random.default_rng(seed)):
                rng = np.random.default_rng([seed, plan.number])
                last = plan.first_pose + plan.people
                scene = maker.make(poses[plan.first_pose : last], rng)
                for person, seen in zip(scene.people, scene.seen, strict=True):
                    picture, visible = scene.picture, seen
                    if self._covered_arms:
                        picture, visible = _with_covered_arm(picture, person, seen, rng)
                    parts += list(self._looked_at(picture, person, visible, rng))
        return TrustedPeople.joined(parts)

    def _poses(self, number: int, count: int, seed: int) -> tuple[Sequence[FloatArray], Placing]:
        if number % 2 and MOCAP.is_dir():
            recordings = Recordings.load(MOCAP)
            hidden = held_out_clips(recordings.poses, seed=0)
            recorded = recorded_poses(recordings.subset(hidden), count=count, seed=seed)
            return list(recorded), place_recorded
        drawn = draw_body_poses(self._body, PosePrior.load(), count, seed=seed)
        return list(drawn.astype(np.float32)), _place_upright

    def _looked_at(
        self,
        picture: NDArray[np.uint8],
        person: MadePerson,
        visible: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Iterator[TrustedPeople]:
        """The person, unless the detector sees none there or no landmarks."""
        certain = np.ones((49, 1), np.float32)
        wanted = np.concatenate([person.keypoints_px, certain], axis=1)
        found = self._finder.measure(picture, keypoints_px=wanted, box=person.box)
        if found is None or found.landmarks_px is None or found.landmarks_m is None:
            return
        trunk = found.trunk_features
        height, width = picture.shape[:2]
        box = person.box
        yield TrustedPeople(
            pose_axis_angle=person.parameters.pose_axis_angle[None],
            betas=person.parameters.betas[None],
            box=np.array([[box.center_x_px, box.center_y_px, box.side_px]], np.float32),
            size_px=np.array([[width, height]]),
            marked_px=_marked(person, visible, rng)[None],
            found_px=found.keypoints_px[None],
            coco_px=found.coco_keypoints_px[None],
            true_px=person.keypoints_px.astype(np.float32)[None],
            visible=visible[None],
            landmarks_px=found.landmarks_px[None],
            landmarks_m=found.landmarks_m[None],
            agreement=np.array([found.agreement], np.float32),
            score=np.array([found.score], np.float32),
            trunk=(np.zeros((2, TRUNK_SIZE), np.float16) if trunk is None else trunk)[None],
            passes_m=further_passes(self._blazepose, picture, found.coco_keypoints_px)[None],
        )


def _with_covered_arm(
    picture: NDArray[np.uint8],
    person: MadePerson,
    visible: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The picture with a box before elbow and wrist of one arm, and what can be seen then."""
    joints = list(ARMS[rng.integers(len(ARMS))])
    margin = COVERED_SHARE * person.box.side_px
    low = person.keypoints_px[joints].min(axis=0) - margin
    high = person.keypoints_px[joints].max(axis=0) + margin
    canvas = (picture / 255).astype(np.float32)
    corner, wide = (int(low[0]), int(low[1])), (int(high[0] - low[0]), int(high[1] - low[1]))
    draw_box(canvas, corner, wide, rng.uniform(0.2, 0.8, 3))
    inside = ((person.keypoints_px >= low) & (person.keypoints_px <= high)).all(axis=1)
    covered = np.asarray(np.rint(np.clip(canvas, 0, 1) * 255), dtype=np.uint8)
    return covered, np.where(inside, np.maximum(visible, int(Seen.BEHIND_OTHERS)), visible)


def further_passes(
    blazepose: BlazePose, picture: NDArray[np.uint8], coco_px: NDArray[np.floating]
) -> NDArray[np.float32]:
    """``(4, 33, 3)`` metres: first pass, mirrored picture, and two shifted regions."""
    first = blazepose.landmarks(picture, region_of_person(coco_px))
    region, width = first.region, picture.shape[1]
    center = np.array([width - 1 - region.center_px[0], region.center_px[1]])
    mirrored = blazepose.landmarks(
        np.ascontiguousarray(picture[:, ::-1]), Region(center, region.side_px, -region.turn_rad)
    )
    passes = [first.points_m, mirrored.points_m[list(SIDE_MIRROR)] * [-1, 1, 1]]
    passes += [_shifted(blazepose, picture, region, shift).points_m for shift in _SHIFTS]
    return np.stack(passes).astype(np.float32)


def _shifted(
    blazepose: BlazePose,
    picture: NDArray[np.uint8],
    region: Region,
    shift: tuple[float, float, float, float],
) -> Landmarks:
    right, down, larger, turn = shift
    center = region.center_px + region.side_px * np.array([right, down])
    moved = Region(center, larger * region.side_px, region.turn_rad + turn)
    return blazepose.landmarks(picture, moved)


def _place_upright(
    body: BodyModel,
    body_pose: NDArray[np.floating],
    placement: PersonPlacement,
    rng: np.random.Generator,
) -> MadePerson:
    """A person in a pose ``(69,)``, mostly seen from a few metres."""
    person = place_person(body, body_pose, placement, rng)
    return seen_from(person, drawn_distance_m(rng))


def _marked(
    person: MadePerson, visible: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float32]:
    """``(49, 3)``: COCO's joints as people mark them, those behind other things left out."""
    keypoints = np.zeros((49, 3), np.float32)
    joints = np.array(COCO_17_TO_KEYPOINTS)
    joints = joints[visible[joints] <= 1]
    noise = rng.normal(size=(len(joints), 2)) * NOISE_SHARE * person.box.side_px
    keypoints[joints, :2] = person.keypoints_px[joints] + noise
    keypoints[joints, 2] = 1.0
    return keypoints
