"""Official files are checked before they are put in place, and found there by what needs them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.errors import UserFileError
from core.files.user_folder import VARIABLE, official_folder, user_data_folder
from core.runs.installed_bodies import InstalledBodies
from core.types.genders import Gender
from core.workflows.official_files.catalogue import OFFICIAL_FILES, OfficialKind
from core.workflows.official_files.installed import placed_files, put_in_place
from tests.core.workflows.official_files.test_recognition import saved, smpl_shaped


@pytest.fixture(scope="module")
def bodies(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("downloads")
    entries = smpl_shaped()
    for name in ("basicModel_f_lbs_10_207_0_v1.0.0.pkl", "mine.pkl"):
        saved(folder / name, entries)
    return folder


@pytest.fixture
def female(bodies: Path) -> Path:
    return bodies / "basicModel_f_lbs_10_207_0_v1.0.0.pkl"


def in_place(folder: Path) -> dict[OfficialKind, str]:
    return {each.entry.kind: each.path.name for each in placed_files(folder) if each.path}


def test_a_file_gets_the_name_that_its_users_look_for(female, tmp_path):
    folder = tmp_path / "new" / "official"
    assert in_place(folder) == {}
    found, target = put_in_place(female, folder)
    assert found.kind is OfficialKind.SMPL_FEMALE
    assert target == folder / "SMPL_FEMALE.pkl"
    assert target.read_bytes() == female.read_bytes()
    assert in_place(folder) == {OfficialKind.SMPL_FEMALE: "SMPL_FEMALE.pkl"}
    assert [path.name for path in folder.iterdir()] == ["SMPL_FEMALE.pkl"], "nothing else is left"


def test_every_entry_of_the_catalogue_has_a_place_of_its_own():
    names = [entry.stored_name for entry in OFFICIAL_FILES]
    assert len(set(names)) == len(names) == len(OfficialKind)


def test_the_same_file_again_is_no_matter_and_another_does_not_take_its_place(female, tmp_path):
    _, target = put_in_place(female, tmp_path)
    assert put_in_place(female, tmp_path)[1] == target
    entries = smpl_shaped()
    entries["v_template"] = entries["v_template"] + 0.01
    other = tmp_path / "downloads_female.pkl"
    saved(other, entries)
    with pytest.raises(UserFileError, match="another SMPL female is in place") as told:
        put_in_place(other, tmp_path)
    assert "Remove that one first" in told.value.remedy
    assert target.read_bytes() == female.read_bytes()


def test_a_gender_that_nothing_tells_is_said_by_the_user(bodies, female, tmp_path):
    with pytest.raises(UserFileError, match="gender that its name does not say") as told:
        put_in_place(bodies / "mine.pkl", tmp_path)
    assert "SMPL_NEUTRAL" in told.value.remedy
    _, target = put_in_place(bodies / "mine.pkl", tmp_path, kind=OfficialKind.SMPL_MALE)
    assert target.name == "SMPL_MALE.pkl"
    with pytest.raises(UserFileError, match="expected SMPL male"):
        put_in_place(female, tmp_path, kind=OfficialKind.SMPL_MALE)
    with pytest.raises(UserFileError, match="gender that its name does not say"):
        put_in_place(bodies / "mine.pkl", tmp_path, kind=OfficialKind.POSE_PRIOR)


def test_what_is_of_no_use_is_refused_with_what_it_is(tmp_path):
    np.savez(
        tmp_path / "SMPL_NEUTRAL.npz",
        v_template=np.zeros((10475, 3)),
        J_regressor=np.zeros((55, 10475)),
    )
    with pytest.raises(UserFileError, match="SMPL-X: not usable"):
        put_in_place(tmp_path / "SMPL_NEUTRAL.npz", tmp_path / "official")
    assert not (tmp_path / "official").exists()


def test_bodies_in_place_serve_to_convert_other_methods_bodies(female, monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert InstalledBodies().arrays("smpl", Gender.FEMALE) is None
    put_in_place(female, official_folder())
    assert InstalledBodies().arrays("smpl", Gender.FEMALE) is not None
    assert InstalledBodies().arrays("smpl", Gender.MALE) is None


def test_the_users_folder_is_the_systems_unless_another_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_data_folder() == tmp_path / "spin-studio"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert user_data_folder() == Path.home() / ".local/share/spin-studio"
    monkeypatch.setenv(VARIABLE, str(tmp_path / "mine"))
    assert official_folder() == tmp_path / "mine" / "official"


def test_the_command_line_puts_files_in_place_and_lists_them(female, monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    console = Console(out=io.StringIO(), log=io.StringIO())
    words = ["official", str(female), str(tmp_path / "gone.pkl"), "--json"]
    options = build_parser().parse_args(words)
    assert options.run(options, console) == 1
    told = json.loads(console.out.getvalue())
    assert told["files"]["SMPL female"] == str(official_folder() / "SMPL_FEMALE.pkl")
    assert told["files"]["SMPL male"] is None
    assert list(told["placed"]) == [str(female)]
    assert "gone.pkl" in told["refused"][str(tmp_path / "gone.pkl")]
    console = Console(out=io.StringIO(), log=io.StringIO())
    options = build_parser().parse_args(["official"])
    assert options.run(options, console) == 0
    lines = console.out.getvalue().splitlines()
    assert any(line.startswith("SMPL female") and "SMPL_FEMALE.pkl" in line for line in lines)
    assert any("not in place, the demo regressor serves" in line for line in lines)
