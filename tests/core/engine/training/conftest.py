"""A project of people in plain pictures, and a training that takes a second."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import facing_root, matrix_to_axis_angle
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.types.bodies import BodyParameters
from core.types.samples import GroundTruth, NewSample
from core.workflows.fit_project import fit_samples

PEOPLE = 10


def make_samples(body: BodyModel, folder: Path, count: int) -> list[NewSample]:
    """People with all keypoints and their truth, in pictures of coloured noise."""
    generator = np.random.default_rng(5)
    body_pose = torch.tensor(PosePrior.load().sample(count, generator), dtype=torch.float32)
    root = matrix_to_axis_angle(facing_root(torch.linspace(-0.6, 0.6, count)))
    pose = torch.cat([root, body_pose], dim=1)
    camera = torch.tensor([[0.0, 0.2, 48.0]]).expand(count, 3)
    posed = body.posed(pose, torch.zeros(count, 10))
    seen = project_to_crop(posed.keypoints, camera).numpy()
    keypoints = np.concatenate([seen, np.ones((count, 49, 1), np.float32)], axis=2)
    relative = posed.keypoints - posed.keypoints[:, 39:40]
    joints = np.concatenate([relative.numpy(), np.ones((count, 49, 1), np.float32)], axis=2)
    samples = []
    for index in range(count):
        path = folder / f"person_{index}.png"
        noise = generator.integers(0, 255, (28, 28, 3), dtype=np.uint8)
        cv2.imwrite(str(path), cv2.resize(noise, (224, 224)))
        samples.append(
            NewSample(
                picture_path=path,
                picture_size_px=(224, 224),
                dataset="made",
                person_key="0",
                box_center_px=np.array([112, 112], dtype=np.float32),
                box_scale=224 / 200,
                keypoints_px=keypoints[index].astype(np.float32),
                ground_truth=GroundTruth(
                    parameters=BodyParameters(
                        pose[index].numpy(),
                        np.zeros(10, np.float32),
                        np.array([0.0, 0.2, 48.0], np.float32),
                    ),
                    joints_3d=joints[index].astype(np.float32),
                ),
            )
        )
    return samples


@pytest.fixture(scope="session")
def _fitted_project(tmp_path_factory: pytest.TempPathFactory, open_body: BodyModel) -> Path:
    folder = tmp_path_factory.mktemp("training")
    pictures = folder / "pictures"
    pictures.mkdir()
    with Dictionary.create(folder / "project") as dictionary:
        dictionary.samples.add(make_samples(open_body, pictures, PEOPLE))
    fit_samples(folder / "project", profile="paper")
    return folder / "project"


@pytest.fixture
def project(_fitted_project: Path, tmp_path: Path) -> Path:
    """A copy of the fitted project for each test; the pictures are shared."""
    return Path(shutil.copytree(_fitted_project, tmp_path / "project"))


@pytest.fixture
def quick() -> TrainingConfiguration:
    """A tiny network on tiny crops, loaded without worker processes."""
    return quick_configuration()


def quick_configuration() -> TrainingConfiguration:
    """The same, for fixtures of a wider scope."""
    return replace(
        profile_configuration("cpu-demo"),
        backbone="test_resnet",
        input_size_px=48,
        start_from="random",
        batch_size=4,
        iterations=6,
        workers=0,
        checkpoint_every=100,
        well_fitting_loss_px2=100.0,
        freeze_normalisation=False,
    )
