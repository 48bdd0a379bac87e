"""Files of motion, read by their own loaders, hold the bodies where the project has them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from smplcodec import SMPLCodec

from core.body.kinematics import rest_joints
from core.body.smpl_files import load_open_body_arrays
from core.dictionary.samples.detections import SearchedPicture, VideoFrame
from core.formats.bodies.writers.motion_files import Y_UP, Z_UP, write_amass, write_smpl
from core.formats.bodies.writers.sequences import body_sequence
from core.formats.bodies.writers.smplify_x import write_smplify_x
from core.geometry.rotations import axis_angle_to_matrix
from core.types.fits import Verdict
from core.types.tracks import TrackMember
from core.workflows.exports.collected_people import CollectedBodies
from core.workflows.exports.export_motion import export_amass, export_bvh, export_smpl
from core.workflows.exports.export_request import ExportOptions


@pytest.fixture
def followed(people):
    """The two people with good fits are one, seen in frames 3 and 6."""
    dictionary = people.dictionary
    members = [TrackMember(people.good, 3), TrackMember(people.accepted, 6)]
    dictionary.tracks.replace_all([members])
    return people


@pytest.fixture
def joints_of(people, display_body):
    """Where the project has the 24 joints of a body before the picture's camera, (24, 3) metres."""

    def joints(sample_id: int) -> np.ndarray:
        request = people.request(people.dictionary.project, sample_ids=(sample_id,))
        (page,) = CollectedBodies(people.dictionary, request).pages()
        pose = page.picture_pose_axis_angle[0].astype(np.float32)
        bones = display_body.skeleton(pose, page.betas[0].astype(np.float32))
        return bones.joints + page.in_picture.translation[0]

    return joints


def posed(display_body, pose, betas, translation) -> np.ndarray:
    bones = display_body.skeleton(np.ravel(pose).astype(np.float32), betas.astype(np.float32))
    return bones.joints + translation


def test_smplcodec_reads_one_body_and_it_is_where_it_was(people, tmp_path, display_body, joints_of):
    report = export_smpl(people.dictionary, people.request(tmp_path / "smpl"))
    assert report.files == 2
    for sample_id, name in ((people.good, "scene_0_100"), (people.accepted, "scene_0_101")):
        codec = SMPLCodec.from_file(tmp_path / "smpl" / f"{name}.smpl")
        assert (codec.frame_count, codec.frame_rate, codec.smpl_version) == (1, 30.0, 0)
        joints = posed(
            display_body, codec.body_pose[0], codec.shape_parameters, codec.body_translation[0]
        )
        np.testing.assert_allclose(joints @ Y_UP.T, joints_of(sample_id), atol=1e-4)
        assert joints[15, 1] > joints[0, 1], "heads are up"


def test_amass_loaders_read_one_body_in_a_room_with_z_up(people, tmp_path, display_body, joints_of):
    export_amass(people.dictionary, people.request(tmp_path / "amass"))
    path = tmp_path / "amass" / "scene_0_101.npz"
    with np.load(path, allow_pickle=False) as data:
        assert data["poses"].shape == (1, 156)
        assert data["betas"].shape == (16,)
        assert str(data["gender"]) == "neutral"
        assert float(data["mocap_framerate"]) == 30
        assert str(data["body_name"]) == "open body"
        pose = np.concatenate([data["poses"][0, :66], np.zeros(6)])
        joints = posed(display_body, pose, data["betas"][:10], data["trans"][0])
    expected = joints_of(people.accepted)
    body_joints = slice(0, 22)
    np.testing.assert_allclose((joints @ Z_UP.T)[body_joints], expected[body_joints], atol=1e-4)
    assert joints[15, 2] > joints[0, 2], "heads are up"
    codec = SMPLCodec.from_amass_npz(path)
    assert codec.body_pose.shape == (1, 22, 3)
    assert codec.frame_rate == 30.0


class Bvh:
    """A BVH file read as its description says."""

    def __init__(self, path) -> None:
        lines = path.read_text().splitlines()
        self.names, self.parents, self.offsets, self.channels = [], [], [], []
        open_joints, is_end = [], False
        for number, line in enumerate(lines):
            words = line.split()
            if words[0] in ("ROOT", "JOINT"):
                self.names.append(words[1])
                self.parents.append(open_joints[-1] if open_joints else -1)
                open_joints.append(len(self.names) - 1)
            elif words[0] == "End":
                is_end = True
                open_joints.append(None)
            elif words[0] == "OFFSET" and not is_end:
                self.offsets.append(np.array(words[1:], float))
            elif words[0] == "CHANNELS":
                self.channels.append(words[2:])
                assert int(words[1]) == len(words) - 2
            elif words[0] == "}":
                open_joints.pop()
                is_end = False
            elif words[0] == "Frames:":
                self.count = int(words[1])
            elif words[:2] == ["Frame", "Time:"]:
                self.step_s = float(words[2])
                self.frames = np.array([row.split() for row in lines[number + 1 :]], float)

    def joints_cm(self, frame: int) -> dict[str, np.ndarray]:
        values = iter(self.frames[frame])
        turns, places = [], []
        for joint, channels in enumerate(self.channels):
            turn, moved = np.eye(3), np.zeros(3)
            for channel in channels:
                value, axis = next(values), "XYZ".index(channel[0])
                if channel.endswith("position"):
                    moved[axis] = value
                else:
                    vector = np.zeros(3)
                    vector[axis] = np.radians(value)
                    turn = turn @ axis_angle_to_matrix(vector)
            parent = self.parents[joint]
            above = np.eye(3) if parent < 0 else turns[parent]
            base = np.zeros(3) if parent < 0 else places[parent]
            places.append(base + above @ (self.offsets[joint] + moved))
            turns.append(above @ turn)
        return dict(zip(self.names, places, strict=True))


def test_bones_of_a_bvh_are_where_the_project_has_the_joints(people, tmp_path, joints_of):
    from core.body.conventions import SKELETON_JOINT_NAMES

    export_bvh(people.dictionary, people.request(tmp_path / "bvh"))
    bvh = Bvh(tmp_path / "bvh" / "scene_0_101.bvh")
    assert bvh.frames.shape == (1, 75)
    joints = bvh.joints_cm(0)
    places = np.array([joints[name] for name in SKELETON_JOINT_NAMES]) / 100
    np.testing.assert_allclose(places @ Y_UP.T, joints_of(people.accepted), atol=1e-4)


@pytest.mark.parametrize("degrees", [89.99999, 90, -90, 45])
def test_a_joint_bent_by_a_right_angle_keeps_its_rotation(people, tmp_path, degrees):
    from core.formats.bodies.writers.motion_files import _zxy_degrees, joint_order

    pose = np.zeros((1, 72))
    pose[0, 48:51] = [np.radians(degrees), 0, 0]
    pose[0, 12:15] = [0.3, -0.2, 0.1]
    angles = np.radians(_zxy_degrees(pose).reshape(24, 3))
    for row, joint in enumerate(joint_order()):
        about_z, about_x, about_y = (
            axis_angle_to_matrix(angle * axis)
            for angle, axis in zip(angles[row], np.eye(3)[[2, 0, 1]], strict=True)
        )
        expected = axis_angle_to_matrix(pose.reshape(24, 3)[joint])
        np.testing.assert_allclose(about_z @ about_x @ about_y, expected, atol=1e-6)


def test_a_person_who_was_followed_is_one_sequence_without_gaps(
    followed, tmp_path, display_body, joints_of
):
    out = tmp_path / "smpl"
    report = export_smpl(followed.dictionary, followed.request(out))
    (path,) = out.glob("*.smpl")
    assert path.name == "scene_0_100_onwards.smpl"
    codec = SMPLCodec.from_file(path)
    assert codec.frame_count == 4
    shape = (followed.body(followed.good).betas + followed.body(followed.accepted).betas) / 2
    np.testing.assert_allclose(codec.shape_parameters, shape, atol=1e-6)
    for frame, sample_id in ((0, followed.good), (3, followed.accepted)):
        joints = posed(
            display_body,
            codec.body_pose[frame],
            codec.shape_parameters,
            codec.body_translation[frame],
        )
        np.testing.assert_allclose((joints @ Y_UP.T)[0], joints_of(sample_id)[0], atol=1e-4)
    starts, ends = codec.body_translation[0], codec.body_translation[3]
    np.testing.assert_allclose(codec.body_translation[1], (2 * starts + ends) / 3, atol=1e-4)
    summary = report.summary()
    assert "2 frames without a body lie between their neighbours" in summary
    assert "their betas differ by" in summary
    assert "30 frames a second are assumed" in summary
    with (out / "bodies.csv").open(newline="") as stream:
        assert [line["frame"] for line in csv.DictReader(stream)] == ["0", "3"]


def test_the_rate_is_the_video_s_unless_another_is_asked_for(followed, tmp_path):
    dictionary = followed.dictionary
    picture = dictionary.samples.get(followed.good).picture_path
    other = dictionary.samples.get(followed.accepted).picture_path
    assert picture == other, "one picture cannot be two frames: rates come from the option"
    export_bvh(
        dictionary,
        followed.request(tmp_path / "bvh", options=ExportOptions(frame_rate_hz=24.0)),
    )
    bvh = Bvh(tmp_path / "bvh" / "scene_0_100_onwards.bvh")
    assert bvh.step_s == pytest.approx(1 / 24)
    assert bvh.count == 4


def test_frames_of_a_video_tell_the_rate(people, tmp_path):
    dictionary = people.dictionary
    dictionary.verdicts.set({people.rejected: Verdict.ACCEPTED}, "maria")
    first, second = (dictionary.samples.get(each) for each in (people.good, people.rejected))
    assert first.picture_path != second.picture_path
    for sample, frame in ((first, 10), (second, 15)):
        dictionary.detections.add_picture(
            SearchedPicture(
                path=sample.picture_path,
                people=1,
                networks="test",
                frame=VideoFrame("film.mp4", frame, frame / 25),
            ),
            [],
        )
    dictionary.tracks.replace_all([[TrackMember(people.good, 0), TrackMember(people.rejected, 5)]])
    export_amass(dictionary, people.request(tmp_path / "amass"))
    with np.load(tmp_path / "amass" / "scene_0_100_onwards.npz") as data:
        assert float(data["mocap_framerate"]) == pytest.approx(25)
        assert data["is_fitted"].tolist() == [True, *[False] * 4, True]


def test_what_amass_cannot_hold_is_said(people, tmp_path):
    summary = export_amass(people.dictionary, people.request(tmp_path / "amass")).summary()
    assert "no place for SMPL's hand joints, which are bent in 2 bodies" in summary
    assert "open body" in summary


def test_bones_keep_the_lengths_of_their_shape(people, tmp_path, display_body, open_body):
    export_bvh(people.dictionary, people.request(tmp_path / "bvh"))
    bvh = Bvh(tmp_path / "bvh" / "scene_0_100.bvh")
    at_rest, by_shape = rest_joints(open_body.arrays)
    joints = at_rest + by_shape @ people.body(people.good).betas
    knee, hip = bvh.names.index("left_knee"), 1
    expected = 100 * np.linalg.norm(joints[4] - joints[hip])
    assert np.linalg.norm(bvh.offsets[knee]) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    ("body_name", "gender", "number"),
    [("SMPL_FEMALE (1)", "female", 2), ("SMPL_MALE (1)", "male", 1), ("mine (1)", "neutral", 0)],
)
def test_files_say_the_gender_of_the_projects_body(people, body_name, gender, number):
    request = people.request(people.dictionary.project)
    (page,) = CollectedBodies(people.dictionary, request).pages()
    bodies = replace(page, body_name=body_name)
    smplify_x, amass, smpl = io.BytesIO(), io.BytesIO(), io.BytesIO()
    write_smplify_x(smplify_x, bodies, 0, as_npz=True)
    ((one, places), *_) = CollectedBodies(people.dictionary, request).sequences()
    motion = body_sequence(
        replace(one, body_name=body_name),
        places,
        load_open_body_arrays(),
        camera_from_world=np.eye(3),
        frame_rate_hz=30.0,
    )
    write_amass(amass, motion)
    write_smpl(smpl, motion)
    for stream, expected in ((smplify_x, gender), (amass, gender), (smpl, number)):
        stream.seek(0)
        with np.load(stream) as arrays:
            assert arrays["gender"] == expected
