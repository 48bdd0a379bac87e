"""A project moves to another body and back: nothing that people did is lost, the error is told."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.body.seen_keypoints import keypoints_in_crop
from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import Cancelled, DictionaryError, StudioError
from core.geometry.boxes import Box
from core.progress import CancelToken
from core.runs.project_body import body_file, body_name
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.foreign.imported_bodies import Conversion
from core.types.predictions import NewPrediction
from core.types.samples import GroundTruth, NewSample
from core.workflows.other_body.convert_project import ConvertReport, convert_project
from core.workflows.predictions.import_predictions import import_predictions
from core.workflows.predictions.take_over import take_over
from tests.core.workflows.other_body.bodies import write_longer_body

BOX = Box(200.0, 300.0, 240.0)
LOSSES = FitLosses(reprojection=12.0, pose_prior=1, angle_prior=2, shape_prior=3, comparison=77.0)


def body_of(number: int) -> BodyParameters:
    rng = np.random.default_rng(number)
    pose = rng.normal(0, 0.2, 72).astype(np.float32)
    pose[:3] = [np.pi - 0.1, 0.1, 0.05]
    betas = rng.normal(0, 0.5, 10).astype(np.float32)
    return BodyParameters(pose, betas, np.array([0.05, 0.2, 46.0 + number], np.float32))


def person(number: int, open_body) -> NewSample:
    """A person whose keypoints are those of a known body, which is the truth."""
    body = body_of(number)
    pose, betas = (
        torch.from_numpy(part[None].copy()) for part in (body.pose_axis_angle, body.betas)
    )
    seen = keypoints_in_crop(open_body.posed(pose, betas).keypoints[0].numpy(), body)
    return NewSample(
        picture_path=Path(f"/data/{number:03d}.jpg"),
        picture_size_px=(640, 480),
        dataset="coco",
        person_key=str(number),
        box_center_px=np.float32([200.0, 300.0]),
        box_scale=1.2,
        keypoints_px=np.concatenate(
            [BOX.crop_to_picture(seen), np.ones((49, 1), np.float32)], axis=1
        ),
        ground_truth=GroundTruth(parameters=body) if number == 0 else GroundTruth(),
    )


def spin_npz(path: Path) -> Path:
    """Bodies of SMPL for the first two people."""
    bodies = [body_of(30), body_of(31)]
    np.savez(
        path,
        imgname=np.array(["000.jpg", "001.jpg"]),
        pose=np.stack([body.pose_axis_angle for body in bodies]),
        betas=np.stack([body.betas for body in bodies]),
        cam=np.array([[0.9, 0.0, 0.1]] * 2),
        center=np.array([[200.0, 300.0]] * 2),
        scale=np.array([1.2, 1.2]),
    )
    return path


@dataclass(frozen=True)
class Moved:
    folder: Path
    before: Path
    after: Path
    report: ConvertReport
    body: Path


def make_project(folder: Path, open_body) -> Path:
    """Four people: judged, with a history, a comment, a prediction, a removed one, two imported."""
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add([person(number, open_body) for number in range(4)]).added_ids
        fits = [
            NewFit(
                sample_id=ids[who],
                parameters=body_of(what),
                losses=replace(LOSSES, comparison=loss),
                origin=Origin.MEAN,
            )
            for who, what, loss in ((0, 10, 90), (0, 0, 77), (1, 1, 77), (2, 2, 77), (3, 3, 77))
        ]
        dictionary.fits.offer(fits, body_name="open body")
        dictionary.verdicts.set({ids[0]: Verdict.ACCEPTED}, "maria")
        dictionary.verdicts.set({ids[1]: Verdict.REJECTED}, "jan")
        dictionary.comments.add(ids[1], "the left arm", author="jan")
        dictionary.predictions.store(
            [NewPrediction(sample_id=ids[2], parameters=body_of(20))], body_name="open body"
        )
        dictionary.removals.people([ids[3]])
    import_predictions(folder, "SPIN", spin_npz(folder / "spin.npz"))
    take_over(folder, "SPIN", beside=True)
    return folder


@pytest.fixture(scope="module")
def moved(tmp_path_factory, open_body) -> Moved:
    folder = tmp_path_factory.mktemp("moved")
    before = make_project(folder / "before", open_body)
    body = write_longer_body(folder / "bodies", other_mesh=False)
    report = convert_project(before, folder / "after", body=body, limit_mm=5.0)
    return Moved(folder, before, folder / "after", report, body)


def table(project: Path, columns: str, name: str) -> list[tuple[object, ...]]:
    with Dictionary.open(project) as dictionary:
        return dictionary._connection.execute(f"SELECT {columns} FROM {name} ORDER BY 1, 2")


def test_the_new_project_is_on_the_other_body_and_sound(moved):
    with Dictionary.open(moved.after) as dictionary:
        assert body_file(dictionary) == moved.body
        assert body_name(dictionary).startswith("SMPL_STANDIN (")
        assert dictionary.problems() == []
    with Dictionary.open(moved.before) as dictionary:
        assert body_name(dictionary) == "open body"
        assert dictionary.body_changes.all() == []


@pytest.mark.parametrize(
    ("columns", "name"),
    [
        (
            "id, sample_id, origin, verdict, verdict_by, created_at, run_id, imported_body_id",
            "fits",
        ),
        ("id, current_fit_id, current_verdict, current_origin, box_scale", "samples"),
        ("id, fit_id, reviewer, verdict, at", "opinions"),
        ("id, at, author, what, before, after", "events"),
        ("id, author, text", "comments"),
        ("id, position, entry, body_name, gender, betas, pose_axis_angle", "imported_bodies"),
        ("id, digest, heading", "body_files"),
        ("sample_id, keypoints_px, keypoint_sources", "annotations"),
        ("id, verdict", "removed_fits"),
    ],
)
def test_what_people_did_and_what_came_from_files_is_as_it_was(moved, columns, name):
    rows = table(moved.before, columns, name)
    assert rows
    assert table(moved.after, columns, name) == rows


def test_bodies_are_seen_where_they_were_and_the_error_is_told(moved, display_body):
    with Dictionary.open(moved.before) as old, Dictionary.open(moved.after) as new:
        ids = old.search.ids().tolist()
        before, after = (each.fits.current(ids) for each in (old, new))
        truth = new.samples.get(1).ground_truth.parameters
        other = _display_body(moved.body)
        for sample_id in ids:
            here, there = before[sample_id].parameters, after[sample_id].parameters
            assert not np.array_equal(here.betas, there.betas)
            seen = [
                keypoints_in_crop(body.keypoints(parameters), parameters)
                for body, parameters in ((display_body, here), (other, there))
            ]
            assert np.abs(seen[0] - seen[1]).mean() < 1.0, "less than a pixel of the crop"
            assert after[sample_id].losses.comparison < 10, "measured again, of the known body"
        np.testing.assert_array_equal(truth.betas, after[1].parameters.betas)
    errors = moved.report.fits
    assert errors.bodies == 7
    assert 1 < errors.mean_mm < errors.p95_mm <= errors.worst_mm < 8
    assert moved.report.conversion is Conversion.THROUGH_VERTICES
    assert f"{errors.over_limit} above 5 mm" in moved.report.summary()


def _display_body(path: Path):
    from core.body.display_body import DisplayBody
    from core.body.smpl_files import load_body_arrays

    return DisplayBody(load_body_arrays(path), name="other")


def test_each_fit_says_what_it_was_made_of(moved):
    with Dictionary.open(moved.after) as dictionary:
        (change,) = dictionary.body_changes.all()
        assert (change.from_body, change.errors) == ("open body", moved.report.fits)
        fit = dictionary.fits.current_of(1)
        (conversion,) = dictionary.body_changes.of_fits([fit.id])[fit.id]
        assert str(conversion).startswith("converted from open body (through vertices, ")
        assert 0 < conversion.error_mm < 8


def test_a_body_that_came_for_the_new_body_stands_there_as_it_came(moved):
    assert moved.report.as_they_came == 2
    with Dictionary.open(moved.after) as dictionary:
        fits = [fit for fit in dictionary.fits.history(1) if fit.origin is Origin.IMPORTED]
        assert len(fits) == 1
        source = dictionary.imported_bodies.of_fits([fits[0].id])[fits[0].id]
        assert source.body.conversion is Conversion.SAME_BODY
        assert source.body.conversion_error_mm == 0
        np.testing.assert_array_equal(fits[0].parameters.betas, body_of(30).betas)
        np.testing.assert_array_equal(
            fits[0].parameters.camera_translation, source.body.camera_translation
        )
        chosen = dictionary.prediction_sets.named("SPIN")
        (body,) = dictionary.prediction_sets.bodies(chosen.id, [1]).values()
        np.testing.assert_array_equal(body.betas, body_of(30).betas)


def test_people_who_are_put_back_have_the_new_body(moved, tmp_path):
    project = tmp_path / "after"
    shutil.copytree(moved.after, project)
    with Dictionary.open(project) as dictionary:
        (removal,) = dictionary.removals.all()
        dictionary.removals.put_back(removal.id)
        fit = dictionary.fits.current_of(4)
        assert not np.array_equal(fit.parameters.betas, body_of(3).betas)
        assert dictionary.body_changes.of_fits([fit.id])[fit.id]
        assert dictionary.problems() == []


def test_the_way_back_leads_to_the_bodies_of_before(moved, tmp_path):
    report = convert_project(moved.after, tmp_path / "back", body=None)
    with Dictionary.open(moved.before) as old, Dictionary.open(tmp_path / "back") as back:
        assert body_name(back) == "open body"
        for sample_id in (1, 2, 3):
            first, last = (each.fits.current_of(sample_id).parameters for each in (old, back))
            np.testing.assert_allclose(last.betas, first.betas, atol=1e-4)
            np.testing.assert_allclose(last.camera_translation, first.camera_translation, atol=1e-3)
        fit = back.fits.current_of(1)
        first, second = back.body_changes.of_fits([fit.id])[fit.id]
        assert (first.from_body, second.from_body) == ("open body", report.from_body)
        (imported,) = [each for each in back.fits.history(1) if each.imported_body_id]
        source = back.imported_bodies.of_fits([imported.id])[imported.id]
        assert source.body.conversion is Conversion.THROUGH_VERTICES
        assert source.body.conversion_error_mm > 0
        assert back.problems() == []


def test_nothing_is_there_unless_all_of_it_is(moved, tmp_path):
    class AfterAWhile(CancelToken):
        asked = 0

        def raise_if_cancelled(self) -> None:
            self.asked += 1
            if self.asked > 4:
                raise Cancelled

    with pytest.raises(Cancelled):
        convert_project(moved.before, tmp_path / "out", body=moved.body, cancel=AfterAWhile())
    assert not (tmp_path / "out").exists()
    with pytest.raises(DictionaryError, match="is a project already"):
        convert_project(moved.before, moved.after, body=moved.body)
    with pytest.raises(StudioError, match="on the body 'open body' already"):
        convert_project(moved.before, tmp_path / "out", body=None)
    with pytest.raises(StudioError, match="above 0"):
        convert_project(moved.before, tmp_path / "out", body=moved.body, limit_mm=0)
    assert not (tmp_path / "out").exists()


def test_the_command_line_converts_and_says_how_near(moved, tmp_path):
    console = Console(out=io.StringIO(), log=io.StringIO())
    other = write_longer_body(tmp_path, other_mesh=True)
    words = ["convert", moved.before, tmp_path / "out", "--body", other, "--limit-mm", "50"]
    options = build_parser().parse_args([str(word) for word in words])
    assert options.run(options, console) == 0
    told = console.out.getvalue()
    assert "joints of fits lie" in told
    assert "0 above 50 mm" in told
    assert "not how stout people are" in told
    with Dictionary.open(tmp_path / "out") as dictionary:
        assert dictionary.search.count(SampleQuery()) == 3
        assert json.loads(json.dumps(dictionary.info()))
    for line in (["--open-body", "--body", "x"], []):
        with pytest.raises(SystemExit):
            build_parser().parse_args(["convert", "P", "OUT", *line])
