"""Errors made in accepted fits of a project: measured and flagged as fits are, and no fits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.search.query_parser import query_from_text
from core.dictionary.store import Dictionary
from core.errors import Cancelled, StudioError
from core.progress import CancelToken
from core.types.fits import Verdict
from core.types.flags import FlagName
from core.types.reviewing.made_errors import ErrorKind
from core.workflows.export_formats import export_project
from core.workflows.fit_project import fit_samples
from core.workflows.flag_project import flag_samples
from core.workflows.reviewing.errors_to_plant import ErrorsToPlant
from core.workflows.reviewing.plant_errors import plant_errors
from main import main
from tests.core.workflows.test_fitting import people_of

PEOPLE = 7


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory, open_body) -> Path:
    """Seven fitted people, six of them accepted by maria."""
    folder = tmp_path_factory.mktemp("accepted") / "project"
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add(people_of(open_body, PEOPLE)).added_ids
    fit_samples(folder)
    flag_samples(folder)
    with Dictionary.open(folder) as dictionary:
        dictionary.verdicts.set(dict.fromkeys(ids[:-1], Verdict.ACCEPTED), "maria")
    return folder


@pytest.fixture
def project(tmp_path: Path, accepted: Path) -> Path:
    return Path(shutil.copytree(accepted, tmp_path / "project"))


def seen_by(project: Path, name: str) -> Dictionary:
    dictionary = Dictionary.open(project)
    dictionary.sign_as(name)
    dictionary.hidden.update()
    return dictionary


def test_errors_are_measured_and_assessed_as_fits_are(project):
    asked = ErrorsToPlant(count=6, kinds=(ErrorKind.SIDES_EXCHANGED, ErrorKind.EXTREME_SHAPE))
    planted = plant_errors(project, asked)
    assert planted.by_kind == {ErrorKind.SIDES_EXCHANGED: 3, ErrorKind.EXTREME_SHAPE: 3}
    assert planted.candidates == 6
    with Dictionary.open(project) as dictionary, seen_by(project, "jan") as seen:
        right = dictionary.fits.current(planted.sample_ids)
        wrong = seen.fits.current(planted.sample_ids)
        flags = seen.flags.by_sample(planted.sample_ids)
        for sample_id, fit in wrong.items():
            assert not np.array_equal(
                fit.parameters.pose_axis_angle, right[sample_id].parameters.pose_axis_angle
            ) or not np.array_equal(fit.parameters.betas, right[sample_id].parameters.betas)
            assert fit.losses.comparison >= right[sample_id].losses.comparison - 1e-3
            assert flags[sample_id], "each of these is suspicious"
        found = {flag.name for of_sample in flags.values() for flag in of_sample}
        assert FlagName.BETAS in found
        assert dictionary.problems() == []


def test_nothing_that_leaves_the_project_holds_an_error(project, tmp_path):
    before = tmp_path / "before.npz", tmp_path / "after.npz"
    export_project(project, "spin-fits", before[0])
    with Dictionary.open(project) as dictionary:
        told = dictionary.info()
    plant_errors(project, ErrorsToPlant(count=6))
    export_project(project, "spin-fits", before[1])
    with np.load(before[0]) as first, np.load(before[1]) as second:
        assert set(first) == set(second)
        assert all(np.array_equal(first[name], second[name]) for name in first)
    with Dictionary.open(project) as dictionary:
        assert dictionary.info() == told


def test_a_draw_is_the_same_in_a_copy_and_another_with_another_seed(project, tmp_path):
    copy = shutil.copytree(project, tmp_path / "copy")
    kinds = (ErrorKind.BODY_MOVED, ErrorKind.BODY_TURNED)
    asked = ErrorsToPlant(count=3, kinds=kinds, seed=5)
    first, second = plant_errors(project, asked), plant_errors(copy, asked)
    assert first == second
    with seen_by(project, "jan") as one, seen_by(copy, "jan") as other:
        bodies = [each.fits.current(first.sample_ids) for each in (one, other)]
    for sample_id in first.sample_ids:
        pair = [of_copy[sample_id].parameters for of_copy in bodies]
        assert np.array_equal(pair[0].camera_translation, pair[1].camera_translation)


def test_stopping_plants_nothing_and_nonsense_is_refused(project):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        plant_errors(project, ErrorsToPlant(count=3), progress=lambda _: cancel.cancel(),
                     cancel=cancel)  # fmt: skip
    for asked in (ErrorsToPlant(count=0), ErrorsToPlant(count=1, kinds=())):
        with pytest.raises(StudioError, match="were asked for"):
            plant_errors(project, asked)
    no_one = ErrorsToPlant(count=1, where=query_from_text("verdict:rejected"))
    assert plant_errors(project, no_one).summary().startswith("No accepted fit")
    with Dictionary.open(project) as dictionary:
        assert not dictionary.questions.counts()


def test_the_command_plants_tells_scores_and_forgets(project, capsys):
    folder = str(project)
    arguments = ["known-cases", folder, "--made-errors", "--count", "4"]
    assert main([*arguments, "--kinds", "body-moved,limb-turned"]) == 0
    assert "4 made errors are mixed into what reviewers judge: 2 limb turned, 2 body moved." in (
        capsys.readouterr().out
    )
    with seen_by(project, "jan") as dictionary:
        shown = sorted(dictionary.hidden.fit_ids)
        dictionary.verdicts.set_on_fits(dict.fromkeys(shown[:3], Verdict.REJECTED), blind=shown)
        dictionary.verdicts.set_on_fits({shown[3]: Verdict.ACCEPTED}, blind=shown)
    assert main(["reviewers", folder]) == 0
    told = capsys.readouterr().out
    assert "jan: 3 of 4 known cases right (30 to 95 %); found 3 of 4 made errors" in told
    assert "accepted 1 that should be rejected" in told
    assert main(["reviewers", folder, "--json"]) == 0
    (score,) = json.loads(capsys.readouterr().out)["known_cases"]
    assert sum(shown for _found, shown in score["errors"].values()) == 4
    assert 0.25 < score["right_low"] < 0.35
    assert main(["known-cases", folder, "--clear"]) == 0
    with Dictionary.open(project) as dictionary:
        assert not dictionary.questions.counts()
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main([*arguments, "--kinds", "lost-head"])
    assert "limb-mirrored" in capsys.readouterr().err
