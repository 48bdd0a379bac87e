"""Moments and subjects in a project: one body for all, human decisions respected."""

from __future__ import annotations

import math
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from core.dictionary.store import Dictionary
from core.engine.body.keypoint_forward import KeypointBody
from core.engine.body.smpl_body import BodyModel
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.rigs.shared_views import SharedViews
from core.geometry.rotations import axis_angle_to_matrix, facing_root, matrix_to_axis_angle
from core.progress import CancelToken
from core.types.camera_poses import CameraPose
from core.types.cameras import PictureCamera
from core.types.fits import Fit, Origin, Verdict
from core.types.samples import NewSample
from core.types.view_groups import GroupNames
from core.workflows.fit_project import fit_samples
from core.workflows.groups.fit_groups import MOST_TOGETHER
from core.workflows.groups.group_report import GroupReport
from core.workflows.refit_project import refit_samples

CAMERAS, MOMENTS = 3, 2
FOCAL_LENGTH_PX = 1000.0
DISTANCE_M = 9.0


@dataclass(frozen=True)
class MadeViews:
    """on_crop: (6, 49, 2) pixels; translations: (6, 3) metres, of the cameras in the world."""

    on_crop: np.ndarray
    translations: np.ndarray


def made_views(model: BodyModel) -> MadeViews:
    """Two moments of one person, each seen by three cameras around; the first three are one."""
    pose = torch.tensor(PosePrior.load().sample(MOMENTS, np.random.default_rng(5))).float()
    count = MOMENTS * CAMERAS
    pose = pose.repeat_interleave(CAMERAS, dim=0)
    yaws = torch.arange(CAMERAS).repeat(MOMENTS) * (2 * math.pi / CAMERAS)
    root = matrix_to_axis_angle(facing_root(yaws))
    betas = torch.full((count, 10), 0.5)
    points = model.posed(torch.cat([root, pose], dim=1), betas).keypoints
    middle = (points.amin(1) + points.amax(1)) / 2
    before = points - middle[:, None] + torch.tensor([0.0, 0.0, DISTANCE_M])
    on_crop = (FOCAL_LENGTH_PX * before[..., :2] / before[..., 2:] + 112).numpy()
    # Bodies turn about the pelvis p: C_v (x − p) + p is before camera v what x is in the world.
    pelvis = KeypointBody(model).root_joint(betas)
    turned = (camera_turns() @ pelvis[..., None])[..., 0]
    shift = pelvis - turned - middle + torch.tensor([0.0, 0.0, DISTANCE_M])
    return MadeViews(on_crop, shift.numpy())


def camera_turns() -> torch.Tensor:
    """C_v ``(6, 3, 3)`` from the world to each camera: back by the yaw of the body before it."""
    yaws = torch.arange(CAMERAS).repeat(MOMENTS) * (2 * math.pi / CAMERAS)
    return axis_angle_to_matrix(torch.stack([0 * yaws, -yaws, 0 * yaws], dim=1))


def views_of(model: BodyModel) -> list[NewSample]:
    """The pictures of the six views."""
    return [
        NewSample(
            picture_path=Path(f"/pictures/cam{row % CAMERAS}_{row // CAMERAS}.jpg"),
            picture_size_px=(224, 224),
            dataset="made",
            person_key="0",
            box_center_px=np.array([112, 112], np.float32),
            box_scale=224 / 200,
            keypoints_px=np.concatenate([keypoints, np.ones((49, 1))], axis=1).astype(np.float32),
        )
        for row, keypoints in enumerate(made_views(model).on_crop)
    ]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory, open_body: BodyModel) -> Path:
    """Six pictures, fitted one by one; made once, copied for each test."""
    folder = tmp_path_factory.mktemp("views") / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(views_of(open_body))
    fit_samples(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, fitted: Path) -> Path:
    return Path(shutil.copytree(fitted, tmp_path / "project"))


def group(project: Path, *, subject: str | None = None, mixed: bool = False) -> None:
    """Let the pictures be moments; mixed up, the first pictures of both change places."""
    moments = {1: "b", 4: "a"} if mixed else {}
    with Dictionary.open(project) as dictionary:
        dictionary.groups.assign(
            {
                number: GroupNames(
                    moment=moments.get(number, "a" if number <= CAMERAS else "b"), subject=subject
                )
                for number in range(1, MOMENTS * CAMERAS + 1)
            }
        )


def current(project: Path) -> list[Fit]:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        fits = dictionary.fits.current(range(1, MOMENTS * CAMERAS + 1))
        return [fits[number] for number in sorted(fits)]


def poses(fits: list[Fit]) -> np.ndarray:
    return np.stack([fit.parameters.pose_axis_angle[3:] for fit in fits])


def test_a_fit_gives_moments_one_body_after_fits_by_themselves(project: Path) -> None:
    assert np.ptp(poses(current(project)[:3]), axis=0).max() > 0.05
    group(project)
    report = fit_samples(project)
    assert (report.fitted, report.groups.fitted, report.groups.people) == (0, 2, 6)
    assert "2 groups of 6 people fitted together" in report.summary()
    fits = current(project)
    assert {fit.origin for fit in fits} == {Origin.REFIT}
    for first in (0, 3):
        one = fits[first : first + 3]
        assert np.ptp(poses(one), axis=0).max() < 1e-3
        assert np.ptp([fit.parameters.betas for fit in one], axis=0).max() < 1e-3
        assert len({fit.group_id for fit in one}) == 1
    assert fits[0].group_id != fits[3].group_id
    assert np.abs(fits[0].parameters.betas - fits[3].parameters.betas).max() > 1e-3


def test_groups_that_have_one_body_are_not_fitted_again_but_by_a_refit(project: Path) -> None:
    group(project)
    fit_samples(project)
    before = [fit.id for fit in current(project)]
    assert fit_samples(project).groups.fitted == 0
    report = refit_samples(project)
    assert (report.refitted, report.groups.fitted, report.groups.kept) == (0, 0, 2)
    assert [fit.id for fit in current(project)] == before


def test_a_refit_of_groups_starts_from_every_start_that_is_asked_for(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(project)
    known = []
    fit_placed = SharedViews.fit_placed

    def watched(self: SharedViews, *given: object, **named: object) -> object:
        starts = named["starts"]
        known.append([int(each.known.sum()) for each in starts])
        return fit_placed(self, *given, **named)

    monkeypatch.setattr(SharedViews, "fit_placed", watched)
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({2: Verdict.REJECTED})
    refit_samples(project, starts=["mean", "current", "lifter"])
    # The one whose body was rejected has left its moment.
    assert sorted(known) == [[2, 2], [3, 3]]


def test_a_subject_has_one_shape_and_its_moments_a_pose_each(project: Path) -> None:
    group(project, subject="Eva")
    report = refit_samples(project, sample_ids=[2])
    assert (report.groups.fitted, report.groups.people) == (1, 6)
    fits = current(project)
    assert np.ptp([fit.parameters.betas for fit in fits], axis=0).max() < 1e-3
    assert np.abs(poses(fits)[0] - poses(fits)[3]).max() > 0.05


def test_an_accepted_body_stays_and_the_others_follow_it(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({2: Verdict.ACCEPTED})
    before = current(project)[1]
    group(project)
    report = fit_samples(project)
    assert report.groups.people == 5
    fits = current(project)
    assert fits[1].id == before.id
    np.testing.assert_allclose(poses(fits)[0], poses(fits)[1], atol=1e-3)
    np.testing.assert_allclose(fits[0].parameters.betas, before.parameters.betas, atol=1e-3)


def test_a_rejected_picture_is_fitted_by_itself_until_it_is_put_back(project: Path) -> None:
    group(project)
    fit_samples(project)
    together = current(project)
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.REJECTED})
    report = refit_samples(project, sample_ids=[1, 2, 3])
    assert report.groups.fitted + report.groups.kept == 1
    assert report.refitted == 1
    fits = current(project)
    assert fits[0].group_id is None or fits[0].id == together[0].id
    with Dictionary.open(project) as dictionary:
        dictionary.groups.same_moment([1, 2])
        assert not dictionary.groups.of([1])[1].left_out


def test_pictures_of_two_moments_mixed_up_stay_apart_and_are_named(project: Path) -> None:
    group(project, mixed=True)
    before = [fit.id for fit in current(project)]
    report = fit_samples(project)
    assert set(report.groups.doubtful.values()) == {"a", "b"}
    assert "2 moments do not look like one body and stayed apart: a, b" in report.summary()
    assert [fit.id for fit in current(project)] == before
    # A refit takes them one by one.
    assert refit_samples(project).refitted == 6


def test_the_papers_profile_fits_every_picture_by_itself(project: Path) -> None:
    group(project)
    report = refit_samples(project, profile="paper", starts=["current"])
    assert (report.refitted, report.groups.fitted) == (6, 0)


def test_a_cancelled_fit_leaves_groups_for_the_next_time(project: Path) -> None:
    group(project)
    cancel = CancelToken()
    cancel.cancel()
    report = fit_samples(project, cancel=cancel)
    assert report.cancelled
    assert {fit.origin for fit in current(project)} == {Origin.NETWORK}
    assert fit_samples(project).groups.fitted == 2


def test_a_large_subject_is_fitted_in_parts_with_one_shape(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.workflows.groups.fit_groups.MOST_TOGETHER", 3)
    group(project, subject="Eva")
    assert fit_samples(project).groups.people == 6
    fits = current(project)
    assert np.ptp([fit.parameters.betas for fit in fits], axis=0).max() < 1e-3
    assert MOST_TOGETHER > 3


def test_of_many_moments_that_stay_apart_five_are_named() -> None:
    report = GroupReport(doubtful={number: f"take {number}" for number in range(7)})
    assert report.summary().endswith("take 0, take 1, take 2, take 3, take 4 and 2 more")


def give_places(project: Path, model: BodyModel, *, exchanged: bool = False) -> None:
    """The places that the made cameras stood at, in millimetres, as a calibration tells them."""
    turns, translations = camera_turns(), made_views(model).translations
    with Dictionary.open(project) as dictionary:
        for row in range(MOMENTS * CAMERAS):
            place = row + (1, -1, 0)[row % CAMERAS] if exchanged else row
            pose = CameraPose(
                tuple(turns[place].flatten().tolist()),
                tuple((1000 * translations[place]).tolist()),
                "set.json ab",
            )
            camera = PictureCamera(FOCAL_LENGTH_PX, (112.0, 112.0), pose=pose)
            picture = Path(f"/pictures/cam{row % CAMERAS}_{row // CAMERAS}.jpg")
            dictionary.cameras.set({picture: camera}, compare=lambda *_given: None)


def test_cameras_of_known_places_give_a_moment_one_root_in_the_world(
    project: Path, open_body: BodyModel
) -> None:
    group(project)
    give_places(project, open_body)
    report = fit_samples(project)
    assert (report.groups.fitted, report.groups.contradicting) == (2, {})
    stored = [fit.parameters.pose_axis_angle[:3] for fit in current(project)]
    roots = axis_angle_to_matrix(torch.tensor(np.stack(stored)))
    in_world = (camera_turns().mT @ roots).view(MOMENTS, CAMERAS, 3, 3)
    assert (in_world - in_world[:, :1]).abs().max() < 1e-3


def test_places_that_the_pictures_contradict_are_named_and_left_out(
    project: Path, open_body: BodyModel
) -> None:
    group(project)
    give_places(project, open_body, exchanged=True)
    report = fit_samples(project)
    assert report.groups.fitted == 2
    assert set(report.groups.contradicting.values()) == {"a", "b"}
    assert "2 moments not taken from where the calibration says" in report.summary()
