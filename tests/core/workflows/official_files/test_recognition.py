"""A given file is named for what it holds; stand-ins have SMPL's shapes and none of its data."""

from __future__ import annotations

import argparse
import io
import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from core.body.smpl_files import load_open_body_arrays
from core.cli import doctor
from core.cli.console import Console
from core.errors import StudioError, UnsafePickleError
from core.resource_files import resource_path
from core.workflows.official_files.catalogue import OfficialKind
from core.workflows.official_files.recognition import recognised_file, recognised_files

SMPL_VERTICES = 6890


def smpl_shaped() -> dict[str, np.ndarray]:
    """The open body with loose vertices added until it has as many as SMPL."""
    body = load_open_body_arrays()
    more = SMPL_VERTICES - body.num_vertices

    def longer(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array, np.repeat(array[:1], more, axis=0)])

    return {
        "v_template": longer(body.v_template),
        "shapedirs": longer(body.shapedirs),
        "posedirs": longer(body.posedirs),
        "weights": longer(body.weights),
        "J_regressor": np.pad(body.J_regressor, ((0, 0), (0, more))),
        "kintree_table": body.kintree_table,
        "f": body.f,
    }


def saved(path: Path, entries: object) -> Path:
    path.write_bytes(pickle.dumps(entries, protocol=2))
    return path


@pytest.mark.parametrize(
    ("name", "kind", "description"),
    [
        (
            "basicModel_neutral_lbs_10_207_0_v1.0.0.pkl",
            OfficialKind.SMPL_NEUTRAL,
            "SMPL neutral, v1.0, 10 betas",
        ),
        ("basicModel_f_lbs_10_207_0_v1.0.0.pkl", OfficialKind.SMPL_FEMALE, "SMPL female, v1.0"),
        ("basicmodel_m_lbs_10_207_0_v1.1.0.pkl", OfficialKind.SMPL_MALE, "SMPL male, v1.1"),
        ("SMPL_FEMALE.pkl", OfficialKind.SMPL_FEMALE, "SMPL female, 10 betas"),
        ("SMPL_MALE.pkl", OfficialKind.SMPL_MALE, "SMPL male, 10 betas"),
        ("mine.pkl", None, "SMPL of a gender that its name does not say, 10 betas"),
    ],
)
def test_a_body_is_named_with_gender_version_and_betas(
    tmp_path: Path, name: str, kind: OfficialKind | None, description: str
) -> None:
    found = recognised_file(saved(tmp_path / name, smpl_shaped()))
    assert found.kind is kind
    assert found.description.startswith(description)
    assert found.usable


def test_smpl_x_is_refused_as_a_body_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "SMPL_NEUTRAL.npz"  # by what it holds, not by its name
    np.savez(path, v_template=np.zeros((10475, 3)), J_regressor=np.zeros((55, 10475)))
    found = recognised_file(path)
    assert not found.usable
    assert found.description.startswith("SMPL-X: not usable as a project's body, because it has")


def test_the_shipped_prior_is_not_taken_for_smplifys() -> None:
    found = recognised_file(resource_path("pose_prior/pose_prior.npz"))
    assert (found.kind, found.usable) == (None, True)
    assert found.description.startswith("pose prior, a mixture of 2")


def test_prior_and_joint_regressors_are_told_apart(tmp_path: Path) -> None:
    mixture = {
        "means": np.zeros((8, 69)),
        "covars": np.tile(np.eye(69), (8, 1, 1)),
        "weights": np.full(8, 0.125),
    }
    assert recognised_file(saved(tmp_path / "a.pkl", mixture)).kind is OfficialKind.POSE_PRIOR
    for rows, kind in ((9, OfficialKind.EXTRA_REGRESSOR), (17, OfficialKind.H36M_REGRESSOR)):
        path = tmp_path / f"{rows}.npy"
        np.save(path, np.full((rows, SMPL_VERTICES), 1 / SMPL_VERTICES))
        assert recognised_file(path).kind is kind
    np.save(tmp_path / "odd.npy", np.zeros((9, SMPL_VERTICES)))
    with pytest.raises(StudioError, match="do not sum to 1"):
        recognised_file(tmp_path / "odd.npy")


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("ran",)


def test_hostile_damaged_and_unknown_files_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UnsafePickleError):
        recognised_file(saved(tmp_path / "SMPL_MALE.pkl", {"v_template": _Trap()}))
    assert capsys.readouterr().out == ""
    for name in ("a.pkl", "a.npz", "a.npy", "a.pt", "a.txt"):
        (tmp_path / name).write_bytes(b"no such file")
        with pytest.raises(StudioError):
            recognised_file(tmp_path / name)
    with pytest.raises(StudioError, match="no official file"):
        recognised_file(saved(tmp_path / "b.pkl", {"poses": np.zeros(3)}))
    assert len(recognised_files([tmp_path])[1]) == 6  # a.txt is not looked at


def test_missing_files_and_folders_that_cannot_be_listed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    given = [tmp_path, tmp_path / "no_folder", tmp_path / "no.pkl"]
    found, errors = recognised_files(given)
    assert found == []
    assert [path for path, _ in errors] == given
    for (_, error), reason in zip(
        errors, ("Permission denied", "No such file", "No such file"), strict=True
    ):
        assert reason in error.message


def test_the_doctor_names_given_files_and_where_the_missing_ones_come_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slow in ("_opengl", "_qt_plugin", "_networks", "_torch_device"):
        monkeypatch.setattr(doctor, slow, lambda *_: doctor._passed("another", "not asked"))
    saved(tmp_path / "SMPL_FEMALE.pkl", smpl_shaped())
    out = io.StringIO()
    options = argparse.Namespace(body=None, official=[tmp_path], json=True)
    assert doctor.run(options, Console(out, io.StringIO())) == 0
    report = json.loads(out.getvalue())
    assert str(tmp_path / "SMPL_FEMALE.pkl") in report["SMPL female"]["found"]
    assert "https://smplify.is.tue.mpg.de" in report["SMPL neutral"]["found"]
    assert "non-commercial" in report["SMPL neutral"]["found"]
