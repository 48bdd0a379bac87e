"""``main.py audit``: what verdicts tell of flags, of suspicion, and of what is left."""

import json

import pytest

import main as program
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from tests.spin_gui.small_project import make_project


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path, people=20, pictures=False)


def told(project, capsys, *more):
    assert program.main(["audit", str(project), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_verdicts_and_draws_the_command_says_how_to_begin(project, capsys):
    assert program.main(["audit", str(project)]) == 0
    printed = capsys.readouterr()
    assert "No fit was accepted, rejected or corrected yet." in printed.out
    assert "--begin" in printed.err


def test_a_seed_makes_the_same_draws_again(project, capsys):
    first = told(project, capsys, "--begin", "--seed", "4")
    names = told(project, capsys, "--next", "5")["next"]
    again = told(project, capsys, "--begin", "--seed", "4", "--share", "0.2")
    assert first["audit"]["seed"] == 4
    assert again["audit"]["share"] == 0.2
    assert told(project, capsys, "--next", "5")["next"] == names


def test_verdicts_on_random_fits_become_an_interval(project, capsys):
    program.main(["audit", str(project), "--begin", "--seed", "4"])
    capsys.readouterr()
    named = told(project, capsys, "--next", "10")["next"]
    with Dictionary.open(project) as dictionary:
        verdicts = dict.fromkeys((row["sample"] for row in named), Verdict.ACCEPTED)
        dictionary.verdicts.set(verdicts | {named[0]["sample"]: Verdict.REJECTED})
    estimate = told(project, capsys)["estimate"]
    assert (estimate["checked"], estimate["wrong"], estimate["unreviewed"]) == (10, 1, 10)
    assert program.main(["audit", str(project)]) == 0
    printed = capsys.readouterr().out
    assert "Wrong: 1 of 10 random fits. Wrong among the 10 that wait" in printed
    assert "0 of 5 wrong, 0 to 43 %" in printed


def test_a_share_of_most_of_the_queue_is_refused(project, capsys):
    assert program.main(["audit", str(project), "--begin", "--share", "0.9"]) != 0
    assert "at most 0.5" in capsys.readouterr().err


def test_naming_draws_before_there_are_any_tells_how_to_draw(project, capsys):
    assert program.main(["audit", str(project), "--next", "3"]) != 0
    assert "--begin" in capsys.readouterr().err


def test_a_share_without_a_draw_is_refused_instead_of_passed_over(project, capsys):
    assert program.main(["audit", str(project), "--share", "0.2"]) == 1
    assert "--begin --share 0.2" in capsys.readouterr().err
