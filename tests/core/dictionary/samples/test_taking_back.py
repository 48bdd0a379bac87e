"""Removing people, pictures and imports: with everything that hangs on them, and back again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.samples.detections import SearchedPicture
from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.migrations import MIGRATIONS
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import DictionaryError, NoSuchRecordError
from core.geometry.boxes import Box
from core.types.cameras import PictureCamera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import OfferOutcome, Origin, Verdict
from core.types.imports import ImportSource
from core.types.predictions import NewPrediction
from core.types.sources import SourceDocument, SourceEntry, SourcePicture
from core.types.tracks import TrackMember
from core.types.trunk_features import TRUNK_SIZE
from core.types.view_groups import GroupNames

DETECTED = DetectedLandmarks(
    landmarks_px=np.ones((33, 3), np.float32),
    landmarks_m=np.ones((33, 3), np.float32),
    agreement=0.5,
    score=0.5,
    networks="test",
    trunk_features=np.ones((2, TRUNK_SIZE), np.float16),
)
REMEMBERED = ("removals", "removal_rows", "changes", "sqlite_sequence")


def content(dictionary: Dictionary) -> dict[str, list[str]]:
    """Every row of every table, byte for byte, but the memory of removals."""
    database = dictionary._connection.database
    return {
        table: sorted(map(repr, database.execute(f"SELECT * FROM {table}").fetchall()))
        for table in database.table_names()
        if table not in REMEMBERED
    }


def of_people(dictionary: Dictionary, ids: list[int]) -> list[str]:
    """What is left of people in any table, under any of their numbers."""
    listed = ", ".join(map(str, ids))
    database, left = dictionary._connection.database, []
    for table in database.table_names():
        if table.startswith("removed_") or table in REMEMBERED:
            continue
        column = "id" if table == "samples" else "sample_id"
        if column in database[table].columns_dict:
            found = database.execute(f"SELECT 1 FROM {table} WHERE {column} IN ({listed})")
            left += [table for _row in found.fetchall()]
    return left


@pytest.fixture
def imported(dictionary, make_sample, make_fit):
    """Two imports of annotations with everything that can hang on their people, and photos."""
    for first, name in ((0, "train.json"), (10, "val.json")):
        samples = [make_sample(first + number) for number in range(4)]
        samples.append(replace(make_sample(first + 5), picture_path=samples[0].picture_path))
        add_file(dictionary, samples, name)
    everyone = dictionary.search.ids().tolist()
    run = dictionary.runs.start("fit", configuration={}, versions={})
    dictionary.fits.offer([make_fit(each, beta=4.0, run_id=run) for each in everyone])
    dictionary.fits.offer([make_fit(each, loss=20, origin=Origin.REFIT) for each in everyone])
    dictionary.verdicts.set({1: Verdict.ACCEPTED, 2: Verdict.REJECTED, 6: Verdict.UNSURE}, "maria")
    bodies = [
        NewPrediction(sample_id=each, parameters=make_fit(each).parameters) for each in everyone
    ]
    dictionary.predictions.store(bodies)
    dictionary.prediction_sets.keep_latest("first")
    dictionary.detections.set(dict.fromkeys(everyone, DETECTED))
    for each in (1, 2, 6):
        dictionary.groups.assign({each: GroupNames(moment="m", camera=f"c{each}")})
    keypoints = dictionary.samples.get(2).keypoints_px.copy()
    keypoints[30:, :2] += 3
    dictionary.corrections.set_keypoints(2, keypoints, compare=lambda *_: None)
    kept = make_fit(3, pose=0.2, origin=Origin.CORRECTED)
    made_from = dictionary.fits.current_of(3).id
    dictionary.corrections.keep_fit(kept, made_from_fit_id=made_from)
    photos = dictionary.imports.begin(ImportSource(format="photos", sources=[Path("/walk")]))
    for number in (30, 31):
        people = [(make_sample(number), DETECTED)] if number == 30 else []
        picture = SearchedPicture(Path(f"/pictures/{number:06d}.jpg"), len(people), "test")
        dictionary.detections.add_picture(picture, people, import_id=photos)
    return dictionary


def add_file(dictionary: Dictionary, samples: list, name: str) -> None:
    paths = sorted({sample.picture_path for sample in samples})
    pictures = [
        SourcePicture(path=path, image_id=str(number), file_name=path.name, text="{}")
        for number, path in enumerate(paths)
    ]
    document = SourceDocument(dataset="coco", heading=f'{{"info": "{name}"}}', pictures=pictures)
    entries = [
        SourceEntry(
            picture=paths.index(sample.picture_path), position=number, text=f'{{"id":{number}}}'
        )
        for number, sample in enumerate(samples)
    ]
    camera = PictureCamera(900.0, (319.5, 239.5))
    dictionary.samples.add(
        [
            replace(sample, source=entry, camera=camera)
            for sample, entry in zip(samples, entries, strict=True)
        ],
        document=document,
        left_over=[SourceEntry(picture=0, position=99, text='{"crowd":1}', refused=True)],
        source=ImportSource(format="coco", sources=[Path(f"/annotations/{name}")], dataset="coco"),
    )


def test_a_removed_person_comes_back_byte_for_byte_under_the_same_numbers(imported):
    before = content(imported)
    removal = imported.removals.people([1, 2, 3])
    assert of_people(imported, [1, 2, 3]) == []
    assert imported.problems() == []
    assert (removal.people, removal.pictures, removal.kind) == (3, 2, "people")
    imported.removals.put_back(removal.id)
    assert content(imported) == before
    assert imported.problems() == []
    again = imported.removals.people([1, 2, 3])
    assert of_people(imported, [1, 2, 3]) == []
    imported.removals.put_back(again.id)
    assert content(imported) == before


def test_an_import_is_undone_with_its_files_pictures_and_cameras_and_comes_back(imported):
    before = content(imported)
    second = next(made for made in imported.imports.all() if made.title == "coco: val.json")
    theirs = imported.search.ids().tolist()[5:10]
    hanging = imported.removals.hanging_on_import(second.id)
    assert (hanging.people, hanging.pictures, hanging.fits) == (5, 4, 10)
    assert (hanging.judged, hanging.predictions, hanging.grouped) == (1, 5, 1)
    assert hanging.others == {"set_predictions": 5}
    assert hanging.words() == (
        "5 people, 4 whole pictures, 10 fits (1 judged), 5 predictions, 1 place in a group, "
        "5 kept predictions"
    )
    removal = imported.removals.undo_import(second.id)
    assert of_people(imported, theirs) == []
    assert imported.problems() == []
    assert [heading for heading in imported.sources.headings().values() if "val" in heading] == []
    assert all(entry.document_id == 1 for entry in imported.sources.without_sample())
    cameras = imported._connection.execute("SELECT picture_path FROM cameras ORDER BY 1")
    assert [path for (path,) in cameras] == [f"/pictures/{each:06d}.jpg" for each in range(4)]
    undone = imported.imports.get(second.id)
    assert (undone.people, undone.people_now, undone.removal_id) == (5, 0, removal.id)
    imported.removals.put_back(removal.id)
    assert content(imported) == before
    assert imported.problems() == []


def test_undoing_an_import_of_photos_lets_them_be_searched_again(imported):
    before = content(imported)
    photos = imported.imports.all()[0]
    assert (photos.title, photos.people, photos.pictures) == ("photos: walk", 1, 2)
    removal = imported.removals.undo_import(photos.id)
    assert imported.detections.searched() == {}
    imported.removals.put_back(removal.id)
    assert content(imported) == before


def test_a_removed_person_leaves_the_picture_and_a_removed_picture_leaves_nothing(imported):
    photo = imported.search.ids(SampleQuery(text="000030")).tolist()
    removal = imported.removals.people(photo)
    assert [picture.path.name for picture in imported.detections.without_people()] == [
        "000030.jpg",
        "000031.jpg",
    ]
    imported.removals.put_back(removal.id)
    before = content(imported)
    picture = imported.removals.pictures([1, *photo])
    assert (picture.people, picture.pictures) == (3, 2)
    assert imported.search.ids().tolist()[:3] == [2, 3, 4]
    names = [known.path.name for known in imported.pictures.all()]
    assert {"000000.jpg", "000030.jpg"}.isdisjoint(names)
    assert [picture.path.name for picture in imported.detections.without_people()] == ["000031.jpg"]
    imported.removals.put_back(picture.id)
    assert content(imported) == before


def test_assessments_of_those_who_stay_are_made_again(imported):
    imported._connection.execute("UPDATE samples SET assessed_at = '2026' WHERE id IN (1, 2, 6, 7)")
    removal = imported.removals.people([1])
    due = imported.assessments.due()
    assert {2, 6}.issubset(due)
    assert 7 not in due
    imported.removals.put_back(removal.id)
    assert 1 not in imported.assessments.due(), "nothing of what it was made of has changed"
    removal = imported.removals.people([1])
    imported.verdicts.set({6: Verdict.REJECTED}, "jon")
    imported.removals.put_back(removal.id)
    assert 1 in imported.assessments.due()


def test_assessments_that_are_all_taken_back_do_not_come_back_with_removed_people(imported):
    imported._connection.execute("UPDATE samples SET assessed_at = '2026' WHERE id = 7")
    removal = imported.removals.people([7])
    imported.assessments.forget_all()
    imported.removals.put_back(removal.id)
    assert 7 in imported.assessments.due()
    assert imported.problems() == []


def test_tracks_that_were_made_again_do_not_take_removed_people_in(imported):
    first = [TrackMember(sample_id, place) for place, sample_id in enumerate((1, 2, 3))]
    imported.tracks.replace_all([first])
    removal = imported.removals.people([2])
    imported.removals.put_back(removal.id)
    assert imported.tracks.of(2) == first
    removal = imported.removals.people([2])
    imported.tracks.replace_all([[TrackMember(6, 0), TrackMember(7, 1)]])
    imported.removals.put_back(removal.id)
    assert imported.tracks.of(2) == []
    assert imported.problems() == []


def test_who_was_drawn_comes_back_byte_for_byte_when_drawing_is_done_again(imported, make_fit):
    drawn = imported.manual_people.draw(1, Box(100.0, 120.0, 80.0))
    imported.fits.offer([make_fit(drawn)])
    imported.verdicts.set({drawn: Verdict.ACCEPTED}, "maria")
    imported.groups.assign({drawn: GroupNames(moment="m2")})
    imported.tracks.replace_all([[TrackMember(drawn, 0)]])
    before = content(imported)
    removed = imported.manual_people.remove(drawn)
    assert of_people(imported, [drawn]) == []
    imported.manual_people.put_back(removed)
    assert content(imported) == before


def test_a_fit_of_a_removed_person_is_refused_and_the_others_are_stored(imported, make_fit):
    imported.removals.people([2])
    offers = [make_fit(2, loss=1.0), make_fit(3, loss=1.0, pose=0.3)]
    gone, there = imported.fits.offer(offers)
    assert (gone.outcome, gone.fit_id) == (OfferOutcome.REFUSED, None)
    assert "was removed" in gone.reason
    assert there.fit_id is not None
    assert imported.problems() == []


def test_a_number_that_no_person_ever_had_is_an_error(imported, make_fit):
    with pytest.raises(NoSuchRecordError, match="sample 777"):
        imported.fits.offer([make_fit(777)])
    with pytest.raises(NoSuchRecordError, match="sample 777"):
        imported.removals.people([1, 777])
    assert imported.samples.exists(1)


def test_people_who_were_imported_again_are_not_put_back_a_second_time(imported, make_sample):
    before = content(imported)
    removal = imported.removals.people([2])
    (again,) = imported.samples.add([make_sample(1)]).added_ids
    assert again not in range(1, 12), "no number is used twice"
    with pytest.raises(DictionaryError, match="1 person of it was imported again since"):
        imported.removals.put_back(removal.id)
    imported.removals.people([again])
    imported.removals.put_back(removal.id)
    assert {table: content(imported)[table] for table in ("samples", "fits", "events")} == {
        table: before[table] for table in ("samples", "fits", "events")
    }


def test_what_was_given_up_for_good_leaves_no_row(imported):
    removal = imported.removals.people([1, 2])
    forgotten = imported.removals.forget(removal.id)
    assert not forgotten.can_be_put_back
    assert imported.removals.all() == []
    database = imported._connection.database
    tables = [name for name in database.table_names() if name.startswith(("removed_", "removal_r"))]
    assert {name: database[name].count for name in tables} == dict.fromkeys(tables, 0)
    with pytest.raises(DictionaryError, match="given up"):
        imported.removals.put_back(removal.id)


def test_predictions_of_a_set_that_was_deleted_meanwhile_stay_out(imported):
    removal = imported.removals.people([1])
    imported.prediction_sets.delete(imported.prediction_sets.all()[0].id)
    imported.removals.put_back(removal.id)
    assert imported.problems() == []
    assert imported.samples.get(1).id == 1


def test_every_column_that_points_to_what_can_be_removed_has_an_index(dictionary):
    """Otherwise each removed row has a whole table looked through."""
    database = dictionary._connection.database
    lacking = []
    for table in database.table_names():
        indexed = {index.columns[0] for index in database[table].indexes} | set(database[table].pks)
        for key in database[table].foreign_keys:
            if key.other_table in {"samples", "fits", "source_pictures"}:
                lacking += [] if key.column in indexed else [(table, key.column)]
    assert lacking == []


def test_people_of_a_project_of_before_belong_to_one_unnamed_import(project):
    folder = project.with_name("fourteenth")
    make_project(folder, settings={}, migrations=MIGRATIONS[:14])
    with Dictionary.open(folder, migrations=MIGRATIONS[:14]) as dictionary:
        dictionary._connection.execute(
            "INSERT INTO samples (id, name, picture_path, picture_width_px, picture_height_px, "
            "dataset, person_key, box_center_x_px, box_center_y_px, box_scale, visible_keypoints, "
            "usable_keypoints, imported_at) VALUES (1, 'a.jpg', '/a.jpg', 640, 480, 'coco', '7', "
            "320, 240, 1.0, 20, 18, '2026-01-01')"
        )
        dictionary._connection.execute(
            "INSERT INTO annotations (sample_id, keypoints_px) VALUES (1, zeroblob(588))"
        )
    with Dictionary.open(folder) as dictionary:
        (earlier,) = dictionary.imports.all()
        assert (earlier.title, earlier.at, earlier.people) == ("earlier imports", "2026-01-01", 1)
        removal = dictionary.removals.undo_import(earlier.id)
        assert dictionary.search.ids().tolist() == []
        dictionary.removals.put_back(removal.id)
        assert dictionary.search.ids().tolist() == [1]
        assert dictionary.problems() == []


KILLED = """
import os, signal, sys
from pathlib import Path
from core.dictionary.store import Dictionary
from core.dictionary.samples.taking_back import removals

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

setattr(removals.{owner}, "{step}", die) if "{owner}" else setattr(removals, "{step}", die)
with Dictionary.open(Path(sys.argv[1])) as dictionary:
    dictionary.removals.{action}
"""


@pytest.mark.parametrize(
    ("owner", "step", "action"),
    [
        ("MovedRows", "move_pictures_away", "undo_import(1)"),
        ("MovedRows", "shared_pictures", "people([1, 2])"),
        ("MovedRows", "forget", "put_back(1)"),
    ],
)
def test_a_process_that_is_killed_in_the_middle_leaves_all_or_nothing(
    imported, project, owner, step, action
):
    imported.removals.people([7])
    before = content(imported)
    script = KILLED.format(owner=owner, step=step, action=action)
    ended = subprocess.run(
        [sys.executable, "-c", script, str(project)],
        cwd=Path(__file__).resolve().parents[4],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[4])},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert content(imported) == before
    assert imported.problems() == []
