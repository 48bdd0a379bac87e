"""People rendered and looked at by the detector, labelled by what can be seen of them.

The people are those of the failure flags (``resources.flags.build.rendered_people``), whose chunks
say what the detector sees; what shows of each joint is told by placing the same scenes again.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.body.label_checks.features import LabelSet
from core.body.label_checks.places import (
    ANNOTATED_KEYPOINTS,
    NUM_PLACES,
    OPENPOSE_PLACES,
    extents_px,
    landmark_places,
)
from core.engine.body.smpl_body import BodyModel
from core.engine.synthetic.detector import Seen
from core.engine.synthetic.samples import plan_pictures
from core.engine.synthetic.scenes import PICTURE_SIZES_PX, SceneMaker
from core.rendering.render_thread import RenderService
from core.types.arrays import FloatArray
from resources.flags.build.rendered_people import (
    FIRST_SEEDS,
    RenderedChunk,
    RenderedChunks,
    place_near_person,
)
from resources.label_checks.build.made_errors import HIDDEN, SeenPlaces
from resources.label_checks.build.people import CONVENTION_SHARES, CONVENTIONS, careful_labels
from resources.stored_arrays import StoredArrays

_SOURCE = np.array(
    [
        annotated if annotated >= 0 else openpose
        for annotated, openpose in zip(ANNOTATED_KEYPOINTS, OPENPOSE_PLACES, strict=True)
    ]
)
_FACE = np.arange(NUM_PLACES) < 5
_GRADED = 0.4
"""Share of people whose hidden joints are labelled as hidden."""
_NEIGHBOUR_LABELLED = 0.5


@dataclass(frozen=True, eq=False)
class SeenJoints(StoredArrays):
    """Of the N people of a chunk: how each of the 49 joints shows, where it is, whose picture."""

    seen: NDArray[np.int8]
    true_px: NDArray[np.float32]
    picture: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.seen)


def seen_joints(
    body: BodyModel, chunks: RenderedChunks, folder: Path, half: str, number: int
) -> SeenJoints:
    """How the joints of a chunk's people show; kept in a folder."""
    path = folder / f"{half}_{number:04d}_seen.npz"
    if not path.is_file():
        seed = FIRST_SEEDS[half] + number
        _placed(body, chunks.poses(half, seed), seed).save(path)
    return SeenJoints.load(path)


def _placed(body: BodyModel, poses: list[NDArray[np.float32]], seed: int) -> SeenJoints:
    rows: list[tuple[NDArray[np.int64], NDArray[np.float32], int]] = []
    with RenderService(body.faces) as rendering:
        maker = SceneMaker(
            body, rendering, picture_sizes_px=PICTURE_SIZES_PX, place=place_near_person
        )
        for plan in plan_pictures(len(poses), np.random.default_rng(seed)):
            rng = np.random.default_rng([seed, plan.number])
            scene = maker.make(poses[plan.first_pose : plan.first_pose + plan.people], rng)
            rows += [
                (seen, person.keypoints_px, plan.number)
                for person, seen in zip(scene.people, scene.seen, strict=True)
            ]
    seen, true_px, picture = zip(*rows, strict=True)
    return SeenJoints(
        np.array(seen, np.int8), np.array(true_px, np.float32), np.array(picture, np.int32)
    )


@dataclass(frozen=True, eq=False)
class LabelledSeenPeople:
    """N people with right labels, and what errors are made of.

    people: as the checks see them. positions_px: (N, 25, 2) where places are. neighbours: (N, 25,
    3) labels of the other person of the picture, or of one who is put there; neighbour_labelled:
    (N,) whether the project knows that person.
    """

    people: LabelSet
    places: SeenPlaces
    positions_px: NDArray[np.float64]
    neighbours: FloatArray
    neighbour_labelled: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.people)


def labelled_people(chunk: RenderedChunk, joints: SeenJoints, *, seed: int) -> LabelledSeenPeople:
    """The people of a chunk, each by one of the conventions."""
    rng = np.random.default_rng(seed)
    positions = joints.true_px[:, _SOURCE].astype(np.float64)
    shown = joints.seen[:, _SOURCE]
    masks = np.array([np.isin(np.arange(NUM_PLACES), places) for places in CONVENTIONS])
    convention = masks[rng.choice(len(CONVENTIONS), len(chunk), p=CONVENTION_SHARES)]
    known = (shown == Seen.VISIBLE) | ((shown == Seen.BEHIND_SELF) & ~_FACE)
    labels = careful_labels(positions, known, convention, rng)
    graded = (rng.random(len(chunk)) < _GRADED)[:, None] & (shown != Seen.VISIBLE)
    labels[..., 2] = np.where(graded & (labels[..., 2] > 0), HIDDEN, labels[..., 2])
    # A guess at what is behind other things is right only where it is given as one.
    labels[~graded & np.isin(shown, (Seen.BEHIND_OTHERS, Seen.OUTSIDE))] = 0
    landmarks = landmark_places(chunk.landmarks_px)
    places = SeenPlaces(
        shown == Seen.VISIBLE,
        np.isin(shown, (Seen.BEHIND_OTHERS, Seen.OUTSIDE)),
        convention,
        chunk.picture_size_px.astype(np.int64),
    )
    neighbours, real = _neighbours(labels, joints.picture, rng)
    labelled = real & (rng.random(len(chunk)) < _NEIGHBOUR_LABELLED)
    people = label_set_of(labels, places, landmarks, neighbours, labelled)
    return LabelledSeenPeople(people, places, positions, neighbours, labelled)


def label_set_of(
    labels: FloatArray,
    places: SeenPlaces,
    landmarks: FloatArray,
    neighbours: FloatArray,
    neighbour_labelled: NDArray[np.bool_],
) -> LabelSet:
    """What the checks are shown of people with these labels."""
    both = (labels[..., 2] > 0) & (neighbours[..., 2] > 0) & neighbour_labelled[:, None]
    apart = np.linalg.norm(labels[..., :2].astype(np.float64) - neighbours[..., :2], axis=-1)
    return LabelSet(
        labels,
        places.convention,
        landmarks,
        places.picture_size_px,
        np.where(both, apart, np.inf),
    )


def _neighbours(
    labels: FloatArray, picture: NDArray[np.int32], rng: np.random.Generator
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The other person of each picture; of those alone one from elsewhere, put next to them."""
    others = labels[rng.permutation(len(labels))].copy()
    size = extents_px(labels)
    scale = size / extents_px(others) * rng.uniform(0.75, 1.3, len(labels))
    aside = rng.uniform(0.15, 0.8, len(labels)) * rng.choice((-1, 1), len(labels)) * size
    present = others[..., 2:] > 0
    moved = (others[..., :2] - _middle(others)) * scale[:, None, None] + _middle(labels)
    moved += np.stack([aside, rng.normal(0, 0.08, len(labels)) * size], axis=1)[:, None]
    others[..., :2] = np.where(present, moved, 0)
    real = np.zeros(len(labels), bool)
    for number in np.unique(picture):
        rows = np.flatnonzero(picture == number)
        if len(rows) == 2:
            others[rows], real[rows] = labels[rows[::-1]], True
    return others, real


def _middle(labels: FloatArray) -> NDArray[np.float64]:
    present = labels[..., 2:] > 0
    count = np.maximum(present.sum(axis=1, keepdims=True), 1)
    middle: NDArray[np.float64] = (labels[..., :2] * present).sum(axis=1, keepdims=True) / count
    return middle
