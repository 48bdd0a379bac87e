"""A corrected body mends the frames around it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.body.depth_mirror import BodyPart
from core.dictionary.store import Dictionary
from core.engine.smplify.inputs import BodyEstimate
from core.engine.smplify.pose_edits import mirrored_in_depth
from core.engine.smplify.pose_prior import PosePrior
from core.engine.smplify.search_selection import body_distance
from core.errors import StudioError
from core.types.fits import Origin, Verdict
from core.types.tracks import TrackMember
from core.workflows.correct_sample import Corrector
from core.workflows.frames.carry_over import carry_over, frames_around
from tests.core.workflows.test_lifting import Crowd

FRAMES = 5
CORRECTED = 2


@pytest.fixture(scope="module")
def corrector(open_body) -> Corrector:
    return Corrector(open_body, PosePrior.load())


@pytest.fixture(scope="module")
def crowd(open_body) -> Crowd:
    return Crowd(open_body)


@pytest.fixture
def filmed(tmp_path, crowd, corrector):
    """One still person in five frames; of all but one frame the legs are mirrored in depth."""
    made = crowd.samples()[0]
    true = crowd.truth.to_parameters()[0]
    wrong = true
    for part in (BodyPart.LEFT_LEG, BodyPart.RIGHT_LEG, BodyPart.LEFT_ARM, BodyPart.RIGHT_ARM):
        wrong = mirrored_in_depth(wrong, part, body=corrector.body)
    with Dictionary.create(tmp_path / "project") as dictionary:
        frames = [replace(made, picture_path=Path(f"/p/{frame}.jpg")) for frame in range(FRAMES)]
        ids = dictionary.samples.add(frames).added_ids
        dictionary.tracks.replace_all([[TrackMember(each, at) for at, each in enumerate(ids)]])
        for place, sample in enumerate(dictionary.samples.get_many(ids)):
            body, origin = (true, Origin.CORRECTED) if place == CORRECTED else (wrong, Origin.REFIT)
            dictionary.fits.offer([corrector.measured(sample, body, origin).as_fit(sample)])
        yield dictionary, ids


def error_mm(crowd: Crowd, parameters) -> float:
    estimate = BodyEstimate.from_parameters([parameters])
    found = crowd.body.keypoints(estimate.rotations, estimate.betas)
    return float(1e3 * body_distance(found, crowd.keypoints_3d[:1]))


def test_frames_around_are_mended_from_the_corrected_one(filmed, crowd, corrector):
    dictionary, ids = filmed
    before = dictionary.fits.current(ids)
    carried = carry_over(dictionary, corrector, ids[CORRECTED])
    assert {each.sample.id for each in carried} == {*ids} - {ids[CORRECTED]}
    for each in carried:
        assert each.made_from_fit_id == before[each.sample.id].id
        wrong = error_mm(crowd, before[each.sample.id].parameters)
        assert error_mm(crowd, each.body.parameters) < min(0.5 * wrong, 40)


def test_nothing_is_stored(filmed, corrector):
    dictionary, ids = filmed
    before = dictionary.fits.current_ids(ids)
    carry_over(dictionary, corrector, ids[CORRECTED])
    assert dictionary.fits.current_ids(ids) == before


def test_it_ends_where_a_frame_is_known_better(filmed):
    dictionary, ids = filmed
    dictionary.verdicts.set({ids[1]: Verdict.ACCEPTED}, author="test")
    assert frames_around(dictionary, ids[CORRECTED]) == ([], [ids[3], ids[4]])
    assert frames_around(dictionary, ids[4]) == ([ids[3]], [])


def test_without_neighbours_it_says_what_is_missing(filmed, corrector):
    dictionary, ids = filmed
    dictionary.tracks.replace_all([])
    with pytest.raises(StudioError, match="no frame to carry this body to"):
        carry_over(dictionary, corrector, ids[CORRECTED])


def test_a_body_is_placed_where_the_other_keypoints_are(filmed, corrector):
    dictionary, ids = filmed
    (sample,) = dictionary.samples.get_many([ids[0]])
    fit = dictionary.fits.current([ids[CORRECTED]])[ids[CORRECTED]]
    away = replace(fit.parameters, camera_translation=np.array([1.0, -1.0, 20.0], dtype=np.float32))
    placed = corrector.placed(sample, away)
    seen_px = corrector.keypoints_crop_px(placed) - sample.keypoints_crop_px[:, :2]
    assert np.linalg.norm(seen_px, axis=1).mean() < 5
