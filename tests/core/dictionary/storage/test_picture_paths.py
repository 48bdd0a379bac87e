"""Pictures in a project's folder move with it; all others stay where they are."""

from __future__ import annotations

import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.dictionary.storage.checksums import register_row_sum
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import DictionaryError


@pytest.fixture
def picture(project: Path) -> Path:
    """A picture in the project's folder."""
    path = project / "pictures" / "a.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a picture")
    return path


def stored_paths(project: Path) -> list[str]:
    connection = sqlite3.connect(project / "dictionary.db")
    rows = connection.execute("SELECT picture_path FROM samples ORDER BY id").fetchall()
    connection.close()
    return [path for (path,) in rows]


def set_stored_path(project: Path, path: str) -> None:
    connection = sqlite3.connect(project / "dictionary.db")
    register_row_sum(connection)
    with connection:
        connection.execute("UPDATE samples SET picture_path = ?", (path,))
    connection.close()


def add(project: Path, sample, *pictures: Path) -> None:
    with Dictionary.create(project) as dictionary:
        dictionary.samples.add(
            replace(sample, picture_path=path, person_key=str(number))
            for number, path in enumerate(pictures)
        )


def pictures_of(project: Path) -> list[Path]:
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        paths = [sample.picture_path for sample in dictionary.samples.get_many(ids)]
        assert [row.picture_path for row in dictionary.search.rows(ids)] == paths
        assert [place.picture_path for place in dictionary.samples.all_keys()] == [*map(str, paths)]
        assert dictionary.problems() == []
    return paths


def test_a_picture_in_the_folder_is_found_after_the_folder_moved(project, picture, make_sample):
    add(project, make_sample(), picture)
    assert pictures_of(project) == [picture]
    moved = shutil.move(project, project.with_name("moved"))
    (found,) = pictures_of(Path(moved))
    assert found == Path(moved) / "pictures" / "a.jpg"
    assert found.read_bytes() == b"a picture"


def test_a_picture_elsewhere_keeps_its_full_path(project, picture, make_sample, tmp_path):
    outside = tmp_path / "elsewhere" / "a.jpg"
    add(project, make_sample(), picture, outside)
    assert stored_paths(project) == ["pictures/a.jpg", str(outside)]
    moved = Path(shutil.move(project, project.with_name("moved")))
    assert pictures_of(moved)[1] == outside


def test_a_folder_that_only_begins_like_the_projects_is_elsewhere(project, make_sample):
    beside = project.with_name("project_pictures") / "a.jpg"
    add(project, make_sample(), beside)
    assert stored_paths(project) == [str(beside)]


def test_the_way_a_path_is_spelled_does_not_matter(project, picture, make_sample, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(project, target_is_directory=True)
    spellings = (link / "pictures" / "a.jpg", project / "cache" / ".." / "pictures" / "a.jpg")
    add(link, make_sample(), picture, *spellings)
    assert stored_paths(project) == 3 * ["pictures/a.jpg"]
    assert pictures_of(link) == 3 * [picture]


def test_a_relative_project_hands_out_full_paths(project, picture, make_sample, monkeypatch):
    monkeypatch.chdir(project.parent)
    add(Path(project.name), make_sample(), picture)
    with Dictionary.open(Path(project.name)) as dictionary:
        monkeypatch.chdir("/")
        assert dictionary.samples.get(1).picture_path == picture


def test_a_link_that_leads_out_of_the_folder_is_elsewhere(project, picture, make_sample, tmp_path):
    outside = tmp_path / "disk"
    outside.mkdir()
    (outside / "b.jpg").write_bytes(b"another")
    linked_picture, linked_folder = picture.with_name("b.jpg"), project / "disk"
    linked_picture.symlink_to(outside / "b.jpg")
    linked_folder.symlink_to(outside, target_is_directory=True)
    add(project, make_sample(), linked_picture, linked_folder / "b.jpg")
    assert stored_paths(project) == [str(linked_picture), str(linked_folder / "b.jpg")]


def test_a_link_within_the_folder_moves_with_it(project, picture, make_sample):
    link = picture.with_name("link.jpg")
    link.symlink_to("a.jpg")
    add(project, make_sample(), link)
    assert stored_paths(project) == ["pictures/link.jpg"]


def test_importing_again_after_the_move_adds_nothing(project, picture, make_sample):
    add(project, make_sample(), picture)
    moved = Path(shutil.move(project, project.with_name("moved")))
    again = replace(make_sample(), picture_path=moved / "pictures" / "a.jpg", person_key="0")
    with Dictionary.open(moved) as dictionary:
        added = dictionary.samples.add([again])
    assert (added.added_ids, added.already_there) == ([], 1)


@pytest.mark.parametrize("path", ["../secret.jpg", "pictures/../../secret.jpg"])
def test_a_stored_path_that_leads_out_is_never_followed(project, picture, make_sample, path):
    add(project, make_sample(), picture)
    set_stored_path(project, path)
    with Dictionary.open(project) as dictionary:
        for read in (dictionary.samples.get_many, dictionary.search.rows):
            with pytest.raises(DictionaryError, match="leads out of the project's folder"):
                read([1])
        with pytest.raises(DictionaryError, match="leads out"):
            dictionary.samples.all_keys()
        (problem,) = dictionary.problems()
    assert path in problem


def test_dots_in_a_name_lead_nowhere(project, picture, make_sample):
    dotted = picture.with_name("a..b.jpg")
    add(project, make_sample(), dotted)
    assert pictures_of(project) == [dotted]


def test_a_copied_dictionary_names_the_pictures_where_they_are(project, picture, make_sample):
    outside = Path("/pictures/b.jpg")
    add(project, make_sample(), picture, outside)
    copy = project.with_name("copy")
    with Dictionary.open(project) as dictionary:
        dictionary.file.copy_to(copy)
    assert pictures_of(copy) == [picture, outside]
    assert pictures_of(project) == [picture, outside]


def test_a_person_drawn_by_hand_shares_the_picture_after_a_move(project, picture, make_sample):
    add(project, make_sample(), picture)
    with Dictionary.open(project) as dictionary:
        drawn = dictionary.manual_people.draw(1, dictionary.samples.get(1).box)
    moved = Path(shutil.move(project, project.with_name("moved")))
    with Dictionary.open(moved) as dictionary:
        assert dictionary.samples.get(drawn).picture_path == dictionary.samples.get(1).picture_path
        assert dictionary.manual_people.in_picture(drawn) == [1, drawn]
        (change,) = dictionary.corrections.by_people()
    assert change["picture"] == str(moved / "pictures" / "a.jpg")


# Projects of the schema before


def third_schema_project(project: Path, *paths: str) -> None:
    make_project(project, settings={}, migrations=MIGRATIONS[:3])
    connection = sqlite3.connect(project / "dictionary.db")
    with connection:
        connection.executemany(
            "INSERT INTO samples (id, name, picture_path, picture_width_px, picture_height_px, "
            "dataset, person_key, box_center_x_px, box_center_y_px, box_scale, visible_keypoints, "
            "usable_keypoints, imported_at) "
            "VALUES (?, 'a.jpg', ?, 640, 480, 'coco', '1', 320, 240, 1.0, 20, 18, '2026-01-01')",
            enumerate(paths, start=1),
        )
        connection.executemany(
            "INSERT INTO annotations (sample_id, keypoints_px) VALUES (?, zeroblob(588))",
            [(number,) for number, _ in enumerate(paths, start=1)],
        )
    connection.close()


def test_an_older_projects_own_pictures_become_relative_and_others_stay(project):
    own, elsewhere = str(project.resolve() / "pictures" / "a.jpg"), "/pictures/a.jpg"
    third_schema_project(project, own, elsewhere)
    assert pictures_of(project) == [Path(own), Path(elsewhere)]
    assert stored_paths(project) == ["pictures/a.jpg", elsewhere]


def test_a_project_that_moved_before_keeps_the_paths_it_has(project):
    before = str(project.resolve().with_name("before") / "pictures" / "a.jpg")
    third_schema_project(project, before)
    assert pictures_of(project) == [Path(before)]


def test_two_spellings_of_one_picture_survive_the_migration(project):
    folder = project.resolve()
    spellings = (f"{folder}/pictures/a.jpg", f"{folder}/cache/../pictures/a.jpg")
    third_schema_project(project, *spellings)
    with Dictionary.open(project) as dictionary:
        paths = [
            os.path.realpath(sample.picture_path) for sample in dictionary.samples.get_many([1, 2])
        ]
    assert paths == 2 * [spellings[0]]
    assert len(set(stored_paths(project)) - set(spellings)) == 1
