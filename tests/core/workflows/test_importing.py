from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.dictionary.store import Dictionary
from core.errors import AnnotationError, Cancelled, NotAProjectError, StudioError
from core.progress import CancelToken, Progress
from core.workflows.annotations import import_annotations as importing
from core.workflows.annotations.import_annotations import FORMATS, guess_format, import_annotations
from tests.core.formats.people import annotation, flat, joints


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    Dictionary.create(folder).close()
    return folder


def person(number: int, **changes: Any) -> dict[str, Any]:
    """People side by side."""
    aside = 40 * number
    usual = {"bbox": [50 + aside, 5, 100, 60], "keypoints": flat(joints(dx=aside))}
    return annotation(number, **{**usual, **changes})


def coco_file(folder: Path, *people: Any) -> Path:
    cv2.imwrite(str(folder / "one.png"), np.zeros((130, 1000, 3), dtype=np.uint8))
    document = {"images": [{"id": 1, "file_name": "one.png"}], "annotations": list(people)}
    path = folder / "people.json"
    path.write_text(json.dumps(document))
    return path


def stored(project: Path) -> list[str]:
    with Dictionary.open(project) as dictionary:
        return [
            sample.person_key for sample in dictionary.samples.get_many(dictionary.search.ids())
        ]


def test_good_entries_go_in_and_the_report_counts_the_others(project: Path, tmp_path: Path) -> None:
    source = coco_file(
        tmp_path,
        person(1),
        person(2, iscrowd=1),
        person(3, bbox=[0, 0, -1, 5]),
        person(4, keypoints=[0] * 51),
        person(5, iscrowd=1),
    )
    report = import_annotations(project, "coco", source)
    assert stored(project) == ["1", "4"]
    assert (report.added, report.already_there, report.without_keypoints) == (2, 0, 1)
    assert report.skipped == {"crowd": 2}
    (problem,) = report.problems
    assert (problem.file, problem.index, report.problem_count) == (source, 2, 1)
    assert report.summary().splitlines() == [
        "2 people added",
        "1 without keypoints: they cannot be fitted",
        "2 skipped: crowd",
        "assumed for 2 entries: joints in COCO's order (--joints says another)",
        "1 problem",
    ]


def test_a_second_import_adds_nothing_and_a_grown_file_adds_what_is_new(
    project: Path, tmp_path: Path
) -> None:
    import_annotations(project, "coco", coco_file(tmp_path, person(1), person(2)))
    again = import_annotations(project, "coco", coco_file(tmp_path, person(1), person(2)))
    assert (again.added, again.already_there) == (0, 2)
    grown = import_annotations(project, "coco", coco_file(tmp_path, person(2), person(3)))
    assert (grown.added, grown.already_there) == (1, 1)
    assert stored(project) == ["1", "2", "3"]


def test_the_same_folder_by_another_path_is_the_same(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = coco_file(tmp_path, person(1))
    import_annotations(project, "coco", source)
    (tmp_path / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for images in (tmp_path / "link", Path(), tmp_path / "project" / ".."):
        assert import_annotations(project, "coco", source, images).added == 0


def test_an_open_dictionary_and_a_name_of_its_own_are_taken(project: Path, tmp_path: Path) -> None:
    source = coco_file(tmp_path, person(1))
    with Dictionary.open(project) as dictionary:
        import_annotations(dictionary, "coco", source, dataset="holiday")
        (sample,) = dictionary.samples.get_many(dictionary.search.ids())
        assert sample.dataset == "holiday"
        assert sample.box.side_px == pytest.approx(120)


def test_cancelling_midway_leaves_nothing_of_the_file(project: Path, tmp_path: Path) -> None:
    source = coco_file(tmp_path, *(person(number) for number in range(20)))
    cancel = CancelToken()
    seen: list[Progress] = []

    def stop_while_reading(progress: Progress) -> None:
        seen.append(progress)
        if progress.phase == "Reading annotations":
            cancel.cancel()

    with pytest.raises(Cancelled):
        import_annotations(project, "coco", source, progress=stop_while_reading, cancel=cancel)
    assert stored(project) == []
    assert (seen[-1].phase, seen[-1].total) == ("Reading annotations", 20)


def test_cancelling_after_the_last_entry_still_leaves_nothing(
    project: Path, tmp_path: Path
) -> None:
    source = coco_file(tmp_path, person(1))
    cancel = CancelToken()

    def stop_at_the_end(progress: Progress) -> None:
        if progress.phase == "Reading annotations" and progress.done == progress.total:
            cancel.cancel()

    with pytest.raises(Cancelled):
        import_annotations(project, "coco", source, progress=stop_at_the_end, cancel=cancel)
    assert stored(project) == []


def test_a_fault_midway_leaves_nothing_of_the_file(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = coco_file(tmp_path, *(person(number) for number in range(20)))
    original = importing._Tally.samples_of

    def fails_late(*arguments: Any) -> Iterator[Any]:
        for count, sample in enumerate(original(*arguments)):
            if count == 15:
                raise OSError("the disk was pulled out")
            yield sample

    monkeypatch.setattr(importing._Tally, "samples_of", fails_late)
    with pytest.raises(OSError, match="pulled out"):
        import_annotations(project, "coco", source)
    assert stored(project) == []


def test_progress_runs_from_nothing_to_all_entries(project: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    source = coco_file(tmp_path, person(1), None, person(3))
    import_annotations(project, "coco", source, progress=seen.append)
    reading = [progress for progress in seen if progress.phase == "Reading annotations"]
    assert (reading[0].done, reading[0].total) == (0, 3)
    assert (reading[-1].done, reading[-1].total) == (3, 3)
    assert reading[-1].rate_per_s > 0
    assert (seen[-1].phase, seen[-1].done) == ("Writing to the project", 1)


def test_a_wrong_folder_of_pictures_does_not_drown_the_report(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_PROBLEMS_KEPT", 5)
    source = coco_file(tmp_path, *(person(number) for number in range(20)))
    (tmp_path / "elsewhere").mkdir()
    report = import_annotations(project, "coco", source, tmp_path / "elsewhere")
    assert (report.added, report.problem_count, len(report.problems)) == (0, 20, 5)


def test_unusable_sources_and_projects_are_refused(project: Path, tmp_path: Path) -> None:
    source = coco_file(tmp_path, person(1))
    with pytest.raises(StudioError, match="No format is called 'bvh', expected one of "):
        import_annotations(project, "bvh", source)
    with pytest.raises(AnnotationError, match="no such file"):
        import_annotations(project, "coco", tmp_path / "absent.json")
    with pytest.raises(NotAProjectError):
        import_annotations(tmp_path, "coco", source)


def test_a_name_like_sql_stays_a_name(project: Path, tmp_path: Path) -> None:
    source = coco_file(tmp_path, person(1))
    import_annotations(project, "coco", source, dataset="'; DROP TABLE samples; --")
    assert stored(project) == ["1"]
    with sqlite3.connect(project / "dictionary.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def test_formats_are_guessed_from_content(tmp_path: Path) -> None:
    coco = coco_file(tmp_path, person(1))
    assert guess_format(coco) == "coco"
    assert guess_format(tmp_path) is None  # a folder holds OpenPose files, COCO's is one file
    results = tmp_path / "results.json"
    results.write_text('[{"image_id": 1, "keypoints": []}]')
    assert guess_format(results) == "coco"
    people = tmp_path / "a_keypoints.json"
    people.write_text('{"version": 1.3, "people" : []}')
    assert guess_format(people) == guess_format(tmp_path) == "openpose"
    (tmp_path / "text.json").write_bytes(b"\xff\x00 nothing")
    assert guess_format(tmp_path / "text.json") is None
    assert guess_format(tmp_path / "absent.json") is None


def test_every_format_says_what_it_expects() -> None:
    assert set(FORMATS) >= {"coco", "openpose", "mpii", "lsp"}
    for name, one in FORMATS.items():
        assert one.name == name
        assert one.title
        assert one.expects


def test_real_annotations_make_forty_four_people(project: Path, shared_folder: Path) -> None:
    data = shared_folder / "realdata"
    coco = import_annotations(project, "coco", data / "coco/person_keypoints.json", data / "coco")
    assert (coco.added, coco.without_keypoints, coco.problem_count) == (14, 2, 0)
    openpose = import_annotations(project, "openpose", data / "openpose")
    assert (openpose.added, openpose.problem_count) == (2, 1)
    assert openpose.skipped == {"not an OpenPose file": 1}
    multiview = import_annotations(project, "openpose", data / "multiview")
    assert (multiview.added, multiview.problem_count) == (28, 0)
    with Dictionary.open(project) as dictionary:
        for sample in dictionary.samples.get_many(dictionary.search.ids()):
            visible = sample.keypoints_px[:, 2] > 0
            crop = sample.keypoints_crop_px[visible, :2]
            # COCO's boxes surround the whole person, so joints lie inside but for the margin.
            assert ((crop > -10) & (crop < 234)).all(), sample.name
