"""Other methods' files in the forms that they come in: read, or refused with their own reason."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.conventions import SMPL_PELVIS_M
from core.body.picture_frame import in_pictures, intrinsics_in_picture
from core.body.seen_keypoints import keypoints_in_crop
from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.errors import AnnotationError
from core.formats.bodies.options import (
    BoxLayout,
    CameraKind,
    PredictionOptions,
    RootFrame,
    ScaleUnit,
)
from core.geometry.boxes import Box
from core.geometry.crop_camera import translation_to_weak_perspective
from core.geometry.rotations import axis_angle_to_matrix, geodesic_angle, matrix_to_axis_angle
from core.types.bodies import BodyParameters
from core.types.cameras import long_lens_camera
from core.types.fits import FitLosses, NewFit, Origin
from core.types.samples import NewSample
from core.workflows.comparison_sources import body_source
from core.workflows.predictions.import_predictions import import_predictions
from core.workflows.predictions.person_matching import NO_BOX, REPEATED

SIZE_PX = (640, 480)
BOXES = (Box(200.0, 240.0, 260.0), Box(450.0, 250.0, 240.0), Box(310.0, 260.0, 250.0))
"""Two people of one picture, and one alone in another."""
NAMES = ("train/a.jpg", "train/a.jpg", "train/b.jpg")
TURN = np.diag([1.0, -1.0, -1.0])


def parameters(number: int) -> BodyParameters:
    rng = np.random.default_rng(40 + number)
    pose = rng.normal(0, 0.25, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.2, 0.15, 0.1]
    pose[66:] = 0  # SMPL's hands, which other models' bodies lack
    return BodyParameters(pose, np.zeros(10, np.float32), np.float32([0.05, 0.2, 45 + number]))


BODIES = [parameters(number) for number in range(3)]
POSES = np.stack([body.pose_axis_angle for body in BODIES])
CAMERAS = np.stack([body.camera_translation for body in BODIES])
WEAK = translation_to_weak_perspective(torch.from_numpy(CAMERAS)).numpy()


def seen_px(open_body, body: BodyParameters, box: Box) -> np.ndarray:
    pose, betas = (
        torch.from_numpy(item[None].copy()) for item in (body.pose_axis_angle, body.betas)
    )
    keypoints = open_body.posed(pose, betas).keypoints[0].numpy()
    return box.crop_to_picture(keypoints_in_crop(keypoints, body))


def new_sample(name: str, key: str, box: Box, points_px: np.ndarray) -> NewSample:
    return NewSample(
        picture_path=Path("/data") / name,
        picture_size_px=SIZE_PX,
        dataset="coco",
        person_key=key,
        box_center_px=np.float32([box.center_x_px, box.center_y_px]),
        box_scale=box.side_px / 200,
        keypoints_px=np.column_stack([points_px, np.ones(49)]).astype(np.float32),
        camera=long_lens_camera(SIZE_PX),
    )


@pytest.fixture
def project(tmp_path, open_body) -> Path:
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(
            new_sample(name, str(number), box, seen_px(open_body, body, box))
            for number, (name, box, body) in enumerate(zip(NAMES, BOXES, BODIES, strict=True))
        )
    return folder


def write(path: Path, **changed: object) -> Path:
    """Three rows as SPIN and VIBE have them, with some arrays replaced, added or left out."""
    arrays: dict[str, object] = {
        "imgname": np.array(NAMES),
        "pose": POSES,
        "betas": np.zeros((3, 10)),
        "pred_cam": WEAK,
        "center": np.array([(box.center_x_px, box.center_y_px) for box in BOXES]),
        "scale": np.array([box.side_px / 200 for box in BOXES]),
        **changed,
    }
    np.savez(path, **{name: one for name, one in arrays.items() if one is not None})
    return path


@pytest.fixture
def imported(project, tmp_path):
    def import_file(options: PredictionOptions | None = None, **changed: object):
        source = write(tmp_path / "other.npz", **changed)
        return import_predictions(
            project, "other", source, betas="keep", options=options or PredictionOptions()
        )

    return import_file


def bodies(project: Path) -> list[BodyParameters]:
    with Dictionary.open(project) as dictionary:
        return list(
            body_source(dictionary, "other").bodies(dictionary.search.ids().tolist()).values()
        )


def _boxed(project: Path) -> list[tuple[BodyParameters, Box]]:
    return list(zip(bodies(project), BOXES, strict=True))


def assert_same_bodies(project: Path, *, atol: float = 1e-4) -> None:
    for found, true in zip(bodies(project), BODIES, strict=True):
        np.testing.assert_allclose(
            axis_angle_to_matrix(found.pose_axis_angle.reshape(24, 3)),
            axis_angle_to_matrix(true.pose_axis_angle.reshape(24, 3)),
            atol=atol,
        )
        np.testing.assert_allclose(found.camera_translation, true.camera_translation, rtol=1e-4)


def matrices() -> np.ndarray:
    return axis_angle_to_matrix(POSES.reshape(3, 24, 3))


def smpl_x(joints: int) -> np.ndarray:
    """SMPL's 22 joints with whatever hands and faces after them."""
    full = np.random.default_rng(1).normal(0, 1, (3, joints, 3))
    full[:, :22] = POSES.reshape(3, 24, 3)[:, :22]
    return full


FORMS = {
    "24x3": {"pose": POSES.reshape(3, 24, 3)},
    "216": {"pose": None, "rotmat": matrices().reshape(3, 216)},
    "matrices rounded": {"pose": None, "rotmat": matrices().round(2)},
    "six by columns": {"pose": matrices()[..., :2].reshape(3, 144)},
    "six by rows": {"pose": matrices()[..., :2, :].reshape(3, 24, 6)},
    "66": {"pose": smpl_x(22).reshape(3, 66)},
    "156": {"poses": smpl_x(52).reshape(3, 156), "pose": None},
    "165": {"pose_cam": smpl_x(55).reshape(3, 165), "pose": None},
    "root and 69": {"global_orient": POSES[:, :3], "body_pose": POSES[:, 3:], "pose": None},
    "root and 63": {"root_orient": POSES[:, :3], "pose_body": POSES[:, 3:66], "pose": None},
    "root and 63 called pose": {"global_orient": POSES[:, None, :3], "pose": POSES[:, 3:66]},
    "matrices of root and body": {
        "global_orient": matrices()[:, :1],
        "body_pose": matrices()[:, 1:],
        "pose": None,
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_a_pose_is_the_same_body_in_every_form(project, imported, form):
    report = imported(**FORMS[form])
    assert report.imported == 3
    assert report.median_error_px < 1
    assert_same_bodies(project, atol=0.02 if "rounded" in form else 1e-4)


@pytest.mark.parametrize("changed", [{"pose": POSES[:, 3:66]}, {"pose_body": POSES[:, 3:]}])
def test_a_body_without_its_root_is_turned_as_the_keypoints_say(project, imported, changed):
    report = imported(**{"pose": None, **changed})
    assert report.imported == 3
    assert "no field says how that is turned ('global_orient')" in report.summary()
    assert report.median_error_px < 2
    for found, true in zip(bodies(project), BODIES, strict=True):
        roots = axis_angle_to_matrix(
            np.stack([found.pose_axis_angle[:3], true.pose_axis_angle[:3]])
        )
        assert np.degrees(geodesic_angle(roots[0], roots[1])) < 3


def test_matrices_a_little_off_become_the_nearest_rotations_and_are_told(project, imported):
    report = imported(pose=None, rotmat=1.015 * matrices())
    assert_same_bodies(project)
    assert any("nearest rotations" in notice for notice in report.notices)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda rotmat: 2.1 * rotmat, "2.1 times as long as one"),
        (lambda rotmat: 0 * rotmat, "all its numbers are 0"),
        (lambda rotmat: -rotmat, "it mirrors"),
        (lambda rotmat: rotmat + np.eye(3)[::-1] * 0.4, "not perpendicular"),
        (lambda rotmat: rotmat * np.nan, "not finite"),
    ],
)
def test_a_file_of_broken_rows_says_what_breaks_them(imported, broken, why):
    with pytest.raises(AnnotationError, match=f"none of its rows can be used .*{why}"):
        imported(pose=None, rotmat=broken(matrices()))


def test_a_broken_row_is_told_and_the_others_go_in(project, imported):
    rotmat = matrices()
    rotmat[1, 7] *= 3
    pose = POSES.copy()
    report = imported(pose=None, rotmat=rotmat)
    assert report.imported == 2
    assert "entry 1: rotmat: the matrix of joint 7" in report.left_out()[0]
    assert "1 entry could not be read" in report.summary()
    pose[2, 5] = np.nan
    assert "entry 2: pose: found a number that is not finite" in imported(pose=pose).left_out()[0]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"pose": np.zeros((3, 71))}, "'pose' has shape .3, 71., which is none of the forms"),
        ({"pose": POSES[:2]}, "'pose' has shape .2, 72., expected 3 rows, one for each entry"),
        ({"pose": None}, "no poses"),
        ({"imgname": None}, "no list of pictures"),
        ({"focal_length": np.zeros(3), "camera_translation": CAMERAS}, "focal length: found 0"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_own_reason(imported, changed, message):
    with pytest.raises(AnnotationError, match=message):
        imported(**changed)


@pytest.mark.parametrize(
    "names",
    [
        np.array([name.encode() for name in NAMES]),
        np.array(NAMES, dtype=object),
        np.array([name.encode() for name in NAMES], dtype=object),
        np.array([name.removesuffix(".jpg") for name in NAMES]),
        np.array([name.replace(".jpg", ".png") for name in NAMES]),
        np.array([name.upper() for name in NAMES]),
        np.array(["D:\\set\\" + name.replace("/", "\\") for name in NAMES]),
    ],
)
def test_a_picture_is_found_by_any_spelling_of_its_name(project, imported, names):
    assert imported(imgname=names).imported == 3
    assert_same_bodies(project)


def test_names_that_differ_in_the_suffix_alone_are_told_apart_where_it_is_given(
    project, imported, open_body
):
    with Dictionary.open(project) as dictionary:
        points = seen_px(open_body, BODIES[2], BOXES[2])
        dictionary.samples.add([new_sample("train/b.png", "9", BOXES[2], points)])
    assert imported().imported == 3
    report = imported(imgname=np.array([*NAMES[:2], "train/b"]))
    assert list(report.reasons) == ["several pictures of the project have this name"]


def test_objects_that_are_no_texts_are_left_alone_and_told(project, imported, tmp_path):
    report = imported(extra=np.array([{"a": 1}, [2], None], dtype=object), note=np.arange(3))
    assert report.unused_fields == ("note", "extra (objects)")
    with pytest.raises(AnnotationError, match="'imgname' holds objects that are no texts"):
        imported(imgname=np.array([1, 2, {}], dtype=object))


def test_nothing_of_a_pickled_array_is_run(project, imported, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "run",))

    with pytest.raises(AnnotationError):
        imported(imgname=np.array([Hostile(), "a", "b"], dtype=object))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changed", "options"),
    [
        ({"bboxes": "cxcywh"}, {}),
        ({"bboxes": "ltwh"}, {"boxes": BoxLayout.CORNER_SIZE}),
        ({"bboxes": "xyxy"}, {"boxes": BoxLayout.CORNERS}),
        ({"bbox_xyxy": "xyxy"}, {}),
        ({"scale": "wh"}, {}),
        ({"scale": "px"}, {"scale": ScaleUnit.PIXELS}),
        ({"box_size": "px", "box_center": "center"}, {}),
    ],
)
def test_boxes_are_read_as_they_are_said_to_be(project, imported, changed, options):
    arrays = {name: box_arrays()[form] for name, form in changed.items()}
    if "scale" not in arrays:
        arrays |= {"scale": None, "center": None}
    assert imported(PredictionOptions(**options), **arrays).imported == 3
    assert_same_bodies(project)


def box_arrays() -> dict[str, np.ndarray]:
    center = np.array([(box.center_x_px, box.center_y_px) for box in BOXES])
    side = np.array([box.side_px for box in BOXES])[:, None]
    return {
        "cxcywh": np.hstack([center, side, side]),
        "ltwh": np.hstack([center - side / 2, side, side]),
        "xyxy": np.hstack([center - side / 2, center + side / 2]),
        "center": center,
        "px": side[:, 0],
        "wh": np.hstack([side / 200, side / 300]),
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"bboxes": "ltwh"}, "read as left, top, width, height.*--boxes ltwh"),
        ({"bboxes": "xyxy"}, "read as x1, y1, x2, y2.*--boxes xyxy"),
        ({"scale": "px"}, "'scale' read as pixels.*--scale px"),
    ],
)
def test_boxes_of_another_layout_are_refused_naming_the_one_that_fits(imported, changed, said):
    arrays = {name: box_arrays()[form] for name, form in changed.items()}
    if "scale" not in arrays:
        arrays |= {"scale": None, "center": None}
    with pytest.raises(AnnotationError, match=f"(?s)lie on no person as they are read.*{said}"):
        imported(**arrays)


def test_two_people_without_boxes_cannot_be_told_apart_and_that_is_said(imported):
    report = imported(center=None, scale=None)
    assert report.reasons == {NO_BOX: 2}


def test_a_second_entry_of_a_person_is_called_that(imported):
    report = imported(**{
        name: np.concatenate([one, one[2:]])
        for name, one in {
            "imgname": np.array(NAMES), "pose": POSES, "betas": np.zeros((3, 10)), "pred_cam": WEAK,
            "center": box_arrays()["center"], "scale": box_arrays()["px"] / 200,
        }.items()
    })  # fmt: skip
    assert report.reasons == {REPEATED: 1}


def test_translations_under_the_name_of_a_weak_camera_are_told_from_one(project, imported):
    report = imported(pred_cam=None, camera=CAMERAS)
    assert_same_bodies(project)
    assert "'camera' holds translations in metres, not (s, tx, ty)" in report.summary()
    imported(PredictionOptions(camera=CameraKind.CROP), pred_cam=CAMERAS)
    assert_same_bodies(project)


def in_whole_picture(open_body, body: BodyParameters, focal_px: float, place: np.ndarray):
    """Keypoints of a body that stands somewhere in a picture's camera, and its box."""
    posed = (
        open_body.posed(torch.from_numpy(body.pose_axis_angle[None].copy()), torch.zeros(1, 10))
        .keypoints[0]
        .double()
        .numpy()
    )
    points = posed + place
    seen = focal_px * points[:, :2] / points[:, 2:] + np.array(SIZE_PX) / 2
    low, high = seen.min(axis=0), seen.max(axis=0)
    return seen, Box(*((low + high) / 2).tolist(), 1.2 * float((high - low).max()))


@pytest.mark.parametrize("focal_px", [0.4 * 800, 0.75 * 800, 10 * 800])
def test_a_camera_of_the_whole_picture_sees_the_body_at_the_same_pixels(
    tmp_path, open_body, focal_px
):
    """At the side of the picture a body is seen from its side, and near ones with perspective."""
    place = np.array([1.3 * 600, -0.1 * 600, 4.0 * focal_px]) / 600
    points, box = in_whole_picture(open_body, BODIES[0], focal_px, place)
    project = tmp_path / "wide"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add([new_sample("wide.jpg", "1", box, points)])
    file = {
        "imgname": np.array(["wide.jpg"]),
        "pose": BODIES[0].pose_axis_angle[None],
        "camera_translation": place[None],
        "focal_length": np.array([focal_px]),
    }
    np.savez(tmp_path / "wide.npz", **file)
    report = import_predictions(project, "other", tmp_path / "wide.npz", betas="keep")
    assert "whole picture's camera, by 'focal_length'" in report.summary()
    assert report.median_error_px < 0.01
    (body,) = bodies(project)
    np.testing.assert_allclose(seen_px(open_body, body, box), points, atol=0.02)
    focal, *principal = intrinsics_in_picture(body.camera, box)
    np.testing.assert_allclose([focal, *principal], [focal_px, 320, 240], rtol=1e-5)
    # About the ray through its crop it is the same person at the same distance.
    (again,) = in_pictures([body], open_body.arrays).translation
    np.testing.assert_allclose(again, place, atol=1e-5)


def test_smpls_bodies_stand_in_for_by_the_open_body_keep_their_pelvis(project, imported):
    """SMPL's origin lies 22 cm above its pelvis, where the open body has its own."""
    imported()
    (own, *_) = [body.camera_translation for body in bodies(project)]
    import_predictions(project, "other", project.parent / "other.npz", betas="auto")
    (moved, *_) = [body.camera_translation for body in bodies(project)]
    np.testing.assert_allclose(moved - own, SMPL_PELVIS_M, atol=1e-3)


def test_focal_lengths_that_differ_across_and_down_are_refused(imported):
    focal = np.array([[700.0, 710.0], [700.0, 720.0], [700.0, 700.0]])
    place = np.array([(-0.4, 0.1, 5.0), (0.5, 0.0, 6.0), (0.0, 0.0, 4.0)])
    report = imported(pred_cam=None, camera_translation=place, focal_length=focal)
    assert report.imported == 2
    (problem,) = report.problems
    assert "found 700 across and 720 down, expected the same within 2%" in str(problem)


@pytest.mark.parametrize(
    "camera",
    [
        {"pred_cam_t_full": "place", "scaled_focal_length": np.full(3, 700.0)},
        {"pred_cam_t_full": "place", "focal_length": np.array(700.0)},
        {"camera_translation": "place", "focal_length": np.array([[700.0, 700.0]] * 3)},
        {
            "trans_cam": "place minus one",
            "cam_int": np.array([[[700.0, 0, 320], [0, 700, 240], [0, 0, 1]]] * 3),
            "cam_ext": np.array([np.vstack([np.eye(3, 4), [0, 0, 0, 1]])] * 3)
            + np.array([[[0, 0, 0, 1.0]] * 3 + [[0] * 4]] * 3),
        },
    ],
)
def test_whole_pictures_cameras_are_known_by_their_usual_names(project, imported, camera):
    place = np.array([(-0.4, 0.1, 5.0), (0.5, 0.0, 6.0), (0.0, 0.0, 4.0)])
    words = {"place": place, "place minus one": place - 1}
    named = {key: words[one] if isinstance(one, str) else one for key, one in camera.items()}
    report = imported(pred_cam=None, **named)
    assert (report.imported, report.solved_cameras) == (3, 0)
    (found,) = {round(intrinsics_in_picture(b.camera, box)[0], 2) for b, box in _boxed(project)}
    assert found == 700
    distances = [np.linalg.norm(body.camera_translation) for body in bodies(project)]
    np.testing.assert_allclose(distances, np.linalg.norm(place, axis=1), rtol=1e-3)


def test_a_translation_without_any_focal_length_is_no_camera_and_told(imported):
    report = imported(pred_cam=None, transl=CAMERAS)
    assert report.solved_cameras == 3
    assert report.unused_fields == ("transl",)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"has_smpl": np.array([1, 0, 1])}, {"has_smpl is 0": 1}),
        ({"valid_fit": np.array([True, False, False])}, {"valid_fit is 0": 2}),
        ({"pose": POSES * np.array([[1], [0], [1]])}, {"their poses are all zeros": 1}),
    ],
)
def test_rows_that_hold_no_body_are_left_out_and_counted(imported, changed, said):
    report = imported(**changed)
    assert report.without_body == said
    assert report.imported == 3 - sum(said.values())
    assert "left out, no body" in report.summary()


def test_a_file_of_nothing_but_empty_rows_is_refused_as_that(imported):
    with pytest.raises(AnnotationError, match="3 without a body: their poses are all zeros"):
        imported(pose=0 * POSES, pred_cam=None)
    with pytest.raises(AnnotationError, match="3 without a body: has_smpl is 0"):
        imported(has_smpl=np.zeros(3))


def y_up() -> np.ndarray:
    pose = POSES.copy()
    pose[:, :3] = matrix_to_axis_angle(TURN @ axis_angle_to_matrix(POSES[:, :3]))
    return pose


def test_roots_in_a_world_frame_are_noticed_and_turned_when_asked_for(project, imported):
    report = imported(pose=y_up())
    assert report.median_error_px > 40
    assert "--frame y-up" in report.summary()
    assert "is large" in report.summary()
    turned = imported(PredictionOptions(frame=RootFrame.Y_UP), pose=y_up())
    assert turned.median_error_px < 1
    assert turned.notices == ()
    assert_same_bodies(project)


def test_roots_far_from_those_of_the_fits_are_noticed_even_where_no_joint_tells(project, imported):
    losses = FitLosses(reprojection=1, pose_prior=1, angle_prior=1, shape_prior=1, comparison=1.0)
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer(
            [
                NewFit(sample_id=number + 1, parameters=one, losses=losses, origin=Origin.MEAN)
                for number, one in enumerate(BODIES)
            ]
        )
    backwards = POSES.copy()
    about_y = np.diag([-1.0, 1.0, -1.0])
    backwards[:, :3] = matrix_to_axis_angle(about_y @ axis_angle_to_matrix(POSES[:, :3]))
    report = imported(pose=backwards, pred_cam=None)
    assert "3 of 3 roots lie more than 90° from those of the current fits" in report.summary()
    assert imported().notices == ()


def test_what_is_not_used_is_listed(imported):
    report = imported(
        betas=np.zeros((3, 16)), gender=np.array(["male"] * 3), joints3d=np.zeros((3, 4)), keys=0
    )
    assert report.unused_fields == ("gender", "joints3d", "keys")
    said = report.summary()
    assert "'betas' has 16 numbers a body, of which the first 10 are used" in said
    assert "'gender' (male): betas of a male" in said


def test_one_row_of_betas_is_everybodys(project, imported):
    betas = np.arange(10) / 10
    report = imported(betas=betas)
    assert all(np.allclose(body.betas, betas) for body in bodies(project))
    assert "one row: everybody gets it" in report.summary()


def test_eft_lists_what_it_does_not_use(project, tmp_path):
    entry = {
        "parm_pose": matrices()[2].tolist(), "parm_shape": [0.0] * 10,
        "parm_cam": (WEAK[2] * [1, WEAK[2, 0], WEAK[2, 0]]).tolist(),
        "bbox_scale": BOXES[2].side_px / 200, "imageName": NAMES[2], "openpose18": [],
        "bbox_center": [BOXES[2].center_x_px, BOXES[2].center_y_px],
    }  # fmt: skip
    source = tmp_path / "eft.json"
    source.write_text(json.dumps({"ver": 1, "data": [entry]}))
    report = import_predictions(project, "EFT", source, betas="keep")
    assert report.unused_fields == ("openpose18",)
    assert report.median_error_px < 1


def test_the_command_takes_what_a_file_cannot_tell(project, tmp_path, capsys):
    source = write(
        tmp_path / "other.npz", pose=y_up(), bboxes=box_arrays()["xyxy"], center=None, scale=None
    )
    words = ["import-predictions", project, "other", source, "--frame", "y-up", "--boxes", "xyxy"]
    options = build_parser().parse_args([str(word) for word in words])
    assert options.run(options, Console(sys.stdout, sys.stderr)) == 0
    assert "3 people imported" in capsys.readouterr().out


def changed_row(array: np.ndarray, value: float) -> np.ndarray:
    result = np.array(array, dtype=np.float64)
    result.reshape(3, -1)[1, 0] = value
    return result


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"pose": changed_row(POSES, 1e300)}, "pose: found 1e+300 radians"),
        ({"pose": None, "rotmat": changed_row(matrices(), 1e300)}, "rotmat: the matrix of joint 0"),
        (
            {"pose": changed_row(matrices()[..., :2].reshape(3, 144), np.inf)},
            "pose: found a number that is not",
        ),
        ({"betas": changed_row(np.zeros((3, 10)), 1e30)}, "betas: found 1e+30"),
        ({"betas": changed_row(np.zeros((3, 10)), np.nan)}, "betas: found nan"),
        ({"center": changed_row(box_arrays()["center"], np.inf)}, "box: found inf"),
        ({"scale": changed_row(box_arrays()["px"] / 200, -1)}, "with a side of -200 px"),
        ({"pred_cam": changed_row(WEAK, 0)}, "camera: the body would lie behind the camera"),
        ({"pred_cam": changed_row(WEAK, 1e-300)}, "camera: the body would lie behind the camera"),
        ({"pred_cam": changed_row(WEAK, np.nan)}, "camera: found a number that is not finite"),
    ],
)
def test_numbers_beyond_all_measure_cost_their_row_alone(imported, changed, why):
    report = imported(**changed)
    assert report.imported == 2
    (problem,) = report.problems
    assert problem.index == 1
    assert why in problem.reason
