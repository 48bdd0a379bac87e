"""What the detector's head is trained on, and that its training can stop and go on."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.data.keypoint_layouts import of_layouts
from core.engine.regression.detector_head import DetectorHead
from core.engine.regression.landmark_bones import bones_of_keypoints
from core.engine.regression.lifter import Lifter
from core.engine.synthetic.people import PersonPlacement, place_person
from core.errors import StudioError
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.trunk_features import TRUNK_SIZE
from resources.detector_head.build import chunk_maker
from resources.detector_head.build.__main__ import FOLDER, _options
from resources.detector_head.build.donors import Donors
from resources.detector_head.build.evaluation import bodies_of, score, seen_people, spread_scale
from resources.detector_head.build.people import Chunk, DetectedPeople
from resources.detector_head.build.rendering import place_recorded, seen_from
from resources.detector_head.build.training import (
    Settings,
    Training,
    mirrored_where,
    network_of_lifter,
    spread_loss,
    turned,
)
from resources.lifter.build.bodies import PoseSet
from resources.resumable_training import train

PEOPLE = 24
TINY = Settings(captured=4, rendered=4, steps=6, dropout=0.2)


def some_chunk(body: KeypointBody, count: int = PEOPLE) -> Chunk:
    """People whom a detector saw with errors of a known kind: landmarks are 3 cm off along z."""
    rng = np.random.default_rng(0)
    vectors = (0.3 * rng.normal(size=(count, 72))).astype(np.float32)
    betas = rng.normal(size=(count, 10)).astype(np.float32)
    keypoints = body.keypoints(
        axis_angle_to_matrix(torch.from_numpy(vectors).view(-1, 24, 3)), torch.from_numpy(betas)
    ).numpy()
    landmarks = rng.normal(size=(count, 33, 3)).astype(np.float32)
    certain = np.ones((count, 33, 1), np.float32)
    return Chunk(
        pose_axis_angle=vectors,
        betas=betas,
        true_keypoints_px=200 * keypoints[..., :2] + 150,
        coco_keypoints_px=np.concatenate([100 * landmarks[:, :17, :2], certain[:, :17]], axis=2),
        landmarks_px=np.concatenate([100 * landmarks[..., :2], certain], axis=2),
        landmarks_m=landmarks,
        agreement=np.where(np.arange(count) == 0, 0.1, 0.9).astype(np.float32),
        trunk=rng.normal(size=(count, 2, TRUNK_SIZE)).astype(np.float16),
    )


@pytest.fixture(scope="module")
def body(open_body: BodyModel) -> KeypointBody:
    return KeypointBody(open_body)


@pytest.fixture(scope="module")
def people(body: KeypointBody) -> DetectedPeople:
    return DetectedPeople.of(some_chunk(body), body)


def some_poses(count: int = 30) -> PoseSet:
    generator = torch.Generator().manual_seed(0)
    vectors = 0.4 * torch.randn(count, 24, 3, generator=generator)
    return PoseSet(axis_angle_to_matrix(vectors), torch.full((count,), 1 / count).double())


def test_a_chunk_reads_back_as_it_was_saved(body, tmp_path):
    chunk = some_chunk(body, 3)
    chunk.save(tmp_path / "chunk.npz")
    again = Chunk.load(tmp_path / "chunk.npz")
    for field in fields(Chunk):
        np.testing.assert_array_equal(getattr(again, field.name), getattr(chunk, field.name))


def test_landmarks_that_the_networks_disagree_on_are_lost(people):
    assert not people.bones.visibility[0].any()
    assert people.bones.visibility[1:].all()
    assert not people.confidence[0, :25].any()
    assert people.confidence[0, 25:].any()


def test_mirrored_people_stay_people(people, body):
    flip = torch.arange(PEOPLE) % 2 == 0
    mirrored = mirrored_where(people, flip)
    found = bones_of_keypoints(body.keypoints(mirrored.rotations, mirrored.betas))
    apart = (found.directions - mirrored.true_bones.directions).norm(dim=-1)
    # The open body is not symmetric to the last millimetre.
    assert apart[flip].max() < 0.15
    assert apart[~flip].max() < 1e-4
    torch.testing.assert_close(mirrored.trunk[flip], people.trunk_mirrored[flip])
    torch.testing.assert_close(mirrored.trunk[~flip], people.trunk[~flip])


def test_turned_people_turn_as_a_whole(people, body):
    rolled = turned(people, torch.Generator().manual_seed(0))
    found = bones_of_keypoints(body.keypoints(rolled.rotations, rolled.betas))
    torch.testing.assert_close(found.directions, rolled.true_bones.directions, atol=1e-4, rtol=0)
    turns = rolled.rotations[:, 0] @ people.rotations[:, 0].mT
    angles = matrix_to_axis_angle(turns)
    assert angles[:, :2].abs().max() < 1e-4
    assert angles[:, 2].abs().max() > 0.1
    # What the picture shows turns by the same angle as what the body shows.
    first, second = people.true_keypoints_px[:, 2], people.true_keypoints_px[:, 9]
    before, after = second - first, rolled.true_keypoints_px[:, 9] - rolled.true_keypoints_px[:, 2]
    torch.testing.assert_close(
        (turns[:, :2, :2] @ before[..., None])[..., 0], after, atol=1e-2, rtol=1e-4
    )


def test_a_body_gets_the_errors_of_someone_who_stands_alike(people):
    donors = Donors.of(people)
    assert len(donors.true_directions) == 2 * (PEOPLE - 1)
    generator = torch.Generator().manual_seed(0)
    # Among the nearest of a donor's own pose is that donor, at distance 0.
    rows = torch.stack([donors.near(donors.true_directions[:5], generator) for _ in range(400)])
    for person in range(5):
        assert (rows[:, person] == person).any()


def test_transplanted_bones_are_unit_vectors_with_the_donors_errors(people):
    donors = Donors.of(people)
    rows = torch.arange(PEOPLE - 1)
    true = people.rows(rows + 1).true_bones
    found = donors.bones(true, rows, torch.Generator().manual_seed(0))
    torch.testing.assert_close(found.directions.norm(dim=-1), torch.ones(PEOPLE - 1, 20))
    own = people.rows(rows + 1).bones.directions
    assert (found.directions * own).sum(-1).mean() > 0.8


def test_someone_stays_seen_when_a_network_is_left_out(people):
    kept = of_layouts(people.confidence, torch.Generator().manual_seed(0))
    assert ((kept > 0).sum(1) >= 4).all()
    assert ((kept[:, :25] > 0).sum(1) == 0).any()
    assert ((kept[:, 25:] > 0).sum(1) == 0).any()


def test_an_untrained_head_says_what_the_lifter_says(people):
    lifter = Lifter.load()
    head = network_of_lifter(lifter, dropout=0.0).eval()
    said = head.bodies(seen_people(people))
    lifted = lifter.lift(people.keypoints_px, people.confidence)
    torch.testing.assert_close(said.rotations, lifted.rotations, atol=1e-4, rtol=0)


def test_spread_is_learned_to_be_the_root_mean_square():
    angles = torch.tensor([[0.1], [0.3], [0.5]])
    best = angles.square().mean().sqrt()
    at_best, above, below = (
        spread_loss(torch.full((3, 1), float(factor * best)), angles) for factor in (1, 1.2, 0.8)
    )
    assert at_best < above
    assert at_best < below


def test_scaled_spreads_are_right_on_the_people_they_were_scaled_on(people, body):
    head = network_of_lifter(Lifter.load(), dropout=0.0).eval()
    said = bodies_of(head, people)
    head.joint_spread_scale.copy_(spread_scale(said, people))
    again = score(bodies_of(head, people), people, body)
    # Left and right are meant together, and joints that never move keep the least spread.
    assert again.believed_deg == pytest.approx(again.true_deg, rel=0.05)


def trained(people: DetectedPeople, body: KeypointBody, path: Path, *, stop: int) -> DetectorHead:
    """Six steps, stopped after ``stop`` of them and gone on with."""
    first = Training(TINY, some_poses(), people, body)
    for _ in range(stop):
        first.advance()
    first.save(path)
    training = Training(TINY, some_poses(), people, body)
    training.resume(path)
    train(training, path, seconds=1e6, tell=lambda _: None)
    assert training.finished
    return training.averaged_network()


def test_a_stopped_training_goes_on_to_the_same_end(people, body, tmp_path):
    stopped, whole = (trained(people, body, tmp_path / f"{stop}.pt", stop=stop) for stop in (2, 0))
    for name, value in whole.state_dict().items():
        torch.testing.assert_close(stopped.state_dict()[name], value, atol=1e-6, rtol=1e-5)


def test_another_setting_is_refused(people, body, tmp_path):
    Training(TINY, some_poses(), people, body).save(tmp_path / "a.pt")
    other = Training(replace(TINY, rendered=5), some_poses(), people, body)
    with pytest.raises(StudioError, match="was begun with"):
        other.resume(tmp_path / "a.pt")


def test_a_person_from_near_is_drawn_larger_where_nearer(open_body):
    rng = np.random.default_rng(0)
    far = place_person(
        open_body, 0.2 * rng.normal(size=69), PersonPlacement(150, 280, 250, 200), rng
    )
    near = seen_from(far, 3.0)
    np.testing.assert_array_equal(near.keypoints, far.keypoints)
    middle = (far.keypoints.min(axis=0) + far.keypoints.max(axis=0)) / 2
    depth = far.keypoints[:, 2] - middle[2]
    # Pixels from the middle, which both cameras see at the same place.
    pixels_per_metre = np.ptp(far.keypoints_px[:, 1]) / np.ptp(far.keypoints[:, 1])
    expected = (far.keypoints[:, :2] - middle[:2]) * (3 / (3 + depth) - 1)[:, None]
    np.testing.assert_allclose(
        near.keypoints_px - far.keypoints_px, pixels_per_metre * expected, atol=0.6
    )


def test_recorded_poses_keep_their_tilt_for_half_of_the_people(open_body):
    rng = np.random.default_rng(1)
    lying = np.concatenate([[np.pi / 2, 0, 0], np.zeros(69)]).astype(np.float32)
    people = [
        place_recorded(open_body, lying, PersonPlacement(150, 280, 250, 200), rng)
        for _ in range(40)
    ]
    upright = [np.ptp(person.keypoints[:, 1]) > 1.2 for person in people]
    assert 8 < sum(upright) < 32


def test_a_quick_build_leaves_the_shipped_head_alone(tmp_path):
    words = [str(tmp_path / "mocap"), "--cache", str(tmp_path)]
    whole, quick = _options(words), _options([*words, "--quick"])
    assert whole.output == FOLDER
    assert quick.output == tmp_path
    assert quick.people_per_chunk < whole.people_per_chunk
    assert quick.steps < whole.steps


def test_chunks_are_made_once_and_read_back(open_body, body, tmp_path, monkeypatch):
    made = []

    class FakeChunks:
        def __init__(self, _model):
            pass

        def demo(self, poses, *, seed, **_settings):
            made.append((len(poses), seed))
            return some_chunk(body, len(poses))

        def recorded(self, poses, *, seed):
            return self.demo(poses, seed=seed)

    monkeypatch.setattr(chunk_maker, "DetectedChunks", FakeChunks)
    cache = tmp_path / "cache"
    for _ in range(2):
        maker = chunk_maker.ChunkMaker(open_body, cache, people_per_chunk=3)
        chunks = [
            maker.recorded(some_poses(), "recorded", 1),
            maker.recorded(some_poses(), "held_out", 1),
            maker.demo(0),
            maker.unseen(count=2),
        ]
        assert [len(chunk.betas) for chunk in chunks] == [3, 3, 3, 2]
    assert [count for count, _seed in made] == [3, 3, 3, 2]
    # No two kinds of people are drawn from one seed: people held out must be held out.
    assert len({seed for _count, seed in made}) == 4
