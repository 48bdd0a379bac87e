"""Bodies of chosen pose, shape and camera, and where a project has them after an import.

The body is the open one moved off its origin, as SMPL's own is: its root joint lies 22 cm below the
origin, so that a rotation about the wrong one of the two shows at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.body.kinematics import pelvis_at_rest
from core.dictionary.store import Dictionary
from core.engine.body.load_body import load_body
from core.engine.body.smpl_body import BodyModel
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.resource_files import RESOURCES
from core.runs.project_body import BODY_FILE
from core.types.bodies import BodyParameters, camera_batch
from core.types.cameras import long_lens_camera
from core.types.samples import NewSample
from core.workflows.comparison_sources import body_source

Array = NDArray[np.float64]

SIZE_PX = (640, 480)
FOCAL_PX = 720.0
PRINCIPAL_PX = (331.5, 236.25)
"""Not the middle of the picture."""

BODY_OFFSET_M = (0.004, 0.22, -0.03)
NAMES = ("train/a.jpg", "train/a.jpg", "train/b.jpg")
"""Two people of one picture, and one alone in another."""

MOST_OFF_M, MOST_OFF_PX = 1e-4, 0.01


@dataclass(frozen=True, eq=False)
class TrueBody:
    """One person: the body in the axes of the picture's camera, and the box of the crop.

    pose: (72,) radians; betas: (10,); translation: (3,) metres, of the body's origin.
    """

    picture: str
    pose: Array
    betas: Array
    translation: Array
    box: Box

    @property
    def root(self) -> Array:
        """(3, 3)."""
        return axis_angle_to_matrix(self.pose[:3])


def true_bodies(*, depth_m: tuple[float, float, float] = (3.0, 4.5, 2.5)) -> list[TrueBody]:
    """Three people, far off the middle of their pictures."""
    boxes = (Box(140.0, 200.0, 260.0), Box(480.0, 250.0, 210.0), Box(310.0, 260.0, 330.0))
    bodies = []
    for number, (name, box, depth) in enumerate(zip(NAMES, boxes, depth_m, strict=True)):
        rng = np.random.default_rng(70 + number)
        pose = rng.normal(0, 0.3, 72)
        pose[:3] = matrix_to_axis_angle(
            np.diag([1.0, -1.0, -1.0]) @ axis_angle_to_matrix(rng.normal(0, 0.5, 3))
        )
        pose[66:] = 0  # SMPL's hands, which other models' bodies lack
        middle = np.array([box.center_x_px, box.center_y_px]) - PRINCIPAL_PX
        translation = np.array([*(middle * depth / FOCAL_PX), depth])
        bodies.append(TrueBody(name, pose, rng.normal(0, 1, 10), translation, box))
    return bodies


def write_body(folder: Path) -> Path:
    """The file of the body that these tests are of."""
    with np.load(RESOURCES / "open_body" / "open_body.npz") as file:
        arrays = dict(file)
    arrays["v_template"] = arrays["v_template"].astype(np.float64) + BODY_OFFSET_M
    path = folder / "moved_body.npz"
    np.savez(path, **arrays)
    return path


def vertices_of(body: BodyModel, pose: Array, betas: Array, translation: Array) -> Array:
    """(V, 3) metres."""
    posed = body.posed(*(torch.from_numpy(part[None]).double() for part in (pose, betas)))
    return posed.vertices[0].numpy() + translation


def pelvis_of(body: BodyModel, betas: Array) -> Array:
    """(3,) metres: the root joint at rest."""
    return pelvis_at_rest(body.arrays, betas[None])[0]


def seen_px(vertices: Array) -> Array:
    """Where the camera of the pictures sees points: (V, 2)."""
    return FOCAL_PX * vertices[:, :2] / vertices[:, 2:] + PRINCIPAL_PX


def make_project(folder: Path, truths: list[TrueBody]) -> Path:
    """A project of these people and their body; their keypoints say nothing of where they are."""
    project = folder / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.settings.set(BODY_FILE, str(write_body(folder)))
        dictionary.samples.add(
            NewSample(
                picture_path=Path("/data") / truth.picture,
                picture_size_px=SIZE_PX,
                dataset="coco",
                person_key=str(number),
                box_center_px=np.float32([truth.box.center_x_px, truth.box.center_y_px]),
                box_scale=truth.box.side_px / 200,
                keypoints_px=np.concatenate(
                    [np.full((49, 2), 100.0) + np.arange(49)[:, None], np.ones((49, 1))], axis=1
                ).astype(np.float32),
                camera=long_lens_camera(SIZE_PX),
            )
            for number, truth in enumerate(truths)
        )
    return project


def double_body(project: Path) -> BodyModel:
    """The body of such a project, in double precision."""
    return load_body(project.parent / "moved_body.npz", dtype=torch.float64)


def imported_bodies(project: Path, name: str) -> list[tuple[BodyParameters, Box]]:
    """Each with the box of its sample, in the order of samples."""
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        found = body_source(dictionary, name).bodies(ids)
        samples = dictionary.samples.get_many(list(found))
        return [(found[sample.id], sample.box) for sample in samples]


def places_of(body: BodyModel, found: BodyParameters, box: Box) -> tuple[Array, Array]:
    """Vertices (V, 3) in the axes of the picture's camera, and (V, 2) pixels of the picture."""
    camera = camera_batch([found.camera]).converted(lambda part: part.astype(np.float64))
    vertices = vertices_of(
        body,
        found.pose_axis_angle.astype(np.float64),
        found.betas.astype(np.float64),
        found.camera_translation.astype(np.float64),
    )
    in_crop = project_to_crop(vertices[None], np.zeros((1, 3)), camera)[0]
    return vertices @ camera.viewing_rotations[0].T, box.crop_to_picture(in_crop)


def assert_in_their_places(project: Path, name: str, truths: list[TrueBody]) -> None:
    """Every vertex lies where the truth has it: within 0.1 mm, and 0.01 px before the camera."""
    body = double_body(project)
    there = imported_bodies(project, name)
    assert len(there) == len(truths)
    for (found, box), truth in zip(there, truths, strict=True):
        expected = vertices_of(body, truth.pose, truth.betas, truth.translation)
        vertices, pixels = places_of(body, found, box)
        assert np.abs(vertices - expected).max() < MOST_OFF_M
        assert np.abs(pixels - seen_px(expected)).max() < MOST_OFF_PX
