"""``main.py similar``: the nearest poses by number."""

import json

import numpy as np
import pytest

import main as program
from core.dictionary.store import Dictionary
from core.types.fits import Origin
from tests.core.dictionary.conftest import new_fit, new_sample


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add([new_sample(number) for number in range(4)]).added_ids
        poses = [np.linspace(0, 0.5, 72) * scale for scale in (1.0, 3.0, 1.05, 1.6)]
        dictionary.fits.offer(
            [
                new_fit(sample_id, pose=pose, origin=Origin.MEAN)
                for sample_id, pose in zip(ids, poses, strict=True)
            ]
        )
    return folder


def test_the_nearest_poses_are_listed_first_and_not_the_sample_itself(project, capsys):
    assert program.main(["similar", str(project), "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["similar"]
    assert [each["sample"] for each in found] == [3, 4, 2]
    assert found[0]["distance_mm"] < found[1]["distance_mm"]


def test_a_filter_and_a_count_narrow_the_list(project, capsys):
    where = ["--where", "verdict:none", "--count", "1"]
    assert program.main(["similar", str(project), "1", *where]) == 0
    assert capsys.readouterr().out.startswith("#3  ")


def test_a_sample_without_a_fit_is_an_error(project, capsys):
    assert program.main(["similar", str(project), "77"]) != 0
    assert "no sample 77 with a fit" in capsys.readouterr().err
