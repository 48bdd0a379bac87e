"""The subcommands, as a script would call them: import, fit, info, export on real pictures."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

import main as program
from core.cli.console import Console
from core.cli.parser import build_parser
from core.errors import StudioError


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """A subcommand's status, result and log."""
    out, log = io.StringIO(), io.StringIO()
    options = build_parser().parse_args([str(argument) for argument in arguments])
    return options.run(options, Console(out, log)), out.getvalue(), log.getvalue()


def info(project: Path) -> dict[str, object]:
    """What ``info --json`` prints."""
    return json.loads(run("info", project, "--json")[1])


@pytest.fixture(scope="module")
def fitted(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The COCO pictures imported and fitted."""
    project = tmp_path_factory.mktemp("trial") / "project"
    coco = shared_folder / "realdata" / "coco"
    status, _, _ = run("import", project, "coco", coco / "person_keypoints.json", "--images", coco)
    assert status == 0
    status, _, _ = run("fit", project)
    assert status == 0
    return project


def test_everybody_in_the_pictures_is_there(fitted: Path) -> None:
    facts = info(fitted)
    assert facts["samples"] == 14
    assert facts["by_origin"]["network"] >= 12, "two of the fourteen have no keypoints"


def test_most_fits_lie_on_their_people(fitted: Path) -> None:
    from core.dictionary.store import Dictionary

    with Dictionary.open(fitted) as dictionary:
        ids = dictionary.search.ids(_everybody())
        losses = [fit.losses.comparison for fit in dictionary.fits.current(ids).values()]
    assert np.median(losses) < 60, "px² of the crop per joint"


def _everybody() -> object:
    from core.dictionary.search.sql_queries import SampleQuery

    return SampleQuery()


def test_second_import_and_second_fit_change_nothing(fitted: Path, shared_folder: Path) -> None:
    before = info(fitted)
    coco = shared_folder / "realdata" / "coco"
    run("import", fitted, "coco", coco / "person_keypoints.json", "--images", coco)
    run("fit", fitted)
    after = info(fitted)
    assert (after["samples"], after["fits"]) == (before["samples"], before["fits"])


def test_openpose_folder_goes_into_the_same_project(fitted: Path, shared_folder: Path) -> None:
    before = info(fitted)["samples"]
    status, _, log = run("import", fitted, "openpose", shared_folder / "realdata" / "openpose")
    assert status == 0
    assert info(fitted)["samples"] == before + 2
    assert "legacy18_keypoints.json" in log, "its picture is missing; that must be said"


def test_exported_fits_are_read_by_plain_numpy(fitted: Path, tmp_path: Path) -> None:
    out = tmp_path / "fits.npz"
    status, _, _ = run("export", fitted, "spin-fits", out)
    assert status == 0
    with np.load(out, allow_pickle=False) as fits:
        count = len(fits["pose"])
        assert fits["pose"].shape == (count, 72)
        assert fits["betas"].shape == (count, 10)
        assert fits["valid_fit"].shape == (count,)
        assert fits["valid_fit"].sum() >= 10


def test_an_export_is_of_what_the_filter_lets_through(fitted: Path, tmp_path: Path) -> None:
    out = tmp_path / "few.npz"
    status, _, _ = run("export", fitted, "spin-fits", out, "--where", "loss:0..20")
    assert status == 0
    with np.load(out, allow_pickle=False) as fits:
        assert 0 < len(fits["pose"]) < info(fitted)["samples"]
    with pytest.raises(StudioError, match="--where"):
        run("export", fitted, "corrections", tmp_path / "c.csv", "--where", "x")


def test_missing_project_is_a_sentence_not_a_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = program.main(["info", str(tmp_path / "nowhere")])
    told = capsys.readouterr().err
    assert status == 1
    assert "nowhere" in told
    assert "Traceback" not in told


def test_no_screen_is_said_before_qt_can_abort(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert program.main(["open"]) == 1
    assert "xvfb-run" in capsys.readouterr().err


def test_a_folder_alone_opens_the_window_on_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = program._subcommand_names()
    assert program._with_subcommand([str(tmp_path)], names) == ["open", str(tmp_path)]
    assert program._with_subcommand([], names) == ["open"]
    assert program._with_subcommand(["x" * 5000], names) == ["x" * 5000]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo").mkdir()
    assert program._with_subcommand(["demo", "demo"], names) == ["demo", "demo"]
