"""``fit`` fits whom the filter names, and does not end well where no person can be."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.body_ownership import BODY_NAME
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.fits import Origin
from core.types.predictions import NewPrediction
from tests.coco_people import write_people
from tests.spin_gui.small_project import new_sample


def run(*words: str | Path) -> tuple[int, str, str]:
    """Status, result and log of a subcommand."""
    out, log = io.StringIO(), io.StringIO()
    options = build_parser().parse_args([str(word) for word in words])
    return options.run(options, Console(out, log)), out.getvalue(), log.getvalue()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three people who can be fitted, and one without keypoints, of another data set."""
    run("import", tmp_path / "project", "coco", write_people(tmp_path, 3))
    with Dictionary.open(tmp_path / "project") as dictionary:
        dictionary.samples.add([new_sample(tmp_path, 9, visible=0)])
    return tmp_path / "project"


def fitted(project: Path) -> list[int]:
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids(SampleQuery()).tolist()
        return sorted(dictionary.fits.current(ids))


def test_only_those_whom_the_filter_names_are_fitted(project: Path) -> None:
    with Dictionary.open(project) as dictionary:
        second = dictionary.samples.get_many([2])[0]
    status, told, _ = run("fit", project, "--where", f"without:fit {second.person_key}")
    assert status == 0
    assert told.startswith("Fitted 1 person")
    assert fitted(project) == [2]
    assert run("fit", project)[1].startswith("Fitted 2 people")
    assert fitted(project) == [1, 2, 3]


def test_everybody_fitted_already_is_a_good_end(project: Path) -> None:
    run("fit", project)
    status, told, _ = run("fit", project)
    assert status == 0
    assert "Fitted 0 people" in told


def make_set(project: Path, sample_ids: list[int]) -> None:
    """A prediction set of bodies beside the current fits."""
    with Dictionary.open(project) as dictionary:
        bodies = [
            NewPrediction(sample_id=fit.sample_id, parameters=fit.parameters)
            for fit in dictionary.fits.current(sample_ids).values()
        ]
        sets = dictionary.prediction_sets
        name = dictionary.settings.get(BODY_NAME)
        sets.add(sets.open("theirs", SetKind.IMPORTED, source="file"), bodies, body_name=name)


def test_fits_begin_at_the_bodies_of_a_set_for_its_people(project: Path) -> None:
    run("fit", project)
    make_set(project, [1, 2])
    status, told, _ = run("fit", project, "--init", "set:theirs")
    assert status == 0
    assert "From 'theirs': Refitted 2 people" in told
    assert "best from 'theirs' 2" in told
    with Dictionary.open(project) as dictionary:
        histories = [dictionary.fits.history(sample_id) for sample_id in (1, 2, 3)]
    refitted = [any(fit.origin is Origin.REFIT for fit in history) for history in histories]
    assert refitted == [True, True, False]
    again = run("fit", project, "--init", "set:theirs")[1]
    assert "2 had such a fit already" in again


@pytest.mark.parametrize("start", ["set:", "somewhere", "theirs"])
def test_a_start_that_is_none_is_told_with_those_there_are(
    project: Path, start: str, capsys
) -> None:
    with pytest.raises(SystemExit):
        run("fit", project, "--init", start)
    assert "mean, lifter, network, or set:NAME" in capsys.readouterr().err


def test_a_set_that_is_not_there_is_told(project: Path) -> None:
    with pytest.raises(StudioError, match="theirs"):
        run("fit", project, "--init", "set:theirs")


def test_people_who_cannot_be_fitted_are_told_and_no_good_end(project: Path) -> None:
    status, told, log = run("fit", project, "--where", "dataset:trial")
    assert status == 1
    assert "1 has too few keypoints" in told
    assert "None of these people can be fitted" in log


def test_a_filter_that_no_person_passes_is_told(project: Path) -> None:
    with pytest.raises(StudioError, match="verdict:rejected"):
        run("fit", project, "--where", "verdict:rejected")


def test_without_truth_a_projects_2d_errors_are_shown(project: Path) -> None:
    with pytest.raises(StudioError, match="has a fit or a prediction"):
        run("evaluate", "project", project)
    run("fit", project)
    status, told, _ = run("evaluate", "project", project)
    assert status == 0
    assert "No ground truth for any of 4 people" in told
    row = next(line for line in told.splitlines() if "current fits" in line)
    people, error = (cell.strip() for cell in row.strip("| ").split("|")[1:3])
    assert people == "3"
    assert 0 < float(error) < 50


@pytest.mark.parametrize("words", [("refit",), ("export", "spin-fits", "fits.npz")])
def test_a_filter_that_lets_no_person_through_is_told(
    project: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    subcommand, *rest = (tmp_path / word if word.endswith(".npz") else word for word in words)
    _, _, log = run(subcommand, project, *rest, "--where", "verdict:rejected")
    assert "matches the filter 'verdict:rejected'" in log
