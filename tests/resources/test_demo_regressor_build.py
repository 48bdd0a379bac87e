"""The demo regressor's training: crops that belong to their bodies, and a training that resumes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.data.augmentation import AugmentationSettings
from core.engine.regression.mean_parameters import MeanParameters
from core.errors import StudioError
from core.geometry.crop_camera import project_to_crop
from resources.demo_regressor.build.evaluation import judge
from resources.demo_regressor.build.people import (
    MARGIN,
    STORED_SIDE_PX,
    People,
    chunk_path,
    load_chunk,
    ready_chunks,
    save_chunk,
)
from resources.demo_regressor.build.training import PeopleSet, Settings, Training, train

TINY = Settings(backbone="test_resnet", batch=4, steps=6, warm_up_steps=1, people=12)


@pytest.fixture(scope="module")
def body(open_body):
    return KeypointBody(open_body)


@pytest.fixture(scope="module")
def people(body):
    """Twelve people, each a white dot on black where the pelvis (OP MidHip) is seen."""
    rng = np.random.default_rng(0)
    pose = rng.normal(0, 0.2, (12, 72)).astype(np.float32)
    pose[:, :3] = np.array([np.pi, 0, 0]) + rng.normal(0, 0.2, (12, 3))
    betas = rng.normal(0, 1, (12, 10)).astype(np.float32)
    camera = np.stack([rng.normal(0, 0.1, 12), rng.normal(0, 0.1, 12), np.full(12, 50.0)], 1)
    made = People(
        np.zeros((12, STORED_SIDE_PX, STORED_SIDE_PX, 3), np.uint8),
        pose,
        betas,
        camera.astype(np.float32),
    )
    for row, (x, y) in enumerate(midhips_px(PeopleSet([made]), body)):
        # From the 224 px crop to the stored one, which shows more about the same centre.
        at = ((x, y) - np.array([112, 112])) / 224 / MARGIN * STORED_SIDE_PX + STORED_SIDE_PX / 2
        sixteenths = np.rint(at * 16).astype(int).tolist()
        cv2.circle(made.crops[row], sixteenths, 4 * 16, (255, 255, 255), -1, cv2.LINE_AA, shift=4)
    return made


def midhips_px(people_set, body):
    seen = project_to_crop(
        body.keypoints(people_set.rotations, people_set.betas), people_set.camera_translation
    )
    return seen[:, 8].numpy()


def new_training(people, body, settings=TINY):
    mean = MeanParameters.of_body_pose(np.zeros(69))
    return Training(settings, PeopleSet([people]), body, mean, body_name="open body")


@pytest.mark.parametrize("side_px", [128, 64])
def test_augmented_crops_show_their_augmented_bodies(people, body, side_px):
    everything = AugmentationSettings(upright_share=0, color_spread=0)
    crops, truth = PeopleSet([people, people]).batch(
        np.arange(24), np.random.default_rng(1), body, everything, side_px=side_px
    )
    seen = project_to_crop(body.keypoints(truth.rotations, truth.betas), truth.camera_translation)
    rows, columns = np.mgrid[:side_px, :side_px]
    for crop, wanted in zip(crops[..., 0].double().numpy(), seen[:, 8].numpy(), strict=True):
        found = np.array([(crop * columns).sum(), (crop * rows).sum()]) / crop.sum()
        np.testing.assert_allclose(found * 224 / side_px, wanted, atol=1.0)


def test_chunks_come_back_from_the_disk(people, tmp_path):
    assert ready_chunks(tmp_path) == []
    save_chunk(tmp_path, 3, people)
    assert ready_chunks(tmp_path) == [3]
    loaded = load_chunk(tmp_path, 3)
    assert len(loaded) == 12
    np.testing.assert_array_equal(loaded.crops, people.crops)
    np.testing.assert_array_equal(loaded.betas, people.betas)
    assert [path.name for path in tmp_path.glob("*.npz")] == [chunk_path(tmp_path, 3).name]


def test_resumed_training_is_the_same_to_the_last_bit(people, body, tmp_path):
    whole = new_training(people, body)
    for _ in range(TINY.steps):
        whole.advance()
    first = new_training(people, body)
    for _ in range(3):
        first.advance()
    first.save(tmp_path / "training.pt")
    second = new_training(people, body)
    second.resume(tmp_path / "training.pt")
    train(second, tmp_path / "training.pt", seconds=1e6, tell=lambda _text: None)
    assert second.finished
    for name, value in whole.averaged.items():
        assert torch.equal(value, second.averaged[name]), name


def test_resume_may_change_the_steps_and_nothing_else(people, body, tmp_path):
    new_training(people, body).save(tmp_path / "training.pt")
    new_training(people, body, replace(TINY, steps=50)).resume(tmp_path / "training.pt")
    with pytest.raises(StudioError, match="learning_rate"):
        new_training(people, body, replace(TINY, learning_rate=1.0)).resume(
            tmp_path / "training.pt"
        )


def test_judgement_compares_with_the_mean_person(people, body):
    training = new_training(people, body)
    figures = judge(training.result(), PeopleSet([people]), body)
    assert figures["regressor"].keys() == figures["always the mean person"].keys()
    mean = figures["always the mean person"]
    assert 0 < mean["root_error_deg"] < 60
    assert mean["wrong_root_share"] == 0
