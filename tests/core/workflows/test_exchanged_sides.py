"""A data set whose left and right are exchanged is asked about at import, and told by pictures."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.body.conventions import KEYPOINT_FLIP
from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.store import Dictionary
from core.types.detected_landmarks import DetectedLandmarks
from core.types.flags import FlagName
from core.types.samples import NewSample
from core.workflows.annotations.exchanged_sides import (
    sides_asked_of_keypoints,
    sides_seen_in_pictures,
)
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.flag_project import flag_samples
from core.workflows.photos.detect_project import detect_people
from tests.core.body.people_seen import landmarks_on
from tests.core.workflows.photos.scripted_finder import ScriptedFinder, person_at
from tests.core.workflows.photos.test_import_photos import write_picture
from tests.core.workflows.test_fitting import people_of

PEOPLE = 6


def exchanged(sample: NewSample) -> NewSample:
    return replace(sample, keypoints_px=sample.keypoints_px[list(KEYPOINT_FLIP)])


def seen_as(sample: NewSample) -> DetectedLandmarks:
    landmarks = landmarks_on(sample.keypoints_px[None])[0]
    return DetectedLandmarks(
        landmarks_px=landmarks, landmarks_m=landmarks, agreement=0.9, score=0.9, networks="made"
    )


@pytest.fixture
def people(open_body) -> list[NewSample]:
    return people_of(open_body, PEOPLE)


@pytest.fixture
def dictionary(tmp_path: Path) -> Iterator[Dictionary]:
    with Dictionary.create(tmp_path / "project") as opened:
        yield opened


def flagged(dictionary: Dictionary) -> list[int]:
    return dictionary.flags.sample_ids([FlagName.SIDES_EXCHANGED]).tolist()


# At import, by the keypoints


def test_people_as_they_are_raise_no_question_and_exchanged_ones_do(people):
    assert sides_asked_of_keypoints(people) == []
    (notice,) = sides_asked_of_keypoints([exchanged(person) for person in people])
    assert "the eyes lie as those of people seen from behind" in notice
    assert "are left and right exchanged?" in notice


def test_a_set_seen_from_all_sides_raises_no_question(people):
    mixed = [exchanged(person) if index % 2 else person for index, person in enumerate(people)]
    assert sides_asked_of_keypoints(mixed) == []


def test_two_people_and_faceless_people_raise_no_question(people):
    wrong = [exchanged(person) for person in people]
    assert sides_asked_of_keypoints(wrong[:2]) == []
    for person in wrong:
        person.keypoints_px[[0, 44]] = 0
    assert sides_asked_of_keypoints(wrong) == []


def test_exchanged_bodies_under_right_faces_are_noticed(people):
    for person in people:
        face = [0, 15, 16, 44, 45, 46]
        kept = person.keypoints_px[face].copy()
        person.keypoints_px[:] = person.keypoints_px[list(KEYPOINT_FLIP)]
        person.keypoints_px[face] = kept
    (notice,) = sides_asked_of_keypoints(people)
    assert "shoulders and hips lie as those of people seen from behind" in notice


def test_real_people_are_noticed_only_with_their_sides_exchanged(
    tmp_path, dictionary, shared_folder
):
    folder = shared_folder / "realdata/coco"
    source = json.loads((folder / "person_keypoints.json").read_text())
    right = import_annotations(dictionary, "coco", folder / "person_keypoints.json", folder)
    assert not any("exchanged" in notice for notice in right.notices)
    for entry in source["annotations"]:
        joints = np.array(entry["keypoints"]).reshape(17, 3)
        joints[1:] = joints[1:].reshape(8, 2, 3)[:, ::-1].reshape(16, 3)
        entry["keypoints"] = joints.ravel().tolist()
    (tmp_path / "exchanged.json").write_text(json.dumps(source))
    wrong = import_annotations(
        dictionary, "coco", tmp_path / "exchanged.json", folder, dataset="exchanged"
    )
    (notice,) = [notice for notice in wrong.notices if "left and right exchanged?" in notice]
    assert "for 9 of 9 people" in notice


# By the detector


def test_the_flag_follows_landmarks_and_keypoints(dictionary, people):
    ids = dictionary.samples.add([exchanged(people[0]), *people[1:]]).added_ids
    landmarks = dict(zip(ids, map(seen_as, people), strict=True))
    assert flagged(dictionary) == []
    dictionary.detections.set(landmarks)
    assert flagged(dictionary) == [ids[0]]
    edit = dictionary.corrections.set_keypoints(
        ids[0], people[0].keypoints_px, compare=lambda _keypoints, _bodies, _camera: None
    )
    assert flagged(dictionary) == []
    dictionary.corrections.restore(edit.before, compare=lambda _keypoints, _bodies, _camera: None)
    assert flagged(dictionary) == [ids[0]]
    dictionary.assessments.forget_all()
    assert flagged(dictionary) == [ids[0]]
    assert dictionary.problems() == []


def test_landmarks_of_an_older_program_are_looked_at_when_all_is_flagged_again(dictionary, people):
    ids = dictionary.samples.add([exchanged(person) for person in people]).added_ids
    dictionary.detections.set(dict(zip(ids, map(seen_as, people), strict=True)))
    with closing(sqlite3.connect(dictionary.project / DATABASE_FILE)) as database, database:
        database.execute("DELETE FROM flags")
    assert flagged(dictionary) == []
    flag_samples(dictionary.project, again=True)
    assert sorted(flagged(dictionary)) == ids


def test_a_data_set_is_named_where_most_people_are_flagged(dictionary, people):
    ids = dictionary.samples.add([exchanged(person) for person in people]).added_ids
    others = [replace(person, dataset="right") for person in people]
    other_ids = dictionary.samples.add(others).added_ids
    dictionary.detections.set(dict(zip(ids[:2], map(seen_as, people), strict=False)))
    assert sides_seen_in_pictures(dictionary) == [], "two people are too few"
    dictionary.detections.set(dict(zip([*ids, *other_ids], map(seen_as, people * 2), strict=True)))
    (notice,) = sides_seen_in_pictures(dictionary)
    assert "data set 'made'" in notice
    assert f"{PEOPLE} of {PEOPLE} people" in notice
    (again,) = flag_samples(dictionary.project).notices
    assert again == notice


def test_the_command_line_says_so_after_flagging(dictionary, people):
    ids = dictionary.samples.add([exchanged(person) for person in people]).added_ids
    dictionary.detections.set(dict(zip(ids, map(seen_as, people), strict=True)))
    log = io.StringIO()
    options = build_parser().parse_args(["flag", str(dictionary.project)])
    assert options.run(options, Console(io.StringIO(), log)) == 0
    assert "notice: Left and right seem to be exchanged in the data set 'made'" in log.getvalue()


def test_measuring_the_people_tells_it(tmp_path, dictionary, people):
    class Sees(ScriptedFinder):
        def measure(self, rgb, **asked):
            true = people[len(self.asked)]
            super().measure(rgb, **asked)
            landmarks = landmarks_on(true.keypoints_px[None])[0]
            return replace(person_at(30.0, 30.0), landmarks_px=landmarks)

    dictionary.samples.add(
        [
            replace(exchanged(person), picture_path=write_picture(tmp_path / f"{index}.jpg"))
            for index, person in enumerate(people)
        ]
    )
    report = detect_people(dictionary.project, finder=Sees())
    assert len(flagged(dictionary)) == PEOPLE
    assert "Left and right seem to be exchanged" in report.summary()
