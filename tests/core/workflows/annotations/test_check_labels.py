"""A project's keypoints are checked with its fits, and before there is any."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.progress import CancelToken
from core.types.flags import FlagName
from core.types.samples import NewSample
from core.workflows.annotations.check_labels import check_labels, label_notices
from core.workflows.flag_project import flag_samples
from tests.core.workflows.test_exchanged_sides import seen_as
from tests.core.workflows.test_fitting import people_of

PEOPLE = 6
LEGS = [25, 26, 29, 30]
EXCHANGED_LEGS = [30, 29, 26, 25]


@pytest.fixture
def people(open_body) -> list[NewSample]:
    """People whom COCO's joints are known of."""
    return [annotated(person) for person in people_of(open_body, PEOPLE)]


@pytest.fixture
def dictionary(tmp_path: Path) -> Iterator[Dictionary]:
    with Dictionary.create(tmp_path / "project") as opened:
        yield opened


def annotated(person: NewSample) -> NewSample:
    keypoints = person.keypoints_px.copy()
    keypoints[:25] = 0
    keypoints[37:44] = 0
    return replace(person, keypoints_px=keypoints)


def with_legs_exchanged(person: NewSample) -> NewSample:
    keypoints = person.keypoints_px.copy()
    keypoints[LEGS] = keypoints[EXCHANGED_LEGS]
    return replace(person, keypoints_px=keypoints)


def add(dictionary: Dictionary, given: list[NewSample], seen: list[NewSample]) -> list[int]:
    ids = dictionary.samples.add(given).added_ids
    pairs = zip(ids, seen, strict=True)
    dictionary.detections.set({sample_id: seen_as(person) for sample_id, person in pairs})
    return ids


def flagged(dictionary: Dictionary, kind: FlagName) -> list[int]:
    return sorted(dictionary.flags.sample_ids([kind]).tolist())


def test_right_keypoints_raise_nothing_and_are_checked_once(dictionary, people):
    ids = add(dictionary, people, people)
    report = check_labels(dictionary)
    assert (report.checked, report.flagged) == (len(ids), 0)
    assert check_labels(dictionary).checked == 0
    assert check_labels(dictionary, again=True, at_most=2).checked == 2


def test_exchanged_legs_are_flagged_for_whom_they_are_and_noticed_for_a_whole_set(
    dictionary, people
):
    wrong = [with_legs_exchanged(person) for person in people]
    ids = add(dictionary, wrong, people)
    check_labels(dictionary)
    found = flagged(dictionary, FlagName.PAIR_EXCHANGED)
    assert len(found) > len(ids) / 2
    (notice,) = [text for text in label_notices(dictionary) if "pair exchanged" in text]
    assert f"raised for {len(found)} of {len(ids)} people of the data set 'made'" in notice


def test_a_neighbours_joints_are_told_from_those_of_the_same_person_annotated_twice(
    dictionary, people
):
    own, neighbour = people[0], people[1]
    beside = neighbour.keypoints_px.copy()
    beside[:, 0] += np.where(beside[:, 2] > 0, 60, 0)
    arm = [31, 32, 35, 36]
    mixed = own.keypoints_px.copy()
    mixed[arm] = beside[arm]
    common = {"picture_path": Path("/pictures/both.jpg")}
    samples = [
        replace(own, keypoints_px=mixed, person_key="mixed", **common),
        replace(neighbour, keypoints_px=beside, person_key="neighbour", **common),
    ]
    twice = [replace(people[2], person_key="once"), replace(people[2], person_key="twice")]
    ids = dictionary.samples.add([*samples, *twice]).added_ids
    check_labels(dictionary)
    found = flagged(dictionary, FlagName.MIXED_PEOPLE)
    assert ids[0] in found
    assert ids[2] not in found
    assert ids[3] not in found


def test_a_cancelled_check_keeps_what_was_done(dictionary, people):
    add(dictionary, people, people)
    cancel = CancelToken()
    cancel.cancel()
    assert check_labels(dictionary, cancel=cancel).cancelled
    assert len(dictionary.label_checks.due()) == PEOPLE


def test_flag_checks_people_without_fits_and_says_so(dictionary, people, tmp_path):
    add(dictionary, people, people)
    report = flag_samples(tmp_path / "project")
    assert report.labels.checked == PEOPLE
    assert f"keypoints of {PEOPLE} people checked: 0 flagged" in report.summary()
    assert dictionary.label_checks.due() == []


def test_the_command_line_flags_keypoints_before_any_fit(dictionary, people, tmp_path):
    add(dictionary, [with_legs_exchanged(person) for person in people], people)
    out, notes = io.StringIO(), io.StringIO()
    options = build_parser().parse_args(["flag", str(tmp_path / "project")])
    assert options.run(options, Console(out, notes)) == 0
    assert "keypoints of 6 people checked" in out.getvalue()
    assert "Is the order of its joints what the format says?" in notes.getvalue()


def test_the_command_line_writes_flags_with_reasons_as_json(dictionary, people, tmp_path):
    wrong = [with_legs_exchanged(people[0]), *people[1:]]
    ids = add(dictionary, wrong, people)
    out = io.StringIO()
    options = build_parser().parse_args(["flag", str(tmp_path / "project"), "--json"])
    assert options.run(options, Console(out, io.StringIO())) == 0
    said = json.loads(out.getvalue())
    assert said["labels"]["checked"] == PEOPLE
    (person,) = [person for person in said["people"] if person["id"] == ids[0]]
    assert "seem exchanged" in person["flags"]["pair exchanged"]["reason"]
