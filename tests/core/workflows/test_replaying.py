"""The log of edits: a second copy of what people did, which a restored backup can be given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from core.dictionary.recovery.backups import back_up
from core.dictionary.recovery.restore import restore
from core.dictionary.samples.detections import SearchedPicture
from core.dictionary.storage import edit_log
from core.dictionary.storage.edit_log import read_lines
from core.dictionary.store import Dictionary
from core.geometry.boxes import Box
from core.types.cameras import CameraSource, PictureCamera
from core.types.fits import Origin, RejectReason, Verdict
from core.types.keypoint_sources import KeypointSource
from core.types.samples import NewSample
from core.workflows.relink_pictures import relink
from core.workflows.replay_edits import edits_beyond, replay
from tests.core.dictionary.conftest import new_fit, new_sample


def compare(_keypoints_crop_px: object, bodies: list[object], _camera: object) -> list[float]:
    return [12.5] * len(bodies)


@pytest.fixture
def project(tmp_path) -> Path:
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(new_sample(number) for number in range(4))
        dictionary.fits.offer([new_fit(item) for item in (1, 2, 3)])
        dictionary.verdicts.set({3: Verdict.UNSURE}, "maria")
    back_up(tmp_path / "project")
    return tmp_path / "project"


def edit_everything(project: Path) -> None:
    """One edit of every kind, some taken back, by two people."""
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.ACCEPTED, 2: Verdict.REJECTED}, "maria")
        dictionary.fits.offer([new_fit(2, loss=3.0, pose=1.0, origin=Origin.REFIT)])
        dictionary.verdicts.set({2: Verdict.ACCEPTED}, "jon")
        dictionary.fits.make_current(3, None, "jon")
        edits = dictionary.corrections
        keypoints = dictionary.samples.get(4).keypoints_px.copy()
        keypoints[30:, :2] += np.float32(1.25)
        edits.set_keypoints(4, keypoints, compare=compare, author="jon")
        edits.set_box(4, Box(300.125, 200.5, 301.75), compare=compare, author="jon")
        change = edits.set_box(1, Box(1.0, 2.0, 300.0), compare=compare, author="jon")
        edits.restore(change.before, compare=compare, author="jon")
        typed = PictureCamera(712.5, (310.0, 240.5), (-0.1, 0.01), CameraSource.TYPED, "by hand")
        picture = dictionary.samples.get(3).picture_path
        dictionary.cameras.set({picture: typed}, compare=compare, author="jon")
        dictionary.groups.same_moment([1, 2], author="maria")
        dictionary.groups.same_person([1, 3], author="jon")
        dictionary.groups.ungroup([3], author="maria")
        drawn = dictionary.manual_people.draw(1, Box(100.0, 90.0, 80.0), author="maria")
        keypoints = np.zeros((49, 3), np.float32)
        keypoints[40:] = [100.0, 90.0, 1.0]
        edits.set_keypoints(
            drawn, keypoints, compare=compare, source=KeypointSource.DETECTED, author="maria"
        )
        made = new_fit(1, loss=7.0, pose=0.5, origin=Origin.CORRECTED)
        edits.keep_fit(made, made_from_fit_id=1, author="maria")
        rejected = dictionary.fits.current_of(2).id
        dictionary.verdicts.set_on_fits(
            {rejected: Verdict.REJECTED}, "jon", reasons={rejected: RejectReason.SIDES}
        )
        gone = dictionary.manual_people.draw(2, Box(10.0, 9.0, 8.0), author="maria")
        removed = dictionary.manual_people.remove(gone)
        dictionary.manual_people.put_back(removed)
        dictionary.manual_people.remove(gone)


def what_people_did(project: Path) -> dict[str, object]:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        seen: dict[str, object] = {}
        groups = dictionary.groups.of(dictionary.search.ids().tolist())
        for sample in dictionary.samples.get_many(dictionary.search.ids().tolist()):
            fit = dictionary.fits.current_of(sample.id)
            seen[sample.name] = (
                sample.box,
                sample.camera,
                sample.keypoints_px.tobytes(),
                sample.keypoint_sources.tobytes(),
                sample.drawn_by,
                groups[sample.id].names if sample.id in groups else None,
                None
                if fit is None
                else (
                    fit.parameters.pose_axis_angle.tobytes(),
                    fit.verdict,
                    fit.verdict_by,
                    fit.reject_reason,
                ),
            )
        return seen


def test_a_restored_backup_and_the_log_make_what_people_had_made(project):
    edit_everything(project)
    wanted = what_people_did(project)
    restore(project)
    assert what_people_did(project) != wanted
    lines = edits_beyond(project)
    report = replay(project, lines)
    assert report.left_out == []
    assert what_people_did(project) == wanted


def test_what_the_backup_knows_is_not_offered(project):
    assert edits_beyond(project) == []
    assert [line["author"] for line in read_lines(project)] == ["maria"]
    edit_everything(project)
    back_up(project)
    restore(project)
    assert {line["what"] for line in edits_beyond(project)} <= {"sample", "removed"}, "no traces"


def test_what_the_program_does_is_not_logged(project):
    before = len(list(read_lines(project)))
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([new_fit(4, loss=2.0)])
    assert len(list(read_lines(project))) == before


def test_an_edit_that_was_rolled_back_is_not_logged(project):
    before = len(list(read_lines(project)))
    with Dictionary.open(project) as dictionary, pytest.raises(ZeroDivisionError):
        _fail_after_a_verdict(dictionary)
    assert len(list(read_lines(project))) == before


def _fail_after_a_verdict(dictionary: Dictionary) -> None:
    from core.dictionary.fits.verdicts import _change

    with dictionary._connection.writing():
        _change(dictionary._connection, {1: Verdict.ACCEPTED}, {}, "maria")
        raise ZeroDivisionError


def test_a_line_that_was_cut_short_hides_no_other(project):
    (log,) = (project / "log").iterdir()
    whole = log.read_bytes()
    log.write_bytes(whole + whole[:40])
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    assert [line["after"] for line in read_lines(project)] == ["unsure", "accepted"]


def test_a_full_file_is_followed_by_another_and_none_is_deleted(project, monkeypatch):
    monkeypatch.setattr(edit_log, "MOST_BYTES", 100)
    with Dictionary.open(project) as dictionary:
        for verdict in (Verdict.ACCEPTED, Verdict.REJECTED, Verdict.UNSURE):
            dictionary.verdicts.set({1: verdict}, "maria")
    assert len(list((project / "log").iterdir())) == 4
    after = [line["after"] for line in read_lines(project)]
    assert after == ["unsure", "accepted", "rejected", "unsure"]


def test_a_log_that_cannot_be_written_is_told_and_the_edit_stays(project):
    for path in (project / "log").iterdir():
        path.unlink()
    (project / "log").rmdir()
    (project / "log").write_text("a file where the folder should be")
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
        assert "could not be written" in dictionary.file.log_problem
        assert dictionary.fits.current_of(1).verdict is Verdict.ACCEPTED


def test_an_edit_of_a_person_who_is_not_there_is_left_out_with_the_reason(project):
    edit_everything(project)
    lines = edits_beyond(project)
    other = project.parent / "other"
    Dictionary.create(other).close()
    report = replay(other, [*lines, {"what": "verdict"}])
    assert report.done == 0
    assert len(report.left_out) == len(lines) + 1
    assert "is not in the project" in report.left_out[0]


def of_the_same_name_in_two_folders(root: Path) -> list[NewSample]:
    """Frame 1 of two cameras."""
    return [
        replace(new_sample(number), picture_path=root / camera / "1.jpg", person_key="0")
        for number, camera in enumerate(("left", "right"))
    ]


def test_edits_of_pictures_that_were_found_elsewhere_since_are_done_again(tmp_path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(of_the_same_name_in_two_folders(tmp_path / "old"))
        dictionary.fits.offer([new_fit(number) for number in (1, 2)])
        dictionary.verdicts.set({1: Verdict.UNSURE}, "maria")
    before_the_move = back_up(project)
    relink(project, tmp_path / "old", tmp_path / "new", even_missing=True)
    assert edits_beyond(project) == [], "what is known stays known"
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({2: Verdict.ACCEPTED}, "jon")
    restore(project, before_the_move)
    report = replay(project, edits_beyond(project))
    assert (report.done, report.left_out) == (1, [])
    with Dictionary.open(project) as dictionary:
        verdicts = [dictionary.fits.current_of(number).verdict for number in (1, 2)]
    assert verdicts == [Verdict.UNSURE, Verdict.ACCEPTED]


def test_no_edit_goes_to_one_of_two_pictures_of_the_same_name_by_chance(tmp_path):
    project = tmp_path / "project"
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(of_the_same_name_in_two_folders(tmp_path / "old"))
        dictionary.corrections.set_box(1, Box(11.0, 9.0, 8.0), compare=compare, author="jon")
    (line,) = read_lines(project)
    report = replay(project, [{**line, "picture": str(tmp_path / "other" / "1.jpg")}])
    assert (report.done, len(report.left_out)) == (0, 1)


def test_lines_of_the_log_that_make_no_sense_are_left_out(project):
    with (project / "log" / "edits-2026-01.jsonl").open("a") as log:
        log.write('{"at": [], "what": {}, "picture": 3}\n' + "[" * 100_000 + "\n")
    report = replay(project, edits_beyond(project))
    assert (report.done, len(report.left_out)) == (0, 1)


def test_a_person_drawn_into_a_picture_without_people_is_drawn_again(project):
    picture = project.parent / "empty.png"
    cv2.imwrite(str(picture), np.zeros((80, 120, 3), np.uint8))
    with Dictionary.open(project) as dictionary:
        dictionary.detections.add_picture(SearchedPicture(picture, 0, "networks"), [])
    back_up(project)
    box = Box(50.0, 40.0, 60.0)
    with Dictionary.open(project) as dictionary:
        dictionary.manual_people.draw_in(picture, (120, 80), box, dataset="photos", author="jon")
    wanted = what_people_did(project)
    restore(project)
    assert replay(project, edits_beyond(project)).left_out == []
    assert what_people_did(project) == wanted


def test_people_and_imports_that_were_removed_are_removed_again(project):
    with Dictionary.open(project) as dictionary:
        removals = dictionary.removals
        first = removals.people([1, 2], author="maria")
        removals.put_back(first.id, author="jon")
        removals.people([2], author="maria")
        removals.undo_import(dictionary.imports.all()[0].id, author="jon")
    restore(project)
    lines = edits_beyond(project)
    assert [line["what"] for line in lines] == [
        *("removed", "removed", "put back", "removed"),
        "import undone",
    ]
    assert replay(project, lines).left_out == []
    assert edits_beyond(project) == []
    with Dictionary.open(project) as dictionary:
        assert dictionary.search.ids().tolist() == []
        undone, alone = dictionary.removals.all()
        assert (undone.kind, undone.author, undone.people) == ("import", "jon", 3)
        assert (alone.kind, alone.author, alone.people) == ("people", "maria", 1)
        dictionary.removals.put_back(undone.id)
        assert dictionary.search.ids().tolist() == [1, 3, 4]
        assert dictionary.problems() == []


def opinions_of(project: Path) -> list[tuple[object, ...]]:
    with Dictionary.open(project) as dictionary:
        return [
            (item.reviewer, item.verdict, item.reason, item.at, item.saw, item.withdrawn_at)
            for sample_id in dictionary.search.ids().tolist()
            for item in dictionary.opinions.of_sample(sample_id)
        ]


def test_opinions_of_several_reviewers_are_restored_with_their_times(project):
    with Dictionary.open(project) as dictionary:
        fit_id = dictionary.fits.current_of(1).id
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "jon")  # changes no verdict
        blind = dictionary.verdicts.set_on_fits({fit_id: Verdict.REJECTED}, "eva", blind={fit_id})
        dictionary.verdicts.take_back(blind)
        dictionary.verdicts.set_on_fits({fit_id: Verdict.UNSURE}, "eva", blind={fit_id})
    wanted, verdicts = opinions_of(project), what_people_did(project)
    assert len(wanted) == 5
    restore(project)
    assert replay(project, edits_beyond(project)).left_out == []
    assert opinions_of(project) == wanted
    assert what_people_did(project) == verdicts
    assert edits_beyond(project) == []
