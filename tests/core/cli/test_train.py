"""``train``: what the line says becomes the configuration; Ctrl+C keeps; a resume goes on."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from core.cli import train as command
from core.cli.console import Console
from core.cli.parser import build_parser
from core.errors import StudioError
from core.runs.run_folder import RunFolder
from core.runs.training_configuration import TrainingConfiguration, profile_configuration
from core.types.fits import Verdict


def options(tmp_path, *words):
    return build_parser().parse_args(["train", str(tmp_path), *words])


def test_options_change_their_profile_and_nothing_else(tmp_path):
    given = options(
        tmp_path, "--profile", "cpu-demo", "--iterations", "7", "--static", "--no-pull",
        "--where", "verdict:accepted beach",
    )  # fmt: skip
    configuration = command.configuration_of(given)
    assert configuration.where.query().verdicts == {Verdict.ACCEPTED}
    expected = replace(
        profile_configuration("cpu-demo"),
        iterations=7,
        static=True,
        pull=False,
        where=configuration.where,
    )
    assert configuration == expected


def test_without_options_the_studio_profile_trains(tmp_path):
    assert command.configuration_of(options(tmp_path)) == profile_configuration("studio")


def test_a_resumed_run_keeps_its_own_values(tmp_path):
    stored = replace(profile_configuration("cpu-demo"), learning_rate=0.002)
    RunFolder.of(tmp_path, 3).prepare(stored)
    given = options(tmp_path, "--resume", "3", "--iterations", "2000")
    assert command.configuration_of(given) == replace(stored, iterations=2000)


def test_a_run_that_is_no_training_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(StudioError, match="no training with the number 4") as caught:
        command.configuration_of(options(tmp_path, "--resume", "4"))
    assert "has none" in str(caught.value.remedy)
    for run_id in (10, 3):
        RunFolder.of(tmp_path, run_id).prepare(profile_configuration("cpu-demo"))
    with pytest.raises(StudioError) as caught:
        command.configuration_of(options(tmp_path, "--resume", "4"))
    assert caught.value.remedy == "Its trainings are: 3, 10."


def test_a_configuration_survives_json_and_refuses_nonsense():
    for name in ("paper", "studio", "cpu-demo"):
        configuration = profile_configuration(name)
        assert TrainingConfiguration.from_json(configuration.to_json()) == configuration
    for text in ('{"batch": 3}', '{"batch_size": "3"}', '{"pull": 1}', "[]", "{", '{"seed": true}'):
        with pytest.raises(StudioError):
            TrainingConfiguration.from_json(text)
    with pytest.raises(StudioError, match="batch_size"):
        replace(profile_configuration("studio"), batch_size=0)


def test_small_sets_freeze_normalisation_unless_the_paper_is_followed():
    assert profile_configuration("studio").freezes_normalisation(1999)
    assert not profile_configuration("studio").freezes_normalisation(2000)
    assert not profile_configuration("paper").freezes_normalisation(10)


def test_the_paper_profile_holds_the_papers_numbers():
    paper = profile_configuration("paper")
    assert (paper.backbone, paper.input_size_px, paper.batch_size) == ("resnet50", 224, 64)
    assert (paper.learning_rate, paper.iterations) == (3e-5, 300_000)
    weights = (paper.pose_weight, paper.betas_weight, paper.keypoints_2d_weight)
    assert (*weights, paper.keypoints_3d_weight, paper.loss_scale) == (1, 0.001, 5, 5, 60)
    assert (paper.fitting_profile, paper.pull, paper.openpose_weight) == ("paper", False, 0)


def test_a_training_without_samples_is_refused_in_a_sentence(tmp_path):
    from core.dictionary.store import Dictionary

    Dictionary.create(tmp_path / "empty").close()
    given = options(tmp_path / "empty", "--profile", "cpu-demo", "--iterations", "1")
    with pytest.raises(StudioError, match="None of the 0 selected"):
        command.run(given, Console(io.StringIO(), io.StringIO()))
