"""People of plain pictures come in once, picture by picture, whatever interrupts the work."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.dictionary.storage.project_folder import is_project
from core.dictionary.store import Dictionary
from core.errors import PictureError, StudioError
from core.geometry.boxes import Box
from core.progress import CancelToken
from core.types.cameras import CameraSource
from core.types.keypoint_sources import KeypointSource
from core.workflows.new_projects import NewProject
from core.workflows.photos.import_photos import import_photos
from core.workflows.photos.picture_files import guess_plain, plain_files
from tests.core.pictures.made_videos import make_video, video_of
from tests.core.workflows.photos.scripted_finder import ScriptedFinder, person_at

RED, BLACK = 255, 0


def write_picture(path: Path, red: int = RED) -> Path:
    picture = np.zeros((80, 120, 3), np.uint8)
    picture[..., 2] = red
    cv2.imwrite(str(path), picture)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Three pictures with people, one of them in a folder of its own, and one without."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for name in ("a.jpg", "b.png", "more/c.jpg"):
        write_picture(folder / name)
    write_picture(folder / "empty.png", BLACK)
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def project(tmp_path) -> Path:
    Dictionary.create(tmp_path / "project").close()
    return tmp_path / "project"


def names(project: Path) -> list[str]:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        return sorted(
            sample.name for sample in dictionary.samples.get_many(dictionary.search.ids().tolist())
        )


def test_the_people_of_a_folder_come_in_with_detected_keypoints_and_landmarks(project, folder):
    finder = ScriptedFinder((10, 10), (70, 30))
    report = import_photos(project, [folder], finder=finder)
    assert (report.searched, report.people) == (4, 6)
    assert report.without_people == ["empty.png"]
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        sample = dictionary.samples.get(ids[1])
        landmarks = dictionary.detections.get_many(ids)
    assert (sample.name, sample.dataset) == ("a.jpg · person 2", "photos")
    assert set(sample.keypoint_sources) == {KeypointSource.DETECTED}
    np.testing.assert_array_equal(sample.keypoints_px, person_at(70, 30).keypoints_px)
    assert (sample.box.center_x_px, sample.box.center_y_px) == (85, 45)
    assert sample.picture_size_px == (120, 80)
    assert len(landmarks) == 6


def test_a_second_run_looks_at_nothing_and_adds_nothing(project, folder):
    import_photos(project, [folder], finder=ScriptedFinder())
    before = names(project)
    again = ScriptedFinder()
    report = import_photos(project, [folder], finder=again)
    assert again.looked_at == 0
    assert (report.people, report.found_before) == (0, 4)
    assert names(project) == before


def test_what_was_found_before_a_stop_is_kept_and_a_second_run_goes_on(project, folder):
    cancel = CancelToken()

    class Stopped(ScriptedFinder):
        def find(self, rgb, *, cancel=None):
            people = super().find(rgb, cancel=cancel)
            if self.looked_at == 2:
                cancel.cancel()
            return people

    report = import_photos(project, [folder], finder=Stopped(), cancel=cancel)
    assert report.cancelled
    assert (report.searched, report.people) == (2, 2)
    rest = ScriptedFinder()
    assert import_photos(project, [folder], finder=rest).people == 1
    assert rest.looked_at == 2
    assert len(names(project)) == 3


def test_a_broken_picture_is_named_and_tried_again_later(project, folder):
    broken = folder / "broken.jpg"
    broken.write_bytes(b"no picture")
    report = import_photos(project, [folder], finder=ScriptedFinder())
    assert report.people == 3
    (problem,) = report.problems
    assert str(broken) in problem
    write_picture(broken)
    assert import_photos(project, [folder], finder=ScriptedFinder()).people == 1


def test_people_whom_the_project_knows_are_not_added_again(project, folder):
    import_photos(project, [folder / "a.jpg"], finder=ScriptedFinder((10, 10)))
    with Dictionary.open(project) as dictionary:
        dictionary._connection.execute("DELETE FROM searched_pictures")
        dictionary._connection.execute("UPDATE samples SET dataset = 'coco'")
    report = import_photos(project, [folder / "a.jpg"], finder=ScriptedFinder((11, 10), (70, 30)))
    assert report.people == 1
    assert names(project) == ["a.jpg · person 1", "a.jpg · person 1"]


def test_a_person_found_twice_comes_in_once(project, folder):
    report = import_photos(
        project, [folder / "a.jpg"], finder=ScriptedFinder((10, 10), (11, 11), (70, 30))
    )
    assert report.people == 2


def test_people_on_whom_the_networks_do_not_agree_are_told(project, folder):
    report = import_photos(project, [folder], finder=ScriptedFinder(agreement=0.1))
    assert report.doubtful == 3
    assert "3 doubtful" in report.short()


def test_a_new_project_is_made_with_the_first_person_and_knows_the_empty_pictures(tmp_path, folder):
    write_picture(folder / "a.jpg", BLACK)
    new = NewProject(tmp_path / "new")
    report = import_photos(new, [folder], finder=ScriptedFinder())
    assert report.people == 2
    with Dictionary.open(tmp_path / "new") as dictionary:
        assert len(dictionary.detections.searched()) == 4


def test_a_picture_without_people_makes_a_project_that_people_can_be_drawn_in(tmp_path):
    picture = write_picture(tmp_path / "empty.png", BLACK)
    report = import_photos(NewProject(tmp_path / "new"), [picture], finder=ScriptedFinder())
    assert report.people == 0
    with Dictionary.open(tmp_path / "new") as dictionary:
        assert [found.path for found in dictionary.detections.without_people()] == [picture]


def test_no_project_is_made_where_no_picture_can_be_read(tmp_path):
    picture = tmp_path / "broken.jpg"
    picture.write_bytes(b"no picture")
    report = import_photos(NewProject(tmp_path / "new"), [picture], finder=ScriptedFinder())
    assert len(report.problems) == 1
    assert not is_project(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_person_drawn_into_an_empty_picture_has_the_camera_that_the_import_was_given(tmp_path):
    picture = write_picture(tmp_path / "empty.png", BLACK)
    calibration = tmp_path / "cameras.json"
    calibration.write_text(
        json.dumps({"empty.png": {"K": [[90.0, 0, 60], [0, 90.0, 40], [0, 0, 1]]}})
    )
    import_photos(
        NewProject(tmp_path / "new"), [picture], cameras=calibration, finder=ScriptedFinder()
    )
    with Dictionary.open(tmp_path / "new") as dictionary:
        drawn = dictionary.manual_people.draw_in(
            picture, (120, 80), Box(50.0, 40.0, 60.0), dataset="photos"
        )
        (shown,) = dictionary.cameras.of_samples([drawn])
        assert (shown.camera.focal_length_px, shown.camera.source) == (90.0, CameraSource.GIVEN)
        assert dictionary.problems() == []


def test_sources_without_pictures_are_refused(project, tmp_path):
    (tmp_path / "nothing").mkdir()
    text = tmp_path / "notes.txt"
    text.write_text("no picture")
    for source, words in (
        (tmp_path / "nothing", "no pictures or videos"),
        (text, "neither a picture nor a video"),
        (tmp_path / "absent", "no such file or folder"),
    ):
        with pytest.raises(PictureError, match=words):
            import_photos(project, [source], finder=ScriptedFinder())


def test_projects_and_hidden_files_in_a_folder_are_passed_over(tmp_path, folder):
    Dictionary.create(folder / "project").close()
    (folder / "project" / "pictures").mkdir()
    write_picture(folder / "project" / "pictures" / "p.jpg")
    write_picture(folder / ".hidden.jpg")
    found = [path.name for path in plain_files([folder, folder / "a.jpg"]).pictures]
    assert found == ["a.jpg", "b.png", "empty.png", "c.jpg"]


def test_plain_pictures_and_videos_are_guessed_and_annotations_are_not(tmp_path, folder):
    video = make_video(tmp_path / "walk.mp4", size_px=(64, 48), frames=3)
    assert guess_plain(folder) == "photos"
    assert guess_plain(folder / "a.jpg") == "photos"
    assert guess_plain(video) == "video"
    (folder / "people.json").write_text('{"images": [], "annotations": []}')
    assert guess_plain(folder) is None
    assert guess_plain(folder / "people.json") is None


# Videos


@pytest.fixture
def video(tmp_path) -> Path:
    """Twelve frames, ten a second; the last third is black."""
    frames = [np.zeros((80, 120, 3), np.uint8) for _ in range(12)]
    for frame in frames[:8]:
        frame[..., 0] = 255
    return video_of(tmp_path / "walk.mp4", frames)


def test_every_nth_frame_is_looked_at_and_those_with_people_are_written(project, video):
    report = import_photos(project, [video], every=2, finder=ScriptedFinder())
    assert (report.searched, report.people) == (6, 4)
    with Dictionary.open(project) as dictionary:
        samples = dictionary.samples.get_many(dictionary.search.ids().tolist())
        searched = dictionary.detections.searched()
        pictures = [sample.picture_path for sample in samples]
        assert [path.name for path in pictures] == [
            "walk_0.000s_frame_000000.jpg",
            "walk_0.200s_frame_000002.jpg",
            "walk_0.400s_frame_000004.jpg",
            "walk_0.600s_frame_000006.jpg",
        ]
        assert all(path.is_file() and project in path.parents for path in pictures)
        frames = [searched[path].frame for path in pictures]
    assert [frame.frame for frame in frames] == [0, 2, 4, 6]
    assert frames[3].time_s == pytest.approx(0.6)
    assert {sample.dataset for sample in samples} == {"video"}
    assert len(list((project / "pictures").rglob("*.jpg"))) == 4


def test_a_second_run_of_a_video_adds_only_other_frames(project, video):
    import_photos(project, [video], every=4, finder=ScriptedFinder())
    finder = ScriptedFinder()
    report = import_photos(project, [video], every=2, finder=finder)
    assert (report.found_before, finder.looked_at, report.people) == (3, 3, 2)
    assert len(names(project)) == 4


def test_a_video_that_moved_is_known_again_and_another_of_its_name_is_not(project, video, tmp_path):
    import_photos(project, [video], every=4, finder=ScriptedFinder())
    (tmp_path / "elsewhere").mkdir()
    moved = video.rename(tmp_path / "elsewhere" / video.name)
    assert import_photos(project, [moved], every=4, finder=ScriptedFinder()).people == 0
    red = np.full((80, 120, 3), 200, np.uint8)
    other = video_of(tmp_path / "walk.mp4", [red] * 5)
    assert import_photos(project, [other], every=4, finder=ScriptedFinder()).people == 2


def test_about_a_frame_a_second_is_looked_at_by_default(project, tmp_path):
    frames = [np.full((80, 120, 3), 200, np.uint8)] * 25
    finder = ScriptedFinder()
    import_photos(project, [video_of(tmp_path / "v.mp4", frames)], finder=finder)
    assert finder.looked_at == 3


def test_a_distance_of_frames_below_one_is_refused(project, video):
    with pytest.raises(StudioError, match="expected at least 1"):
        import_photos(project, [video], every=0, finder=ScriptedFinder())


def test_progress_ends_full_whatever_the_header_said(project, video, folder):
    seen = []
    import_photos(project, [folder, video], every=2, finder=ScriptedFinder(), progress=seen.append)
    assert (seen[0].done, seen[0].total) == (0, 10)
    assert seen[-1].done == seen[-1].total == 10
