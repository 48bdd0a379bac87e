"""A file of another method's bodies with their keypoints makes a project to vet in one step."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.formats.bodies.body_models import PELVIS_AT_REST_M, BodyModelName
from core.formats.registry import guess_format
from core.geometry.rotations import axis_angle_to_matrix, matrix_to_axis_angle
from core.types.bodies import BodyParameters
from core.types.fits import Origin
from core.workflows.export_formats import export_project
from core.workflows.shipped_demo import copy_demo_project
from tests.body_files import PEOPLE, camera_hmr_of, eft_of


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "people"
    copy_demo_project(folder)
    return folder


def _run(*words: object) -> str:
    console = Console(out=io.StringIO(), log=io.StringIO())
    options = build_parser().parse_args([str(word) for word in words])
    assert options.run(options, console) == 0
    return console.out.getvalue()


def test_people_and_their_bodies_come_in_from_one_file(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json")
    assert guess_format(file) == "bodies"
    said = _run("import", tmp_path / "vetted", file, "--images", demo / "pictures")
    assert f"{PEOPLE} people" in said
    with Dictionary.open(tmp_path / "vetted") as project, Dictionary.open(demo) as source:
        fits = project.fits.current(project.search.ids().tolist())
        assert len(fits) == PEOPLE
        assert {fit.origin for fit in fits.values()} == {Origin.IMPORTED}
        came = project.imported_bodies.of_fits([fit.id for fit in fits.values()])
        assert {body.provenance.split(":")[0] for body in came.values()} == {"method"}
        for sample in project.samples.get_many(list(fits)):
            known = [
                theirs
                for theirs in source.samples.get_many(source.search.ids().tolist())
                if theirs.picture_path.name == sample.picture_path.name
                and np.allclose(theirs.keypoints_px, sample.keypoints_px, atol=1e-3)
            ]
            assert len(known) == 1, "each joint lies where the file has it"


def test_what_came_in_is_told_to_programs_as_one_object(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json")
    said = _run("import", tmp_path / "vetted", file, "--images", demo / "pictures", "--json")
    told = json.loads(said)
    assert told["added"] == PEOPLE
    assert f"{PEOPLE} fits taken over from 'method': {PEOPLE} became current" in told["fits"]


def test_the_same_file_again_adds_no_one(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json")
    for _ in range(2):
        _run("import", tmp_path / "vetted", file, "--images", demo / "pictures")
    with Dictionary.open(tmp_path / "vetted") as project:
        assert project.search.count() == PEOPLE


def test_bodies_without_keypoints_make_people_too(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json", with_keypoints=False)
    said = _run("import", tmp_path / "vetted", file, "--images", demo / "pictures")
    assert f"{PEOPLE} people added" in said
    assert f"{PEOPLE} fits taken over from 'method': {PEOPLE} became current" in said
    assert "their error is unknown" in said


def test_a_motion_belongs_to_no_pictures(demo: Path, tmp_path: Path) -> None:
    export_project(demo, "amass", tmp_path / "motions")
    exported = next((tmp_path / "motions").rglob("*.npz"))
    file = exported.rename(tmp_path / "alone.npz")  # away from the list of who is in it
    options = build_parser().parse_args(["import", str(tmp_path / "vetted"), str(file)])
    console = Console(out=io.StringIO(), log=io.StringIO())
    assert options.run(options, console) == 1
    assert "No project was made" in console.log.getvalue()
    assert not (tmp_path / "vetted").exists()


def test_looking_at_such_a_file_counts_people_and_bodies(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json")
    project = tmp_path / "vetted"
    said = _run("import", project, file, "--images", demo / "pictures", "--look")
    assert f"{PEOPLE} people, {PEOPLE} bodies" in said
    assert "its bodies become fits" in said
    assert not project.exists()


def test_looking_at_bodies_alone_says_how_they_come_in(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json", with_keypoints=False)
    said = _run("import", tmp_path / "vetted", file, "--look")
    assert f"{PEOPLE} bodies" in said
    assert "import-fits" in said


def _bodies(folder: Path) -> list[BodyParameters]:
    with Dictionary.open(folder) as project:
        fits = project.fits.current(sorted(project.search.ids().tolist()))
        return [fits[sample_id].parameters for sample_id in sorted(fits)]


def test_what_becomes_of_shapes_can_be_said(demo: Path, tmp_path: Path) -> None:
    file = eft_of(demo, tmp_path / "method.json")
    for rule in ("keep", "mean"):
        _run("import", tmp_path / rule, file, "--images", demo / "pictures", "--betas", rule)
    assert all(body.betas.any() for body in _bodies(tmp_path / "keep"))
    assert not any(body.betas.any() for body in _bodies(tmp_path / "mean"))
    with pytest.raises(StudioError, match=r"none\.pkl"):
        _run("import", tmp_path / "no", file, "--source-body", tmp_path / "none.pkl")


def test_roots_in_another_frame_and_what_cameras_are_can_be_said(
    demo: Path, tmp_path: Path
) -> None:
    file = camera_hmr_of(demo, tmp_path / "camera.npz", people=2)
    with np.load(file) as stated:
        arrays = dict(stated)
    turn, pelvis = np.diag([1.0, -1, -1]), PELVIS_AT_REST_M[BodyModelName.SMPL]
    roots = turn @ axis_angle_to_matrix(arrays["pose_cam"][:, :3])
    arrays["pose_cam"][:, :3] = matrix_to_axis_angle(roots)
    arrays["trans_cam"] = (arrays["trans_cam"] + pelvis) @ turn - pelvis
    np.savez(tmp_path / "up.npz", **arrays)
    images = ("--images", demo / "pictures")
    _run("import", tmp_path / "as-is", file, *images)
    said = ("--frame", "y-up", "--camera", "full")
    _run("import", tmp_path / "turned", tmp_path / "up.npz", *images, *said)
    both = zip(_bodies(tmp_path / "as-is"), _bodies(tmp_path / "turned"), strict=True)
    for body, turned in both:
        np.testing.assert_allclose(
            axis_angle_to_matrix(turned.pose_axis_angle[:3]),
            axis_angle_to_matrix(body.pose_axis_angle[:3]),
            atol=1e-4,
        )
        np.testing.assert_allclose(turned.camera_translation, body.camera_translation, rtol=1e-4)


def test_options_of_bodies_are_refused_for_other_sources(tmp_path: Path) -> None:
    source = tmp_path / "people.json"
    source.write_text("[]")
    words = ["import", str(tmp_path / "vetted"), "coco", str(source), "--frame", "y-up"]
    options = build_parser().parse_args([*words, "--betas", "mean"])
    with pytest.raises(StudioError, match="option --betas, --frame"):
        options.run(options, Console(out=io.StringIO(), log=io.StringIO()))
