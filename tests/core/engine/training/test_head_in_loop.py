"""The head behind the detector trained in the loop: from what was stored, without a picture."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from core.dictionary.store import Dictionary
from core.engine.data import training_samples
from core.engine.data.augmentation import Augmentation, AugmentationBatch, augment_rotations
from core.engine.data.replayed_people import ReplayedPeople, save_people
from core.engine.data.seen_crops import augmented_people
from core.engine.regression.detector_head import DetectorHead, SeenPeople
from core.engine.regression.head_checkpoints import head_state, load_detector_head
from core.engine.regression.landmark_bones import bones_of_keypoints
from core.engine.regression.seen_people import SeenSample, seen_people
from core.engine.regression.weight_files import write_weight_file
from core.engine.smplify.inputs import LONG_LENSES, BodyEstimate, Keypoints2D
from core.engine.training import preview_pictures
from core.engine.training import train as training
from core.engine.training.head_learner import HeadLearner, best_translation
from core.engine.training.regressor_error import ErrorSample, RegressorErrorEstimate
from core.engine.training.starting_weights import new_head
from core.engine.training.train import train
from core.errors import PictureError, StudioError
from core.geometry.crop_camera import project_to_crop
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle
from core.pictures.decoding import load_picture
from core.runs.observers import SilentObserver
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import Origin
from core.types.trunk_features import TRUNK_SIZE
from core.workflows.predict_project import predict_samples

REPLAYED = 5


@pytest.fixture
def head_file(tmp_path):
    torch.manual_seed(0)
    head = DetectorHead(width=16, blocks=1, body_name="open body")
    # As people stand in the camera's frame; an untrained head would have them upside down.
    head.mean_sixd[:6] = torch.tensor([1.0, 0, 0, -1, 0, 0])
    path = tmp_path / "head.pt"
    write_weight_file(path, head_state(head))
    return path


@pytest.fixture
def quick_head(head_file):
    return replace(
        profile_configuration("cpu"),
        start_from=str(head_file),
        batch_size=4,
        iterations=6,
        replayed_people=0,
        # Untrained, it is right about no one: held to it more firmly, no fit would be better.
        pull_keypoint_noise_px=2.0,
        pull_largest_weight=300.0,
        well_fitting_loss_px2=100.0,
        freeze_normalisation=False,
    )


@pytest.fixture
def measured(project):
    """The project, with landmarks and features of everybody but one."""
    rng = np.random.default_rng(0)
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        landmarks_m = rng.normal(size=(33, 3)).astype(np.float32)
        landmarks_px = np.concatenate([landmarks_m[:, :2], np.ones((33, 1))], axis=1)
        for number, sample_id in enumerate(ids[:-1]):
            features = rng.normal(size=(2, TRUNK_SIZE)).astype(np.float16)
            seen = DetectedLandmarks(
                landmarks_px=landmarks_px.astype(np.float32),
                landmarks_m=landmarks_m + np.float32(0.1 * number),
                agreement=0.9,
                score=0.9,
                networks="test",
                trunk_features=features,
            )
            dictionary.detections.set({sample_id: seen})
    return project


def of_run(project, run_id):
    return load_detector_head(RunFolder.of(project, run_id).newest())


def test_a_run_opens_no_picture_and_offers_fits(measured, quick_head, monkeypatch):
    opened = []
    monkeypatch.setattr(training_samples, "load_picture", opened.append)
    report = train(measured, quick_head)
    assert (report.iterations, list(report.picture_problems), opened) == (6, [], [])
    with Dictionary.open(measured) as dictionary:
        ids = dictionary.search.ids().tolist()
        fits = [fit for sample_id in ids for fit in dictionary.fits.history(sample_id)]
    in_loop = [fit for fit in fits if fit.origin is Origin.IN_LOOP]
    assert in_loop
    assert {fit.run_id for fit in in_loop} == {report.run_id}


class Previews(SilentObserver):
    watches_batches = True

    def __init__(self):
        self.seen = []

    def preview(self, preview):
        self.seen.append(preview)


def test_a_run_that_is_watched_shows_the_pictures_as_they_were_augmented(measured, quick_head):
    watched = Previews()
    plain = replace(quick_head, iterations=1, augment=False)
    train(measured, plain, observer=watched)
    (preview,) = watched.seen
    assert preview.pictures.shape[1:] == (224, 224, 3)
    assert len(preview.pictures) == len(preview.prediction) == len(preview.fit) == 4
    with Dictionary.open(measured) as dictionary:
        sample = dictionary.samples.get(int(preview.sample_ids[0]))
    # The boxes are the pictures.
    expected = load_picture(sample.picture_path).astype(float)
    assert np.abs(preview.pictures[0] - expected).mean() < 2


def test_a_picture_that_is_gone_is_shown_grey_and_ends_no_run(measured, quick_head, monkeypatch):
    def gone(path):
        raise PictureError("is not there.", path=path)

    monkeypatch.setattr(preview_pictures, "load_picture", gone)
    watched = Previews()
    report = train(measured, replace(quick_head, iterations=1), observer=watched)
    assert report.iterations == 1
    assert np.unique(watched.seen[0].pictures).size == 1


def test_the_head_learns_and_its_detector_does_not(measured, quick_head, head_file):
    report = train(measured, quick_head)
    before, after = load_detector_head(head_file), of_run(measured, report.run_id)
    assert not torch.equal(after.head.weight, before.head.weight)
    assert torch.equal(after.trunk_mean, before.trunk_mean)
    assert torch.equal(after.joint_spread_scale, before.joint_spread_scale)
    # How sure it is was measured on people with known bodies, and fits are none.
    assert torch.equal(after.spread.weight, before.spread.weight)


def test_a_resumed_run_ends_where_a_whole_one_does(measured, quick_head, tmp_path):
    configuration = replace(quick_head, fit_in_loop=False)
    whole = train(measured, configuration)
    half = train(measured, replace(configuration, iterations=3))
    train(measured, configuration, resume_run=half.run_id)
    first, second = (of_run(measured, run_id) for run_id in (whole.run_id, half.run_id))
    for name, value in first.state_dict().items():
        torch.testing.assert_close(second.state_dict()[name], value, atol=1e-6, rtol=1e-5)


def test_what_is_in_use_lies_between_the_first_weights_and_those_of_the_run(
    measured, quick_head, head_file
):
    ends = {}
    for share in (0.0, 0.5, 1.0):
        configuration = replace(quick_head, fit_in_loop=False, anchor=0.1, share_in_use=share)
        ends[share] = of_run(measured, train(measured, configuration).run_id).state_dict()
    first = load_detector_head(head_file).state_dict()
    assert not torch.equal(ends[1.0]["head.weight"], first["head.weight"])
    for name, weights in first.items():
        torch.testing.assert_close(ends[0.0][name], weights, atol=1e-7, rtol=0)
        torch.testing.assert_close(ends[0.5][name], (weights + ends[1.0][name]) / 2)


def test_a_trained_head_predicts(measured, quick_head):
    report = train(measured, quick_head)
    predicted = predict_samples(measured)
    assert predicted.source == f"the regressor of run {report.run_id}"
    assert predicted.predicted == 10


def test_replayed_people_keep_the_head_from_forgetting(measured, quick_head, tmp_path, monkeypatch):
    path = tmp_path / "replayed.npz"
    generator = torch.Generator().manual_seed(0)
    pose = 0.3 * torch.randn(REPLAYED, 72, generator=generator)
    betas = torch.randn(REPLAYED, 10, generator=generator)
    save_people(path, some_people(REPLAYED), pose.numpy(), betas.numpy())
    replayed = ReplayedPeople.load(path)
    torch.testing.assert_close(replayed.betas, betas, atol=1e-2, rtol=0)
    torch.testing.assert_close(
        replayed.rotations, axis_angle_to_matrix(pose.view(-1, 24, 3)), atol=1e-2, rtol=0
    )
    monkeypatch.setattr(training.ReplayedPeople, "load", lambda: replayed)

    def error_after(replayed_people):
        configuration = replace(
            quick_head,
            replayed_people=replayed_people,
            fit_in_loop=False,
            iterations=40,
            learning_rate=3e-3,
            anchor=0.0,
            share_in_use=1.0,
        )
        head = of_run(measured, train(measured, configuration).run_id)
        return float((head.bodies(replayed.seen).rotations - replayed.rotations).square().mean())

    assert error_after(8) < 0.7 * error_after(0)


def test_weights_of_another_kind_of_network_are_refused(measured, quick_head):
    with pytest.raises(StudioError, match="cannot begin with"):
        train(measured, replace(quick_head, start_from="imagenet"))


def test_an_untrained_head_says_the_mean_pose_and_knows_only_the_trunk(prior, open_body):
    configuration = replace(profile_configuration("cpu"), start_from="random", seed=3)
    shipped, _ = new_head(replace(configuration, start_from="demo"), prior, open_body)
    head, origin = new_head(configuration, prior, open_body)
    assert origin == "random weights"
    mean = axis_angle_to_matrix(torch.tensor(prior.mean_pose).float().view(-1, 3))
    said = head.bodies(some_people(2)).rotations
    assert geodesic_angle(said[:, 1:], mean.expand(2, -1, -1, -1)).max() < 0.2
    torch.testing.assert_close(head.trunk_mean, shipped.trunk_mean)
    assert not torch.allclose(head.stem.weight, shipped.stem.weight)
    again, _ = new_head(configuration, prior, open_body)
    torch.testing.assert_close(again.state_dict(), head.state_dict())
    other, _ = new_head(replace(configuration, seed=4), prior, open_body)
    assert not torch.allclose(other.stem.weight, head.stem.weight)


# What augmentation does to what was seen


def some_people(count, seed=1):
    generator = torch.Generator().manual_seed(seed)
    sample = SeenSample(keypoints_crop_px=np.ones((49, 3), np.float32))
    people = seen_people([sample] * count)
    bones = bones_of_keypoints(torch.randn(count, 49, 3, generator=generator))
    trunk = torch.randn(count, 2, TRUNK_SIZE, generator=generator)
    seen = torch.ones(count, dtype=torch.bool)
    return SeenPeople(people.keypoints_crop_px, people.confidence, bones, trunk, seen)


def test_bones_move_as_the_body_does(keypoint_body):
    generator = torch.Generator().manual_seed(2)
    rotations = axis_angle_to_matrix(0.4 * torch.randn(3, 24, 3, generator=generator))
    betas = torch.zeros(3, 10)
    bones = bones_of_keypoints(keypoint_body.keypoints(rotations, betas))
    people = replace(some_people(3), bones=bones)
    augmentations = AugmentationBatch.of(
        [
            Augmentation(rotation_rad=0.5),
            Augmentation(flip=True),
            Augmentation(flip=True, rotation_rad=-0.7, scale=1.2),
        ]
    )
    moved = augmented_people(people, augmentations).bones
    body = bones_of_keypoints(
        keypoint_body.keypoints(augment_rotations(rotations, augmentations), betas)
    )
    # The open body is not symmetric to the last millimetre.
    assert (moved.directions - body.directions).norm(dim=-1).max() < 0.1
    assert (moved.directions[0] - body.directions[0]).norm(dim=-1).max() < 1e-4


def test_a_flip_exchanges_the_features_and_a_turn_loses_them():
    people = some_people(3)
    augmentations = AugmentationBatch.of(
        [Augmentation(), Augmentation(flip=True), Augmentation(rotation_rad=0.4)]
    )
    moved = augmented_people(people, augmentations)
    torch.testing.assert_close(moved.trunk[0], people.trunk[0])
    torch.testing.assert_close(moved.trunk[1], people.trunk[1].flip(0))
    assert moved.has_trunk.tolist() == [True, True, False]


# The camera of the 2D loss


def test_the_best_translation_leaves_nothing_of_a_true_body(keypoint_body):
    generator = torch.Generator().manual_seed(3)
    rotations = axis_angle_to_matrix(0.3 * torch.randn(4, 24, 3, generator=generator))
    points = keypoint_body.keypoints(rotations, torch.zeros(4, 10))
    true = torch.tensor([[0.1, -0.2, 48.0]]).expand(4, 3)
    seen = project_to_crop(points, true)
    found = best_translation(points, Keypoints2D(seen, torch.rand(4, 49, generator=generator)))
    # The long lens hardly knows depth: its perspective is a few tenths of a pixel.
    torch.testing.assert_close(project_to_crop(points, found), seen, atol=1.0, rtol=0)


def test_a_body_of_another_size_is_asked_nothing_of_its_size(keypoint_body):
    """The 2D error under the best translation does not change with the body's scale."""
    rotations = torch.eye(3).repeat(1, 24, 1, 1)
    points = keypoint_body.keypoints(rotations, torch.zeros(1, 10))
    seen = project_to_crop(points, torch.tensor([[0.0, 0.0, 48.0]]))
    seen = seen + 4 * torch.randn(seen.shape, generator=torch.Generator().manual_seed(4))
    keypoints = Keypoints2D(seen, torch.ones(1, 49))
    scale = torch.tensor(1.0, requires_grad=True)
    larger = scale * points
    error = (project_to_crop(larger, best_translation(larger, keypoints)) - seen).square().mean()
    error.backward()
    assert error > 1
    assert abs(float(scale.grad)) < 0.05


def test_the_best_translation_is_that_of_least_error(keypoint_body):
    rotations = axis_angle_to_matrix(
        0.3 * torch.randn(1, 24, 3, generator=torch.Generator().manual_seed(5))
    )
    points = keypoint_body.keypoints(rotations, torch.zeros(1, 10))
    seen = 112 + 60 * torch.randn(1, 49, 2, generator=torch.Generator().manual_seed(6))
    seen = 0.2 * seen + 0.8 * project_to_crop(points, torch.tensor([[0.0, 0.0, 48.0]]))
    keypoints = Keypoints2D(seen, torch.ones(1, 49))
    best = best_translation(points, keypoints)

    def error(translation):
        return float((project_to_crop(points, translation) - seen).square().mean())

    for axis, step in ((0, 0.02), (1, 0.02), (2, 1.5)):
        for sign in (-1, 1):
            moved = best.clone()
            moved[:, axis] += sign * step
            assert error(moved) > error(best)


# How far a prediction is trusted


def bodies(count):
    return BodyEstimate.at_rest(count)


LIMITS = {"keypoint_noise_px": 5.0, "largest_weight": 1e9}


def off_by(radians):
    """What is known of a regressor whose joints have lately been off by this much."""
    sums = torch.full((35,), 100 * radians**2).double()
    return RegressorErrorEstimate.unknown().updated(ErrorSample(sums, torch.tensor(100.0).double()))


def test_each_joint_is_held_as_firmly_as_the_head_is_sure_of_it():
    squares = torch.full((2, 24), 0.04)
    squares[1] = 0.16
    prior = RegressorErrorEstimate.unknown().prior_by_squares(bodies(2), squares, None, **LIMITS)
    # 2 σ_k² / (s² / 3)
    torch.testing.assert_close(prior.joint_weights[0], torch.full((24,), 2 * 25 / (0.04 / 3)))
    torch.testing.assert_close(prior.joint_weights[0], 4 * prior.joint_weights[1])


def test_betas_and_depth_are_held_as_what_is_known_lately_says():
    error = off_by(0.5)
    known = error.estimate_prior(bodies(1), **LIMITS)
    held = error.prior_by_squares(bodies(1), torch.full((1, 24), 0.01), known, **LIMITS)
    assert torch.equal(held.betas_weights, known.betas_weights)
    assert torch.equal(held.depth_weight, known.depth_weight)


def test_a_head_that_errs_more_than_it_says_is_not_trusted_for_it():
    sure, unsure = (
        off_by(0.5).believed_squares(torch.full((1, 24), said), is_judged=False)
        for said in (0.1, 0.9)
    )
    torch.testing.assert_close(sure, torch.full((1, 24), 0.25).double())
    torch.testing.assert_close(unsure, torch.full((1, 24), 0.81).double())


def test_spreads_of_a_judged_head_grow_together_and_only_where_fits_say_so():
    spread = torch.full((1, 24), 0.1)
    spread[:, :12] = 0.2
    together = off_by(0.5).believed_squares(spread, is_judged=True)
    torch.testing.assert_close(together.mean(), torch.tensor(0.25).double())
    torch.testing.assert_close(together[0, 0] / together[0, 23], torch.tensor(4.0).double())
    unchanged = off_by(0.05).believed_squares(spread, is_judged=True)
    torch.testing.assert_close(unchanged, spread.double().square())


def learner_of(head, body, judged):
    return HeadLearner(head, None, body, torch.device("cpu"), 0, head, None, judged)


def believed_and_true(head, keypoint_body, people):
    """Root mean squares over joints and people, in radians, by a batch of the people's own."""
    batch = SimpleNamespace(seen=people.seen)
    learner = learner_of(head, keypoint_body, people)
    start = learner.start_of_fits(batch, None, LONG_LENSES)
    apart = geodesic_angle(start.estimate.rotations, people.rotations)
    return (float(each.square().mean().sqrt()) for each in (start.spread_rad, apart))


def test_an_untrained_head_is_believed_to_be_as_bad_as_it_is(head_file, keypoint_body):
    people = ReplayedPeople.load().split(0.2)[1]
    head = load_detector_head(head_file)
    said = float(head.bodies(people.seen).spread_rad.square().mean().sqrt())
    believed, true = believed_and_true(head, keypoint_body, people)
    assert said < 0.75 * true
    assert believed == pytest.approx(true, rel=0.1)


def test_the_shipped_head_is_not_believed_more_than_it_says(keypoint_body):
    people = ReplayedPeople.load().split(0.2)[1]
    head = load_detector_head()
    said = float(head.bodies(people.seen).spread_rad.square().mean().sqrt())
    believed, true = believed_and_true(head, keypoint_body, people)
    assert said <= believed < 1.25 * said
    # It was trained on these people.
    assert true < believed


def test_people_are_rehearsed_as_other_programs_would_know_them():
    people = ReplayedPeople.load()
    less = people.known_less(torch.Generator().manual_seed(0))
    measured = less.seen.bones.visibility.any(1)
    had_bones = people.seen.bones.visibility.any(1)
    assert 0.6 < measured[had_bones].float().mean() < 0.8
    assert not less.seen.has_trunk[had_bones & ~measured].any()
    assert less.seen.has_trunk[measured].all()
    annotated, openpose = (
        (less.seen.confidence[:, part] > 0).any(1) for part in (slice(25, 49), slice(25))
    )
    assert 0.2 < (annotated & openpose).float().mean() < 0.5
    assert torch.equal(less.rotations, people.rotations)


def test_people_are_rehearsed_or_judged_by_and_never_both():
    people = ReplayedPeople.load()
    rehearsed, judged = people.split(0.2)
    assert (len(rehearsed), len(judged)) == (256, 64)
    assert torch.equal(torch.cat([rehearsed.betas, judged.betas]), people.betas)


def test_older_runs_compare_fits_by_the_noise_that_they_pulled_by():
    old = json.loads(profile_configuration("studio").to_json())
    old["pull_keypoint_noise_px"] = 3.0
    del old["acceptance_keypoint_noise_px"]
    assert TrainingConfiguration.from_stored(json.dumps(old)).acceptance_keypoint_noise_px == 3.0
