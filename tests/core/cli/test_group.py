"""``main.py group``: people are grouped by the names of their pictures."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import main as program
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.formats.cameras.calibration_files import read_calibration
from core.types.samples import NewSample
from core.types.view_groups import GroupNames
from core.workflows.groups.calibrated_groups import groups_by_calibration
from core.workflows.groups.name_groups import groups_by_pattern

BY = r"cam(?P<camera>\d+)_frame(?P<moment>\d+)"


def new_sample(picture: Path, person: str) -> NewSample:
    return NewSample(
        picture_path=picture,
        picture_size_px=(640, 480),
        dataset="clip",
        person_key=person,
        box_center_px=np.array([320.0, 240.0], np.float32),
        box_scale=1.0,
        keypoints_px=np.zeros((49, 3), np.float32),
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two cameras, two frames, two people in each picture; and a picture by itself."""
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        pictures = [
            folder / f"cam{camera}_frame{frame:03d}.jpg" for frame in (0, 8) for camera in (1, 2)
        ]
        people = [new_sample(picture, person) for picture in pictures for person in ("Eva", "Al")]
        dictionary.samples.add([*people, new_sample(Path("/elsewhere/portrait.jpg"), "Eva")])
    return folder


def memberships(project: Path) -> dict[str, GroupNames]:
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        names = {sample.id: sample.name for sample in dictionary.samples.get_many(ids)}
        found = dictionary.groups.of(ids)
        return {names[sample_id]: member.names for sample_id, member in found.items()}


def test_a_pattern_names_moments_subjects_and_cameras(project: Path, capsys) -> None:
    status = program.main(["group", str(project), "--by", rf"{BY}.* · (?P<subject>\w+)$"])
    assert status == 0
    found = memberships(project)
    assert len(found) == 8
    assert found["cam1_frame000.jpg · Eva"] == GroupNames(
        moment="Eva · 000", subject="Eva", camera="1"
    )
    assert found["cam2_frame008.jpg · Al"] == GroupNames(
        moment="Al · 008", subject="Al", camera="2"
    )
    told = capsys.readouterr().out
    assert "Grouped 8 people, 4 moments (4 seen by several cameras), 2 subjects; 1 not" in told
    assert "/elsewhere/portrait.jpg · Eva" in told


def test_people_of_one_picture_are_not_one_moment(project: Path, capsys) -> None:
    assert program.main(["group", str(project), "--by", BY]) == 1
    assert "2 people of the picture" in capsys.readouterr().err
    assert memberships(project) == {}


def test_a_dry_run_refuses_what_grouping_would(project: Path, capsys) -> None:
    assert program.main(["group", str(project), "--by", BY, "--dry-run"]) == 1
    assert "2 people of the picture" in capsys.readouterr().err
    assert memberships(project) == {}


def test_a_dry_run_stores_nothing(project: Path, capsys) -> None:
    by = rf"{BY}.* · (?P<subject>Eva)$"
    assert program.main(["group", str(project), "--by", by, "--dry-run"]) == 0
    assert "Found 4 people, 2 moments" in capsys.readouterr().out
    assert memberships(project) == {}


def test_groups_are_taken_back(project: Path, capsys) -> None:
    program.main(["group", str(project), "--by", r" · (?P<subject>\w+)$"])
    assert len(memberships(project)) == 9
    assert program.main(["group", str(project), "--ungroup", "--where", "frame000"]) == 0
    assert "Ungrouped 4 people" in capsys.readouterr().out
    assert len(memberships(project)) == 5


def test_a_pattern_that_matches_none_is_told(project: Path, capsys) -> None:
    assert program.main(["group", str(project), "--by", r"(?P<moment>take\d+)"]) == 1
    assert "Grouped 0 people; 9 not matched" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(?P<moment>", "cannot be read"),
        (r"frame\d+", "names nothing"),
        (r"(?P<camera>\d+)", "names camera"),
        (r"(?P<moment>\d+)(?P<take>\d)", "names moment, take"),
    ],
)
def test_patterns_that_name_nothing_of_use_are_refused(
    project: Path, pattern: str, message: str
) -> None:
    with Dictionary.open(project) as dictionary, pytest.raises(StudioError, match=message):
        groups_by_pattern(dictionary, pattern)


def test_pictures_of_the_project_are_matched_by_their_place_in_it(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        named = groups_by_pattern(dictionary, r"^(?P<moment>cam1_frame000).* · Eva")
    assert len(named.names) == 1


K = [[900.0, 0, 320], [0, 900, 240], [0, 0, 1]]
PLACES = {"R": [[1, 0, 0], [0, 1, 0], [0, 0, 1]], "t": [0, 0, 3]}


def calibration_of(folder: Path, *names: str, placed: bool = True) -> Path:
    path = folder / "set.json"
    places = PLACES if placed else {}
    path.write_text(json.dumps([{"name": name, "K": K, **places} for name in names]))
    return path


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """One person in each picture: two frames of two cameras, a frame of one, a portrait."""
    folder = tmp_path / "alone"
    with Dictionary.create(folder) as dictionary:
        pictures = [
            folder / "clip" / f"cam{camera}_{frame:03d}.jpg"
            for camera, frame in ((1, 0), (2, 0), (1, 8), (2, 8), (1, 16))
        ]
        people = [new_sample(picture, "0") for picture in pictures]
        dictionary.samples.add([*people, new_sample(Path("/elsewhere/portrait.jpg"), "0")])
    return folder


def test_a_calibration_tells_which_pictures_are_one_moment(alone: Path, tmp_path: Path) -> None:
    file = calibration_of(tmp_path, "cam1", "cam2")
    assert program.main(["group", str(alone), "--cameras", str(file)]) == 0
    assert memberships(alone) == {
        f"cam{camera}_{frame}.jpg · 0": GroupNames(moment=frame, camera=f"cam{camera}")
        for frame in ("000", "008")
        for camera in (1, 2)
    }


def test_folders_of_cameras_hold_frames_of_one_name(tmp_path: Path) -> None:
    folder = tmp_path / "folders"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(
            [
                new_sample(folder / take / side / f"{frame}.png", "0")
                for take in ("a", "b")
                for side in ("left", "right")
                for frame in (1, 2)
            ]
        )
        found = groups_by_calibration(
            dictionary, read_calibration(calibration_of(tmp_path, "left", "right"))
        )
    moments = Counter(names.moment for names in found.names.values())
    assert moments == {"a/1": 2, "a/2": 2, "b/1": 2, "b/2": 2}


def test_cameras_with_places_group_their_pictures_by_themselves(
    alone: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    without = calibration_of(tmp_path, "cam1", "cam2", placed=False)
    assert program.main(["cameras", str(alone), str(without)]) == 0
    assert memberships(alone) == {}
    placed = calibration_of(tmp_path, "cam1", "cam2")
    assert program.main(["cameras", str(alone), str(placed)]) == 0
    assert "Grouped 4 people, 2 moments" in "".join(capsys.readouterr())
    assert len(memberships(alone)) == 4


def test_whom_people_grouped_stays_where_they_are(alone: Path, tmp_path: Path) -> None:
    with Dictionary.open(alone) as dictionary:
        dictionary.groups.assign({1: GroupNames(moment="mine"), 3: GroupNames(moment="mine")})
    file = calibration_of(tmp_path, "cam1", "cam2")
    program.main(["group", str(alone), "--cameras", str(file)])
    assert {names.moment for names in memberships(alone).values()} == {"mine"}


def test_pictures_of_several_people_are_not_grouped_by_cameras(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = calibration_of(tmp_path, "cam1", "cam2")
    assert program.main(["group", str(project), "--cameras", str(file)]) == 1
    assert memberships(project) == {}
    assert "not matched" in "".join(capsys.readouterr())
