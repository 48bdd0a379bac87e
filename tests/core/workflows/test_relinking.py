"""Pictures of a project that moved are found again, and nothing else of it changes."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.errors import Cancelled, StudioError
from core.progress import CancelToken
from core.types.fits import Verdict
from core.types.samples import NewSample
from core.workflows.annotations.export_keypoints import export_coco_keypoints
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.relink_pictures import lost_pictures, relink, search_folder
from tests.core.dictionary.conftest import new_fit
from tests.core.pictures.test_picture_search import SIZE, picture


def person(path: Path, key: str = "1", *, dataset: str = "coco") -> NewSample:
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[30:] = [30.0, 20.0, 0.9]
    return NewSample(
        picture_path=path,
        picture_size_px=SIZE,
        dataset=dataset,
        person_key=key,
        box_center_px=np.array([32, 24], np.float32),
        box_scale=0.2,
        keypoints_px=keypoints,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three people in two pictures outside the project, one of them judged, and one inside."""
    outside = [picture(tmp_path / "old" / name) for name in ("a.jpg", "deep/b.jpg")]
    inside = picture(tmp_path / "project" / "pictures" / "c.jpg")
    with Dictionary.create(tmp_path / "project") as dictionary:
        dictionary.samples.add(
            [person(outside[0]), person(outside[0], "2"), person(outside[1]), person(inside)]
        )
        dictionary.fits.offer([new_fit(1)])
        dictionary.verdicts.set({1: Verdict.ACCEPTED}, "maria")
    return tmp_path / "project"


def places(project: Path) -> list[Path]:
    with Dictionary.open(project) as dictionary:
        assert dictionary.problems() == []
        return [sample.picture_path for sample in dictionary.samples.get_many([1, 2, 3, 4])]


def run(*arguments: str | Path) -> tuple[int, str, str]:
    out, log = io.StringIO(), io.StringIO()
    options = build_parser().parse_args([str(argument) for argument in arguments])
    return options.run(options, Console(out, log)), out.getvalue(), log.getvalue()


def test_pictures_that_moved_are_named_where_they_are_and_all_else_stays(project, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.move(old, new)
    report = relink(project, old, new)
    assert (report.moved, report.people, report.search.left) == (2, 3, ())
    assert places(project) == [
        new / "a.jpg", new / "a.jpg", new / "deep" / "b.jpg", project / "pictures" / "c.jpg",
    ]  # fmt: skip
    with Dictionary.open(project) as dictionary:
        assert dictionary.fits.current_of(1).verdict is Verdict.ACCEPTED
        assert dictionary.samples.get(1).name == "a.jpg · 1"


def test_a_dry_run_says_the_same_and_writes_nothing(project, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.move(old, new)
    before = places(project)
    report = relink(project, old, new, dry_run=True)
    assert (report.moved, report.people, report.dry_run) == (2, 3, True)
    assert "Would be found: 2 pictures with 3 people" in report.summary()
    assert places(project) == before


def test_the_other_way_round_takes_it_back(project, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    before = places(project)
    shutil.move(old, new)
    relink(project, old, new)
    assert relink(project, new, old).moved == 0, "nothing is there any more"
    assert relink(project, new, old, even_missing=True).moved == 2
    assert places(project) == before


def test_pictures_taken_into_the_project_are_relative_from_then_on(project, tmp_path):
    shutil.move(tmp_path / "old", project / "pictures" / "taken")
    relink(project, tmp_path / "old", project / "pictures" / "taken")
    connection = sqlite3.connect(project / "dictionary.db")
    stored = {path for (path,) in connection.execute("SELECT picture_path FROM samples")}
    connection.close()
    assert stored == {"pictures/taken/a.jpg", "pictures/taken/deep/b.jpg", "pictures/c.jpg"}
    moved = Path(shutil.move(project, tmp_path / "elsewhere"))
    assert all(path.is_file() for path in places(moved))


def test_pictures_taken_out_of_the_project_get_full_paths(project, tmp_path):
    shutil.move(project / "pictures", tmp_path / "out")
    assert relink(project, project / "pictures", tmp_path / "out").moved == 1
    assert places(project)[3] == tmp_path / "out" / "c.jpg"


def test_a_folder_put_into_a_folder_of_its_own_name_changes_places_safely(project, tmp_path):
    """a/x.jpg goes to a/a/x.jpg, and a/a/x.jpg to a/a/a/x.jpg: one is where the other was."""
    with Dictionary.create(tmp_path / "nested") as dictionary:
        first, second = (picture(tmp_path / folder / "x.jpg") for folder in ("a", "a/a"))
        dictionary.samples.add([person(first), person(second)])
    shutil.move(tmp_path / "a", tmp_path / "b")
    shutil.move(tmp_path / "b", tmp_path / "a" / "a")
    assert relink(tmp_path / "nested", tmp_path / "a", tmp_path / "a" / "a").moved == 2
    with Dictionary.open(tmp_path / "nested") as dictionary:
        found = [sample.picture_path for sample in dictionary.samples.get_many([1, 2])]
        assert dictionary.problems() == []
    assert found == [tmp_path / "a/a/x.jpg", tmp_path / "a/a/a/x.jpg"]


def test_a_person_who_is_at_the_new_place_already_is_not_doubled(project, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.move(old, new)
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([person(new / "a.jpg", "2")])
    report = relink(project, old, new)
    assert (report.moved, report.taken) == (1, (old / "a.jpg",))
    assert places(project)[:3] == [old / "a.jpg", old / "a.jpg", new / "deep" / "b.jpg"]


def test_the_same_picture_of_another_dataset_may_be_there_already(project, tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.move(old, new)
    with Dictionary.open(project) as dictionary:
        dictionary.samples.add([person(new / "a.jpg", "2", dataset="lsp")])
    assert relink(project, old, new).moved == 2


def test_pictures_without_people_that_a_file_lists_follow(tmp_path):
    for name in ("a.jpg", "empty.jpg"):
        picture(tmp_path / "old" / name)
    names = [{"id": number, "file_name": name, "width": 64, "height": 48}
        for number, name in enumerate(("a.jpg", "empty.jpg"), start=1)]  # fmt: skip
    entry = {"id": 7, "image_id": 1, "category_id": 1, "bbox": [10, 10, 30, 30],
        "keypoints": [part for at in range(17) for part in (12 + at, 14 + at, 2)],
        "num_keypoints": 17, "area": 900, "iscrowd": 0}  # fmt: skip
    document = {
        "images": names,
        "annotations": [entry],
        "categories": [{"id": 1, "name": "person"}],
    }
    (tmp_path / "in.json").write_text(json.dumps(document))
    Dictionary.create(tmp_path / "project").close()
    import_annotations(tmp_path / "project", "coco", tmp_path / "in.json", tmp_path / "old")
    shutil.move(tmp_path / "old", tmp_path / "new")
    assert relink(tmp_path / "project", tmp_path / "old", tmp_path / "new").moved == 2
    again = import_annotations(tmp_path / "project", "coco", tmp_path / "in.json", tmp_path / "new")
    assert (again.added, again.already_there) == (0, 1)
    with Dictionary.open(tmp_path / "project") as dictionary:
        listed = [each_picture.picture.path for each_picture in dictionary.sources.pictures()]
        export_coco_keypoints(dictionary, tmp_path / "out.json")
    assert listed == [tmp_path / "new" / name for name in ("a.jpg", "empty.jpg")]
    written = json.loads((tmp_path / "out.json").read_text())
    assert [image["id"] for image in written["images"]] == [1, 2]


def test_a_folder_without_pictures_of_the_project_is_told_with_those_that_have(project, tmp_path):
    with pytest.raises(StudioError, match="No picture of the project lies below") as told:
        relink(project, tmp_path / "never", tmp_path)
    assert str(tmp_path / "old") in told.value.remedy


def test_a_stopped_call_writes_nothing(project, tmp_path):
    token, before = CancelToken(), places(project)
    token.cancel()
    shutil.move(tmp_path / "old", tmp_path / "new")
    with pytest.raises(Cancelled):
        relink(project, tmp_path / "old", tmp_path / "new", cancel=token)
    assert places(project) == before


def test_lost_pictures_are_found_anywhere_below_a_folder(project, tmp_path):
    shutil.move(tmp_path / "old", tmp_path / "disk" / "photos")
    with Dictionary.open(project) as dictionary:
        lost = lost_pictures(dictionary.pictures.all())
        assert [item.path.name for item in lost.lost] == ["a.jpg", "b.jpg"]
        assert lost.in_place == {project / "pictures" / "c.jpg"}
        search = search_folder(lost, tmp_path / "disk")
        done = dictionary.pictures.move(search.found)
        assert done.sample_ids == {1, 2, 3}
        assert lost_pictures(dictionary.pictures.all()).lost == ()
        # What was done is what takes it back.
        dictionary.pictures.move({new: old for old, new in done.moved.items()})
        assert len(lost_pictures(dictionary.pictures.all()).lost) == 2


def test_the_subcommand_says_what_it_found_and_left(project, tmp_path):
    shutil.move(tmp_path / "old", tmp_path / "new")
    picture(tmp_path / "new" / "a.jpg", (32, 24))
    status, out, log = run("relink", project, tmp_path / "old", tmp_path / "new")
    assert status == 0
    assert out.splitlines() == [
        "Found: 1 picture with 1 person", "1 left: a picture of another size is there",
    ]  # fmt: skip
    assert "32×24 px, expected 64×48" in log
    assert run("relink", project, tmp_path / "old", tmp_path / "nowhere")[0] == 1
