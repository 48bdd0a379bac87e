"""``reviewers`` and ``merge-verdicts`` on the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from main import main
from tests.core.dictionary.conftest import new_fit, new_sample


@pytest.fixture
def copies(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    with Dictionary.create(first) as dictionary:
        dictionary.samples.add(new_sample(number) for number in (1, 2, 3))
        dictionary.fits.offer([new_fit(number) for number in (1, 2, 3)])
    shutil.copytree(first, second)
    for copy, reviewer, second_verdict in (
        (first, "maria", Verdict.ACCEPTED),
        (second, "jan", Verdict.REJECTED),
    ):
        with Dictionary.open(copy) as dictionary:
            dictionary.verdicts.set({1: Verdict.ACCEPTED, 2: second_verdict}, reviewer)
    return str(first), str(second)


def test_copies_are_merged_and_the_agreement_is_told(copies, capsys):
    first, second = copies
    assert main(["merge-verdicts", first, second, "--dry-run", "--json"]) == 0
    rehearsed = json.loads(capsys.readouterr().out)
    assert rehearsed["dry_run"] is True
    assert main(["merge-verdicts", first, second, "--json"]) == 0
    merged = json.loads(capsys.readouterr().out)
    assert merged == {**rehearsed, "dry_run": False}
    assert (merged["added"], merged["changed"], len(merged["disagreed"])) == (2, 1, 1)
    assert main(["merge-verdicts", first, second]) == 0
    assert "no verdict or comment that this project lacks" in capsys.readouterr().out
    assert main(["reviewers", first, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    (pair,) = told["pairs"]
    assert (pair["reviewers"], pair["fits"], pair["agreed"]) == (["jan", "maria"], 2, 1)
    assert pair["table"]["rejected"]["accepted"] == 1
    assert told["disagreements"] == 1
    assert main(["reviewers", first]) == 0
    assert "jan and maria: the same verdict on 1 of 2 fits" in capsys.readouterr().out


def test_a_project_without_verdicts_says_so(tmp_path, capsys):
    Dictionary.create(tmp_path / "empty").close()
    assert main(["reviewers", str(tmp_path / "empty")]) == 0
    assert capsys.readouterr().out == "No verdicts yet.\n"


def test_work_is_divided_and_second_opinions_are_drawn(copies, capsys):
    first, _second = copies
    assert main(["assign", first, "--to", "maria=2,jan=1", "--by-order"]) == 0
    assert capsys.readouterr().out == "maria: 2 people\njan: 1 person\n"
    assert main(["assign", first, "--to", "maria=two"]) == 1
    assert "'two' is no share" in capsys.readouterr().err
    for twice_or_endless in ("maria,maria", "maria=1e400,jan"):
        assert main(["assign", first, "--to", twice_or_endless]) == 1
    assert main(["assign", first, "--clear"]) == 0
    assert main(["second-opinions", first, "--share", "0.5", "--of", "jan"]) == 0
    assert "asked for on 1 person" in capsys.readouterr().out
    assert main(["second-opinions", first, "--share", "2"]) == 1
    assert main(["second-opinions", first, "--clear"]) == 0
    assert main(["second-opinions", first, "--share", "1", "--of", "maria"]) == 1, "hers are first"


def test_comments_are_written_under_a_name_and_listed(copies, capsys):
    first, _second = copies
    assert main(["comments", first, "--add", "look again"]) == 1
    assert (
        main(
            [
                "comments",
                first,
                "--add",
                "look again",
                "--where",
                "verdict:accepted",
                "--reviewer",
                "eva",
            ]
        )
        == 0
    )
    assert capsys.readouterr().out.count("eva: look again") == 2
    assert main(["comments", first, "--where", "comment:again", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["comments"]
    assert [(each["author"], each["text"]) for each in told] == [("eva", "look again")] * 2


def test_known_cases_are_drawn_from_an_experts_verdicts(copies, capsys):
    first, _second = copies
    assert main(["known-cases", first, "--expert", "maria", "--count", "2"]) == 0
    assert "2 known cases are mixed into" in capsys.readouterr().out
    with Dictionary.open(Path(first)) as dictionary:
        fits = dictionary.known_cases.waiting_for("jan")
        dictionary.verdicts.set_on_fits(dict.fromkeys(fits, Verdict.REJECTED), "jan", blind=fits)
    assert main(["reviewers", first]) == 0
    told = capsys.readouterr().out
    assert (
        "jan: 0 of 2 known cases right (0 to 66 %); rejected 2 that the expert had accepted."
        in told
    )
    assert main(["known-cases", first, "--clear"]) == 0
    capsys.readouterr()
    assert main(["known-cases", first, "--expert", "eva"]) == 1
    assert "'eva' has judged no fit" in (told := capsys.readouterr().err)
    assert "maria" in told
