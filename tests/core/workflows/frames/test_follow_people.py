"""People followed through frames: tracks, and flags that are never stale."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

import main as program
from core.body.compared_keypoints.exchanged_sides import with_exchanged_sides
from core.dictionary.store import Dictionary
from core.errors import NoSuchRecordError
from core.types.fits import Verdict
from core.types.flags import FlagName
from core.types.tracks import TrackMember
from core.workflows.frames.follow_people import follow_people
from tests.core.body.motion.test_motion import person
from tests.core.dictionary.conftest import new_fit, new_sample

FRAMES = 7
ELBOW = slice(3 * 18, 3 * 19)


def sample(frame: int, key: str, keypoints_px: np.ndarray):
    made = new_sample(picture=f"shot_{frame:03d}.jpg")
    return replace(made, person_key=key, keypoints_px=keypoints_px)


@pytest.fixture
def dictionary(tmp_path):
    with Dictionary.create(tmp_path / "project") as opened:
        people = [
            sample(frame, key, person(x_px, seed=seed, moved_px=4 * frame))
            for frame in range(FRAMES)
            for key, x_px, seed in (("left", 200, 0), ("right", 450, 1))
            if not (frame == 3 and key == "right")
        ]
        opened.samples.add(people)
        yield opened


def ids_of(dictionary, key):
    found = dictionary.samples.get_many(dictionary.search.ids().tolist())
    return [each.id for each in sorted(found, key=lambda each: each.name) if each.person_key == key]


def fit_all(dictionary, ids, *, jumping=()):
    for sample_id in ids:
        pose = np.zeros(72)
        pose[ELBOW] = [0, 0, 2.0 if sample_id in jumping else 0.0]
        dictionary.fits.offer([new_fit(sample_id, pose=pose)])


def flagged(dictionary, flag):
    return dictionary.flags.sample_ids([flag]).tolist()


def test_each_person_is_one_track_also_past_a_frame_that_misses_them(dictionary):
    report = follow_people(dictionary)
    assert (report.sequences, report.tracks, report.people) == (1, 2, 2 * FRAMES - 1)
    left, right = ids_of(dictionary, "left"), ids_of(dictionary, "right")
    assert [member.sample_id for member in dictionary.tracks.of(left[2])] == left
    assert [member.place for member in dictionary.tracks.of(right[0])] == [0, 1, 2, 4, 5, 6]
    near = dictionary.tracks.around(right[2], 2)
    assert near == dictionary.tracks.of(right[0])[:5]
    assert dictionary.tracks.around(right[-1], 1) == dictionary.tracks.of(right[0])[-2:]


def test_a_jump_is_flagged_as_soon_as_its_fit_is_there_and_no_longer_than_it(dictionary):
    left = ids_of(dictionary, "left")
    follow_people(dictionary)
    fit_all(dictionary, left, jumping=[left[3]])
    assert flagged(dictionary, FlagName.JUMP) == [left[3]]
    (flag,) = dictionary.flags.of(left[3])
    assert "left forearm points 115° away" in flag.reason

    dictionary.fits.offer([new_fit(left[3], loss=1.0, pose=0.0)])
    assert flagged(dictionary, FlagName.JUMP) == []


def test_two_wrong_frames_in_a_row_jump_both(dictionary):
    left = ids_of(dictionary, "left")
    fit_all(dictionary, left, jumping=left[2:4])
    report = follow_people(dictionary)
    assert flagged(dictionary, FlagName.JUMP) == left[2:4]
    assert report.jumps == 2


def test_a_change_of_the_neighbours_ends_a_jump(dictionary):
    left = ids_of(dictionary, "left")
    fit_all(dictionary, left, jumping=[left[3]])
    follow_people(dictionary)
    bent = np.zeros(72)
    bent[ELBOW] = [0, 0, 2.0]
    dictionary.fits.offer([new_fit(each, loss=1.0, pose=bent) for each in (left[4], left[5])])
    assert left[3] not in flagged(dictionary, FlagName.JUMP)


def test_flipped_sides_are_flagged_until_they_are_put_right(tmp_path):
    with Dictionary.create(tmp_path / "flipped") as dictionary:
        people = [sample(frame, "a", person(moved_px=4 * frame)) for frame in range(5)]
        people[2] = replace(people[2], keypoints_px=with_exchanged_sides(people[2].keypoints_px))
        dictionary.samples.add(people)
        ids = ids_of(dictionary, "a")
        assert follow_people(dictionary).side_flips == 1
        assert flagged(dictionary, FlagName.SIDE_FLIP) == [ids[2]]

        right = with_exchanged_sides(people[2].keypoints_px)
        dictionary.corrections.set_keypoints(ids[2], right, compare=lambda *_: None)
        assert flagged(dictionary, FlagName.SIDE_FLIP) == []


def test_removed_people_leave_no_jump_behind_and_bring_it_back(dictionary):
    left = ids_of(dictionary, "left")
    fit_all(dictionary, left, jumping=[left[3]])
    follow_people(dictionary)
    removal = dictionary.removals.people([left[2], left[1]])
    assert flagged(dictionary, FlagName.JUMP) == []
    dictionary.removals.put_back(removal.id)
    assert flagged(dictionary, FlagName.JUMP) == [left[3]]


def test_a_verdict_changes_no_flag(dictionary):
    left = ids_of(dictionary, "left")
    fit_all(dictionary, left, jumping=[left[3]])
    follow_people(dictionary)
    dictionary.verdicts.set({left[3]: Verdict.ACCEPTED}, author="test")
    assert flagged(dictionary, FlagName.JUMP) == [left[3]]


def test_following_again_replaces_the_tracks(dictionary):
    first = follow_people(dictionary)
    assert follow_people(dictionary) == first


def test_the_command_says_what_it_found(dictionary, capsys):
    assert program.main(["frames", str(dictionary.project), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tracks"] == 2


def test_people_who_are_removed_while_others_are_followed_are_left_out(dictionary, tmp_path):
    left = ids_of(dictionary, "left")

    def remove_one(_progress) -> None:
        with Dictionary.open(tmp_path / "project") as other:
            if other.samples.exists(left[0]):
                other.removals.people([left[0]])

    report = follow_people(dictionary, progress=remove_one)
    assert report.people == 2 * FRAMES - 2
    assert [member.sample_id for member in dictionary.tracks.of(left[1])] == left[1:]
    with pytest.raises(NoSuchRecordError, match="no sample 999"):
        dictionary.tracks.replace_all([[TrackMember(999, 0)]])


@pytest.mark.parametrize(("filmed", "sequences"), [(True, 1), (False, 0)])
def test_numbered_pictures_are_followed_only_where_they_show_one_scene(tmp_path, filmed, sequences):
    random = np.random.default_rng(0)
    scene = random.integers(0, 255, (6, 8, 3), dtype=np.uint8)
    with Dictionary.create(tmp_path / "project") as dictionary:
        people = []
        for frame in range(4):
            shown = scene if filmed else random.integers(0, 255, (6, 8, 3), dtype=np.uint8)
            path = tmp_path / f"shot_{frame}.png"
            cv2.imwrite(str(path), cv2.resize(shown, (160, 120), interpolation=cv2.INTER_NEAREST))
            people.append(replace(sample(frame, "a", person()), picture_path=path))
        dictionary.samples.add(people)
        assert follow_people(dictionary).sequences == sequences
