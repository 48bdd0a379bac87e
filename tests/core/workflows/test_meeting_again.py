"""People of a source who are in the project already are told by their joints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from core.dictionary.storage.connection import Connection
from core.dictionary.storage.folder_names import DATABASE_FILE
from core.dictionary.store import Dictionary
from core.geometry.boxes import Box
from core.types.fits import Verdict
from core.types.flags import FlagName
from core.types.samples import Sample
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.annotations.import_report import ImportReport
from core.workflows.fit_project import fit_samples
from tests.core.formats.people import annotation, flat, joints, openpose

SIZE = (400, 130)
LEFT, MIDDLE, RIGHT = -40.0, 60.0, 200.0


@pytest.fixture
def dictionary(tmp_path: Path) -> Iterator[Dictionary]:
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    with Dictionary.create(tmp_path / "project") as opened:
        yield opened


def at(dx: float, order: str = "coco", *, bent: int = 0, by: float = 0) -> list[list[float]]:
    """A person, some of whose joints were corrected."""
    points = joints(order, 2 if order == "coco" else 0.9, dx=dx)
    for index in range(bent):
        points[index][0] += by
    return points


def coco(dictionary: Dictionary, *people: dict[str, Any], update: bool = False) -> ImportReport:
    images = [{"id": 1, "file_name": "one.png"}]
    source = dictionary.project.parent / "people.json"
    source.write_text(json.dumps({"images": images, "annotations": people}))
    return import_annotations(dictionary, "coco", source, update=update)


def detected(dictionary: Dictionary, *people: Sequence[Sequence[float]]) -> ImportReport:
    source = dictionary.project.parent / "one_keypoints.json"
    source.write_text(json.dumps(openpose(*people)))
    return import_annotations(dictionary, "openpose", source)


def person(number: int, dx: float, **bent: Any) -> dict[str, Any]:
    return annotation(number, keypoints=flat(at(dx, **bent)), bbox=None)


def samples(dictionary: Dictionary) -> list[Sample]:
    return dictionary.samples.get_many(dictionary.search.ids())


def places(dictionary: Dictionary) -> dict[str, float]:
    """By person key, how far right of the pattern each person's nose is."""
    found = {}
    for sample in samples(dictionary):
        nose = max(sample.keypoints_px[[0, 44]].tolist(), key=lambda point: point[2])
        found[sample.person_key] = nose[0] - 100
    return found


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.added, report.already_there, report.different, report.updated


def test_a_detector_that_lists_people_in_another_order_adds_only_the_new_one(
    dictionary: Dictionary,
) -> None:
    detected(dictionary, at(LEFT, "body25"), at(MIDDLE, "body25"))
    again = [at(RIGHT, "body25"), at(LEFT, "body25"), at(MIDDLE, "body25")]
    assert counts(detected(dictionary, *again)) == (1, 2, 0, 0)
    assert places(dictionary) == {"0": LEFT, "1": MIDDLE, "0 (2)": RIGHT}
    assert counts(detected(dictionary, *reversed(again))) == (0, 3, 0, 0)


def test_the_same_number_of_a_second_annotator_is_another_person(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT))
    assert counts(coco(dictionary, person(1, RIGHT))) == (1, 0, 0, 0)
    assert places(dictionary) == {"1": LEFT, "1 (2)": RIGHT}
    assert counts(coco(dictionary, person(1, RIGHT), person(2, LEFT))) == (0, 2, 0, 0)


def test_mended_joints_are_told_and_taken_where_the_user_wants_them(
    dictionary: Dictionary,
) -> None:
    coco(dictionary, person(1, LEFT), person(2, RIGHT))
    corrected = [person(1, LEFT, bent=4, by=9), person(2, RIGHT)]
    report = coco(dictionary, *corrected)
    assert counts(report) == (0, 1, 1, 0)
    assert "1 already there, with other joints or another box (--update" in report.summary()
    assert places(dictionary)["1"] == LEFT
    report = coco(dictionary, *corrected, update=True)
    assert counts(report) == (0, 1, 0, 1)
    assert places(dictionary) == {"1": LEFT + 9, "2": RIGHT}
    assert counts(coco(dictionary, *corrected, update=True)) == (0, 2, 0, 0)


def test_a_whole_person_moved_under_the_same_number_is_still_that_person(
    dictionary: Dictionary,
) -> None:
    coco(dictionary, person(1, LEFT))
    assert counts(coco(dictionary, person(1, LEFT + 13))) == (0, 0, 1, 0)
    assert counts(coco(dictionary, person(7, LEFT + 13))) == (1, 0, 0, 0)


def test_another_box_counts_as_a_change(dictionary: Dictionary) -> None:
    coco(dictionary, annotation(1))
    wider = annotation(1, bbox=[60, 0, 80, 120])
    assert counts(coco(dictionary, wider)) == (0, 0, 1, 0)
    assert counts(coco(dictionary, wider, update=True)) == (0, 0, 0, 1)
    (sample,) = samples(dictionary)
    assert (sample.box.center_x_px, sample.box.center_y_px) == (100, 60)
    assert sample.box.side_px == pytest.approx(144)


def test_what_a_person_corrected_is_never_updated(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT))
    (before,) = samples(dictionary)
    corrected = before.keypoints_px.copy()
    corrected[44, :2] += 3
    dictionary.corrections.set_keypoints(
        before.id, corrected, compare=lambda _keypoints, _bodies, _camera: None, author="ann"
    )
    assert counts(coco(dictionary, person(1, LEFT), update=True)) == (0, 1, 0, 0)
    report = coco(dictionary, person(1, LEFT, bent=4, by=9), update=True)
    assert counts(report) == (0, 0, 1, 0)
    assert report.kept_by_hand == 1
    assert "kept, since a person corrected them" in report.summary()
    np.testing.assert_array_equal(samples(dictionary)[0].keypoints_px, corrected)


def test_a_person_drawn_by_hand_is_not_added_again(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT))
    (first,) = samples(dictionary)
    right = Box(100 + RIGHT, 64.5, 115)
    dictionary.manual_people.draw(first.id, right, author="ann")
    report = coco(dictionary, person(1, LEFT), person(2, RIGHT), update=True)
    assert counts(report) == (0, 1, 1, 0)
    assert report.kept_by_hand == 1


def test_people_without_joints_are_told_by_number_and_box(dictionary: Dictionary) -> None:
    nothing = annotation(1, keypoints=[0] * 51)
    coco(dictionary, nothing)
    assert counts(coco(dictionary, nothing)) == (0, 1, 0, 0)
    assert counts(coco(dictionary, annotation(1), update=True)) == (0, 0, 0, 1)
    elsewhere = annotation(1, keypoints=[0] * 51, bbox=[300, 5, 60, 112])
    assert counts(coco(dictionary, elsewhere)) == (1, 0, 0, 0)


def test_an_update_measures_fits_against_the_new_joints_and_keeps_bodies_in_place(
    dictionary: Dictionary,
) -> None:
    coco(dictionary, person(1, MIDDLE))
    fit_samples(dictionary.project, profile="studio")
    (row,) = dictionary.search.rows(dictionary.search.ids())
    assert row.loss is not None
    dictionary.verdicts.set({row.id: Verdict.ACCEPTED})
    moved = [*person(1, MIDDLE, bent=5, by=20).items(), ("bbox", [100, 0, 130, 120])]
    (notice,) = coco(dictionary, dict(moved), update=True).notices
    assert "1 updated person has a fit that was judged against the joints before" in notice
    (after,) = dictionary.search.rows(dictionary.search.ids())
    assert after.loss is not None
    assert after.loss > 2 * row.loss
    (sample,) = samples(dictionary)
    (fit,) = dictionary.fits.get_many([after.current_fit_id or 0])
    seen = _nose_px(dictionary, sample, fit)
    assert abs(seen - (100 + MIDDLE)) < 8


def _nose_px(dictionary: Dictionary, sample: Sample, fit: Any) -> float:
    from core.workflows.correct_sample import Corrector

    crop = Corrector.of_project(dictionary).keypoints_crop_px(fit.parameters)
    return float(sample.box.crop_to_picture(crop)[44, 0])


def test_what_an_export_writes_back_follows_an_update(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT))
    coco(dictionary, person(1, LEFT, bent=4, by=9), update=True)
    (sample,) = samples(dictionary)
    entry = json.loads(dictionary.sources.of_samples([sample.id])[sample.id].text)
    assert entry["keypoints"] == flat(at(LEFT, bent=4, by=9))


# Annotated twice


def flagged(dictionary: Dictionary) -> list[str]:
    ids = dictionary.flags.sample_ids([FlagName.ANNOTATED_TWICE])
    return sorted(sample.person_key for sample in dictionary.samples.get_many(ids))


def test_one_person_annotated_twice_is_noticed_and_flagged(dictionary: Dictionary) -> None:
    report = coco(dictionary, person(1, LEFT), person(2, LEFT + 1.5), person(3, RIGHT))
    assert flagged(dictionary) == ["1", "2"]
    (notice,) = report.notices
    assert "2 new people seem to be annotated twice" in notice
    assert "its joints lie on those of one.png · 2" in notice


def test_people_close_together_are_two(dictionary: Dictionary) -> None:
    report = coco(dictionary, person(1, LEFT), person(2, LEFT + 12))
    assert (report.notices, flagged(dictionary)) == ((), [])


def test_a_detectors_person_and_an_annotators_are_compared(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT))
    report = detected(dictionary, at(LEFT + 1, "body25"), at(RIGHT, "body25"))
    assert counts(report) == (2, 0, 0, 0)
    assert flagged(dictionary) == ["0", "1"]
    assert "of coco" in report.notices[0]


def test_the_flag_goes_when_the_joints_move_apart_and_comes_back(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT), person(2, LEFT))
    first = samples(dictionary)[0]
    moved = first.keypoints_px.copy()
    moved[:, 0] += 100 * (moved[:, 2] > 0)
    edit = dictionary.corrections.set_keypoints(
        first.id, moved, compare=lambda _keypoints, _bodies, _camera: None
    )
    assert flagged(dictionary) == []
    assert edit is not None
    dictionary.corrections.restore(edit.before, compare=lambda _keypoints, _bodies, _camera: None)
    assert flagged(dictionary) == ["1", "2"]


def test_the_flag_goes_with_the_other_person(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT))
    (first,) = samples(dictionary)
    drawn = dictionary.manual_people.draw(first.id, first.box)
    dictionary.corrections.set_keypoints(
        drawn, first.keypoints_px, compare=lambda _keypoints, _bodies, _camera: None
    )
    assert flagged(dictionary) == ["1", "drawn 1"]
    removed = dictionary.manual_people.remove(drawn)
    assert flagged(dictionary) == []
    dictionary.manual_people.put_back(removed)
    assert flagged(dictionary) == ["1", "drawn 1"]


def test_flagging_again_finds_the_people_of_an_older_program(dictionary: Dictionary) -> None:
    coco(dictionary, person(1, LEFT), person(2, LEFT))
    dictionary.assessments.forget_all()
    assert flagged(dictionary) == ["1", "2"]
    with closing(Connection(dictionary.project / DATABASE_FILE)) as raw, raw.writing():
        raw.execute("DELETE FROM flags")
    assert flagged(dictionary) == []
    dictionary.assessments.forget_all()
    assert flagged(dictionary) == ["1", "2"]
