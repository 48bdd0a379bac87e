"""Whose keypoint to correct next: of whole projects, and by ``main.py touches``."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.conventions import KEYPOINT_NAMES
from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.engine.failure_detection.touches.candidates import LeftOut
from core.engine.failure_detection.touches.touch_model import TouchModel
from core.errors import UserFileError
from core.types.fits import Verdict
from core.types.keypoint_sources import KeypointSource
from core.workflows.fit_project import fit_samples
from core.workflows.flag_project import SampleFlagger, flag_samples
from tests.core.workflows.test_fitting import people_of

PEOPLE = 6
WRONG_ID, WRIST = 3, (7, 36)
"""Of this person the left wrist is marked in the farthest corner, by both of its names."""


def misplaced(samples):
    made = list(samples)
    keypoints = made[WRONG_ID - 1].keypoints_px.copy()
    seen = keypoints[:, 2] > 0
    far = keypoints[seen, :2].max(axis=0)
    for index in WRIST:
        keypoints[index] = (*far, 1.0)
    made[WRONG_ID - 1] = replace(made[WRONG_ID - 1], keypoints_px=keypoints)
    return made


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory, open_body) -> Path:
    folder = tmp_path_factory.mktemp("touches") / "project"
    with Dictionary.create(folder) as dictionary:
        dictionary.samples.add(misplaced(people_of(open_body, PEOPLE)))
    fit_samples(folder)
    flag_samples(folder)
    return folder


@pytest.fixture
def project(tmp_path: Path, flagged: Path) -> Path:
    return Path(shutil.copytree(flagged, tmp_path / "project"))


def run(*arguments: str) -> str:
    parser = build_parser()
    out = io.StringIO()
    options = parser.parse_args(arguments)
    assert options.run(options, Console(out, io.StringIO())) == 0
    return out.getvalue()


def listed(project: Path, *more: str) -> list[dict[str, object]]:
    return json.loads(run("touches", str(project), "--json", *more))["touches"]


def test_a_misplaced_keypoint_is_the_one_that_is_held_to_be_wrong(project):
    with Dictionary.open(project) as dictionary:
        flagger = SampleFlagger(dictionary)
        pairs = flagger.touches.pairs(flagger.touch_inputs([WRONG_ID]))
    there = pairs.rows(~pairs.left_out.missing)
    wrong = TouchModel.load().wrong.logit(there.features)
    named = flagger.touches.body.distinct_of_keypoint[list(WRIST)].tolist()
    assert int(there.left_out.keypoint[wrong.argmax()]) in named
    assert float(wrong.sort().values[-2]) < 0 < float(wrong.max())


def test_the_list_is_in_order_and_as_long_and_of_whom_it_is_asked_for(project):
    with Dictionary.open(project) as dictionary:
        gains = np.full(49, np.nan, np.float32)
        ids = [1, 2, WRONG_ID]
        bases = dictionary.assessments.inputs(ids)
        made = SampleFlagger(dictionary).assessments(ids)
        stored = []
        for gain_mm, each in zip((1.0, -2.0, 70.0), made, strict=True):
            gains[WRIST[1]] = gain_mm
            known = replace(each, basis=bases[each.basis.sample_id], touch_gains_mm=gains.copy())
            stored.append(known)
        dictionary.assessments.store(stored)
    best = listed(project, "--where", "touch:0.9..", "--limit", "1")
    assert best[0] | {"name": ""} == {
        "sample": WRONG_ID,
        "name": "",
        "keypoint": KEYPOINT_NAMES[WRIST[1]],
        "gain_mm": 70.0,
    }
    assert {touch["sample"] for touch in listed(project)} >= {1, WRONG_ID}
    assert 2 not in {touch["sample"] for touch in listed(project)}
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({WRONG_ID: Verdict.ACCEPTED})
    assert WRONG_ID not in {touch["sample"] for touch in listed(project)}
    assert f"#{WRONG_ID}" in run("touches", str(project), "--where", "verdict:accepted")


def test_a_limbs_joint_that_is_missing_has_a_gain_by_the_one_name_that_is_asked_for(project):
    with Dictionary.open(project) as dictionary:
        sample = dictionary.samples.get(1)
        keypoints = sample.keypoints_px.copy()
        keypoints[list(WRIST)] = 0
        dictionary.corrections.set_keypoints(1, keypoints, compare=lambda *_: None)
        dictionary.assessments.ask_for_touch_gains()
        flagger = SampleFlagger(dictionary)
        inputs = flagger.touch_inputs([1])
        unmarked = replace(inputs.flags.keypoints, marked=None)
        without = replace(inputs, flags=replace(inputs.flags, keypoints=unmarked))
        gains = flagger.touches.gains(without).gain_mm[0]
        taken_away = flagger.touches.gains(inputs).gain_mm[0]
    assert torch.isfinite(gains[list(WRIST)]).sum() == 1
    assert torch.isnan(taken_away[list(WRIST)]).all()


def test_a_trial_moves_the_body_as_a_correction_to_that_place_does(project):
    """The trial is told what the corrector is told when a person puts the keypoint there."""
    with Dictionary.open(project) as dictionary:
        flagger = SampleFlagger(dictionary)
        inputs = flagger.touch_inputs([WRONG_ID])
    body = flagger.touches.body
    pairs = flagger.touches.pairs(inputs)
    wrist = int(body.distinct_of_keypoint[WRIST[1]])
    row = pairs.rows(pairs.left_out.keypoint == wrist)
    moved = float(flagger.touches.trial_moves_mm(inputs, row)[0])
    stays = replace(row, head_px=inputs.flags.keypoints.positions_crop_px[:, WRIST[1]])
    assert moved > 2 * float(flagger.touches.trial_moves_mm(inputs, stays)[0])
    both = replace(
        row,
        left_out=LeftOut(*(torch.cat([part, part]) for part in vars(row.left_out).values())),
        head_px=torch.cat([row.head_px, stays.head_px]),
    )
    together = flagger.touches.trial_moves_mm(inputs, both)
    assert float(together[0]) == pytest.approx(moved, rel=0.02)


def test_a_keypoint_that_a_person_placed_is_not_asked_for_again(project):
    with Dictionary.open(project) as dictionary:
        sample = dictionary.samples.get(WRONG_ID)
        keypoints = sample.keypoints_px.copy()
        keypoints[list(WRIST), 0] += 1
        dictionary.corrections.set_keypoints(WRONG_ID, keypoints, compare=lambda *_: None)
        sources = dictionary.samples.get(WRONG_ID).keypoint_sources
        assert (sources[list(WRIST)] == KeypointSource.MARKED).all()
        dictionary.assessments.ask_for_touch_gains()
        made = SampleFlagger(dictionary).assessments([WRONG_ID])
    gains = made[0].touch_gains_mm
    assert np.isnan(gains[list(WRIST)]).all()
    assert np.isfinite(gains).any()


def test_a_persons_gains_do_not_depend_on_the_others(project):
    with Dictionary.open(project) as dictionary:
        dictionary.assessments.ask_for_touch_gains()
        flagger = SampleFlagger(dictionary)
        together = flagger.assessments([1, 2, WRONG_ID])
        alone = flagger.assessments([WRONG_ID])
    np.testing.assert_allclose(
        alone[0].touch_gains_mm, together[2].touch_gains_mm, rtol=1e-2, atol=1e-2
    )


def test_flags_cost_no_gains_until_someone_asks_for_them(project):
    with Dictionary.open(project) as dictionary:
        (before,) = SampleFlagger(dictionary).assessments([WRONG_ID])
        dictionary.assessments.ask_for_touch_gains()
        (after,) = SampleFlagger(dictionary).assessments([WRONG_ID])
    assert before.touch_gains_mm is None
    assert np.isfinite(after.touch_gains_mm).any()


def test_fits_assessed_before_there_were_gains_are_assessed_when_the_list_is_asked_for(project):
    with Dictionary.open(project) as dictionary:
        bases = dictionary.assessments.inputs([WRONG_ID])
        (made,) = SampleFlagger(dictionary).assessments([WRONG_ID])
        dictionary.assessments.store([replace(made, basis=bases[WRONG_ID], touch_gains_mm=None)])
        assert dictionary.assessments.touch_gains_mm(WRONG_ID) is None
    listed(project)
    with Dictionary.open(project) as dictionary:
        assert dictionary.assessments.touch_gains_mm(WRONG_ID) is not None


def test_a_model_survives_the_file_and_a_broken_one_is_named(tmp_path):
    model, path = TouchModel.load(), tmp_path / "touches.json"
    model.save(path)
    assert TouchModel.load(path) == model
    path.write_text(path.read_text(encoding="utf-8").replace('"gain if wrong"', '"other"'))
    with pytest.raises(UserFileError, match="touches"):
        TouchModel.load(path)
