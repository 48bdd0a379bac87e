"""Detections: stored with their people in one step, never over what a person marked."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.samples.detections import SearchedPicture, VideoFrame
from core.dictionary.storage.blobs import to_blob
from core.dictionary.storage.checksums import register_row_sum
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import DictionaryError
from core.geometry.boxes import Box
from core.types.detected_landmarks import DetectedLandmarks
from core.types.keypoint_sources import KeypointSource
from core.types.trunk_features import TRUNK_SIZE

NETWORKS = "test 1"
PICTURE = Path("/pictures/000001.jpg")


def nothing_to_compare(_keypoints_crop_px, _bodies):
    return None


def landmarks(value=1.0, **changes):
    array = np.full((33, 3), value, np.float32)
    measured = DetectedLandmarks(
        landmarks_px=array, landmarks_m=array / 2, agreement=0.75, score=0.5, networks=NETWORKS
    )
    return replace(measured, **changes)


def detected(make_sample, number=1):
    return replace(make_sample(number), keypoint_source=KeypointSource.DETECTED)


def test_a_picture_comes_in_with_its_people_and_their_landmarks(dictionary, make_sample):
    frame = VideoFrame("/videos/walk.mp4", 12, 0.4)
    (added,) = dictionary.detections.add_picture(
        SearchedPicture(PICTURE, 1, NETWORKS, frame), [(detected(make_sample), landmarks())]
    )
    measured = dictionary.detections.get_many([added])[added]
    np.testing.assert_array_equal(measured.landmarks_m, np.full((33, 3), 0.5))
    assert (measured.agreement, measured.score, measured.networks) == (0.75, 0.5, NETWORKS)
    assert dictionary.detections.searched() == {
        PICTURE: SearchedPicture(PICTURE, 1, NETWORKS, frame)
    }
    assert set(dictionary.samples.get(added).keypoint_sources) == {KeypointSource.DETECTED}


def test_features_of_the_trunk_come_back_to_the_last_bit_and_only_when_asked_for(
    dictionary, make_sample
):
    features = np.random.default_rng(0).normal(size=(2, TRUNK_SIZE)).astype(np.float16)
    added = dictionary.samples.add([make_sample(number) for number in range(2)]).added_ids
    dictionary.detections.set({added[0]: landmarks(trunk_features=features), added[1]: landmarks()})
    found = dictionary.detections.trunk_features(added)
    assert list(found) == [added[0]]
    np.testing.assert_array_equal(found[added[0]], features)
    assert dictionary.detections.get_many(added)[added[0]].trunk_features is None
    both = dictionary.detections.get_many(added, with_features=True)
    np.testing.assert_array_equal(both[added[0]].trunk_features, features)
    assert both[added[1]].trunk_features is None


def test_damaged_features_are_told_by_name(dictionary, make_sample):
    (added,) = dictionary.samples.add([make_sample()]).added_ids
    features = np.zeros((2, TRUNK_SIZE), np.float16)
    dictionary.detections.set({added: landmarks(trunk_features=features)})
    with dictionary._connection.writing():
        dictionary._connection.execute("UPDATE trunk_features SET features = x'00'")
    with pytest.raises(DictionaryError, match=f"features of sample {added} has 1 bytes"):
        dictionary.detections.trunk_features([added])


def test_a_person_who_is_there_already_keeps_keypoints_and_landmarks(dictionary, make_sample):
    picture = SearchedPicture(PICTURE, 1, NETWORKS)
    (added,) = dictionary.detections.add_picture(picture, [(detected(make_sample), landmarks(1.0))])
    again = dictionary.detections.add_picture(picture, [(detected(make_sample), landmarks(2.0))])
    assert again == []
    assert dictionary.detections.get_many([added])[added].landmarks_px[0, 0] == 1.0
    assert dictionary.search.count() == 1


def test_a_picture_that_cannot_be_stored_is_not_said_to_be_searched(dictionary, make_sample):
    broken = detected(make_sample)
    broken.keypoints_px[40] = np.nan
    with pytest.raises(DictionaryError, match="not finite"):
        dictionary.detections.add_picture(
            SearchedPicture(PICTURE, 1, NETWORKS), [(broken, landmarks())]
        )
    assert dictionary.detections.searched() == {}


def test_landmarks_may_be_missing_where_the_networks_measured_none(dictionary, sample_id):
    none = landmarks(landmarks_px=None, landmarks_m=None)
    dictionary.detections.set({sample_id: none})
    measured = dictionary.detections.get_many([sample_id])[sample_id]
    assert measured.landmarks_px is None
    assert measured.landmarks_m is None


def test_people_wait_until_these_networks_measured_them(dictionary, make_sample):
    first, second = dictionary.samples.add([make_sample(1), make_sample(2)]).added_ids
    dictionary.detections.set({first: landmarks()})
    assert dictionary.detections.waiting(NETWORKS) == [second]
    assert dictionary.detections.waiting("test 2") == [first, second]
    assert dictionary.detections.waiting("test 2", among=[first]) == [first]


def test_what_a_person_marked_is_not_overwritten_by_the_detector(dictionary, sample_id):
    marked = dictionary.samples.get(sample_id).keypoints_px.copy()
    marked[30] = [11.0, 12.0, 1.0]
    marked[31] = 0.0
    dictionary.corrections.set_keypoints(sample_id, marked, compare=nothing_to_compare)
    found = np.full((49, 3), 0.5, np.float32)
    dictionary.corrections.set_keypoints(
        sample_id, found, compare=nothing_to_compare, source=KeypointSource.DETECTED
    )
    sample = dictionary.samples.get(sample_id)
    np.testing.assert_array_equal(sample.keypoints_px[[30, 31]], marked[[30, 31]])
    np.testing.assert_array_equal(sample.keypoints_px[32], found[32])
    sources = [KeypointSource(sample.keypoint_sources[index]) for index in (30, 31, 32)]
    assert sources == [KeypointSource.MARKED, KeypointSource.MARKED, KeypointSource.DETECTED]


def test_undo_puts_back_who_placed_a_keypoint(dictionary, sample_id):
    keypoints = dictionary.samples.get(sample_id).keypoints_px.copy()
    keypoints[30, 0] += 5
    edit = dictionary.corrections.set_keypoints(sample_id, keypoints, compare=nothing_to_compare)
    assert dictionary.samples.get(sample_id).keypoint_sources[30] == KeypointSource.MARKED
    dictionary.corrections.restore(edit.before, compare=nothing_to_compare)
    assert not dictionary.samples.get(sample_id).keypoint_sources.any()


def test_a_drawn_person_is_removed_and_put_back_with_the_landmarks(dictionary, sample_id):
    drawn = dictionary.manual_people.draw(sample_id, Box(100.0, 100.0, 80.0))
    dictionary.detections.set({drawn: landmarks()})
    removed = dictionary.manual_people.remove(drawn)
    assert dictionary.detections.get_many([drawn]) == {}
    dictionary.manual_people.put_back(removed)
    assert dictionary.detections.get_many([drawn])[drawn].agreement == 0.75


def test_a_picture_without_people_is_listed_until_one_is_drawn_in_it(dictionary):
    frame = VideoFrame("walk.mp4", 3, 0.1)
    for path, place in ((PICTURE, None), (Path("/walk_000003.jpg"), frame)):
        dictionary.detections.add_picture(SearchedPicture(path, 0, NETWORKS, place), [])
    assert [found.path for found in dictionary.detections.without_people()] == [PICTURE]
    drawn = dictionary.manual_people.draw_in(
        PICTURE, (640, 480), Box(100.0, 100.0, 80.0), dataset="photos", author="maria"
    )
    assert dictionary.detections.without_people() == []
    sample = dictionary.samples.get(drawn)
    assert (sample.name, sample.picture_size_px) == ("000001.jpg · drawn 1", (640, 480))
    assert sample.box == Box(100.0, 100.0, 80.0)
    removed = dictionary.manual_people.remove(drawn)
    assert [found.path for found in dictionary.detections.without_people()] == [PICTURE]
    dictionary.manual_people.put_back(removed)
    assert dictionary.samples.get(drawn).name == sample.name


def test_searched_pictures_follow_pictures_that_moved(dictionary, make_sample):
    dictionary.detections.add_picture(
        SearchedPicture(PICTURE, 1, NETWORKS), [(detected(make_sample), landmarks())]
    )
    elsewhere = Path("/elsewhere/000001.jpg")
    dictionary.pictures.move({PICTURE: elsewhere})
    assert list(dictionary.detections.searched()) == [elsewhere]


def test_what_people_changed_before_the_migration_is_marked(project):
    make_project(project, settings={}, migrations=MIGRATIONS[:7])
    imported = np.full((49, 3), 0.5, np.float32)
    now = imported.copy()
    now[40, 0] = 7.0
    connection = sqlite3.connect(project / "dictionary.db")
    register_row_sum(connection)
    with connection:
        connection.execute(
            "INSERT INTO samples (id, name, picture_path, picture_width_px, picture_height_px, "
            "dataset, person_key, box_center_x_px, box_center_y_px, box_scale, visible_keypoints, "
            "usable_keypoints, imported_at, corrections) VALUES "
            "(1, 'a', '/a.jpg', 640, 480, 'coco', '1', 1, 1, 1, 49, 40, '2026', 1)"
        )
        connection.execute(
            "INSERT INTO annotations (sample_id, keypoints_px, imported_keypoints_px) "
            "VALUES (1, ?, ?)",
            (to_blob(now), to_blob(imported)),
        )
    connection.close()
    with Dictionary.open(project) as dictionary:
        sources = dictionary.samples.get(1).keypoint_sources
        assert np.flatnonzero(sources == KeypointSource.MARKED).tolist() == [40]
        assert dictionary.problems() == []
