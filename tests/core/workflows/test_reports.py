"""Sheets of a project: the right people in the right order, drawn as they are."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from core.body.body_axis import turned_to_middle
from core.body.body_difference import body_difference
from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.assessment.assessments import Assessment, RaisedFlag
from core.dictionary.fits.prediction_sets import SetKind
from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.errors import Cancelled, StudioError, UserFileError
from core.geometry.boxes import Box
from core.geometry.crop_camera import project_to_crop
from core.progress import CancelToken
from core.types.bodies import BodyParameters, CropCamera
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.flags import FlagName
from core.types.predictions import NewPrediction
from core.types.samples import NewSample
from core.workflows.reports import report_comparison, report_failures, report_successes
from core.workflows.reports.row_selection import kinds_of

PEOPLE = 4
BOX = Box(100, 80, 140)


def body_of(turn_rad=0.0, beta=0.0):
    pose = np.zeros(72, np.float32)
    pose[:3] = [np.pi, 0, 0]
    pose[3 * 16 + 2] = turn_rad
    betas = np.zeros(10, np.float32)
    betas[1] = beta
    return BodyParameters(pose, betas, np.array([0, 0.2, 55], np.float32))


@pytest.fixture
def project(tmp_path, open_body):
    folder = tmp_path / "project"
    new = []
    parameters = body_of()
    tensors = [
        torch.from_numpy(parameter[None].copy())
        for parameter in (
            parameters.pose_axis_angle,
            parameters.betas,
            parameters.camera_translation,
        )
    ]
    seen = project_to_crop(open_body.posed(*tensors[:2]).keypoints, tensors[2])[0].numpy()
    keypoints = np.concatenate([BOX.crop_to_picture(seen), np.ones((49, 1), np.float32)], axis=1)
    for number in range(PEOPLE):
        path = tmp_path / f"{number}.png"
        cv2.imwrite(str(path), np.full((160, 200, 3), 40 + 40 * number, np.uint8))
        new.append(
            NewSample(
                picture_path=path,
                picture_size_px=(200, 160),
                dataset="even" if number % 2 == 0 else "odd",
                person_key="0",
                box_center_px=np.float32([BOX.center_x_px, BOX.center_y_px]),
                box_scale=BOX.side_px / 200,
                keypoints_px=keypoints,
            )
        )
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add(new).added_ids
        dictionary.fits.offer(
            [
                NewFit(
                    sample_id=one,
                    parameters=body_of(beta=3.5 if number == 3 else 0.5),
                    losses=FitLosses(
                        reprojection=1,
                        pose_prior=1,
                        angle_prior=1,
                        shape_prior=1,
                        comparison=10.0 * (number + 1),
                    ),
                    origin=Origin.MEAN,
                )
                for number, one in enumerate(ids)
            ]
        )
        dictionary.predictions.store(
            NewPrediction(sample_id=one, parameters=body_of(0.2 * number))
            for number, one in enumerate(ids)
        )
        bases = dictionary.assessments.inputs(ids)
        scores = {ids[0]: 0.3, ids[2]: 0.9}
        dictionary.assessments.store(
            [
                Assessment(
                    basis=bases[one],
                    suspicion=score,
                    informativeness=0.5,
                    flags=(RaisedFlag(FlagName.ORIENTATION, score, f"turned, {score}"),),
                )
                for one, score in scores.items()
            ]
        )
    return folder


def words(path):
    html = path.read_text()
    return re.sub(r"<[^>]+>", "\n", html.split("<body>")[1])


def names(path):
    return re.findall(r"^\d\.png · 0$", words(path), flags=re.M)


def test_failures_come_kind_by_kind_the_worst_first_with_their_reasons(project, tmp_path):
    out = tmp_path / "failures.html"
    report = report_failures(project, out)
    assert report.rows == 3
    text = words(out)
    assert names(out) == ["2.png · 0", "0.png · 0", "3.png · 0"]
    assert text.index("Wrong orientation") < text.index("2.png") < text.index("Extreme shape")
    assert "Wrong orientation: turned, 0.9" in text
    facts = "error 6.3 px · largest |β| 3.5 · 55.0 m before a lens of 5000 px on the crop"
    assert f"{facts} · origin: mean pose" in text
    for group in ("Fit", "Prediction", "Lifted from the keypoints"):
        assert f"\n{group}\n" in text
    assert out.read_text().count("<img") == 3 * 8


def test_a_reviewer_gets_no_sheet_with_a_verdict_that_is_hidden_from_them(project, tmp_path):
    out = tmp_path / "failures.html"
    with Dictionary.open(project) as dictionary:
        (judged,) = dictionary.flags.sample_ids()[:1].tolist()
        dictionary.verdicts.set({judged: Verdict.REJECTED}, "maria")
        dictionary.shares.ask_second_opinions([judged], 1.0)
    for reviewer, is_told in (("maria", True), ("jan", False)):
        report_failures(project, out, sample_ids=[judged], for_reviewer=reviewer, overwrite=True)
        assert ("rejected" in words(out)) is is_told


def test_kinds_rows_filters_and_ids_narrow_the_choice(project, tmp_path):
    out = tmp_path / "out.html"

    def rows_of(**choice):
        report_failures(project, out, overwrite=True, **choice)
        return names(out)

    assert rows_of(kinds=kinds_of(["betas"])) == ["3.png · 0"]
    assert rows_of(rows=1) == ["2.png · 0", "3.png · 0"]
    assert rows_of(where=SampleQuery(datasets=frozenset({"odd"}))) == ["3.png · 0"]
    assert rows_of(sample_ids=[2, 1]) == ["1.png · 0", "0.png · 0"]
    with pytest.raises(StudioError, match="no flag 'shape'"):
        kinds_of(["shape"])


def test_the_mesh_lies_on_its_person_and_the_side_is_on_paper(project, tmp_path):
    out = tmp_path / "good.png"
    report_successes(project, out, rows=1)
    pixels = cv2.imdecode(np.frombuffer(out.read_bytes(), np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    amber = (pixels[..., 0] > pixels[..., 2].astype(int) + 40).any(axis=0)
    starts = np.flatnonzero(np.diff(np.concatenate([[0], amber.astype(int)])) == 1)
    assert len(starts) >= 3, "the fit is not seen from three directions"
    grey = (pixels == 80).all(axis=-1)  # the second person's picture is one grey
    assert grey.any()


def test_successes_leave_out_what_is_flagged_or_rejected(project, tmp_path):
    out = tmp_path / "good.html"
    report_successes(project, out)
    assert names(out) == ["1.png · 0"]
    with Dictionary.open(project) as dictionary:
        dictionary.verdicts.set({2: Verdict.REJECTED})
    report_successes(project, out, overwrite=True)
    assert names(out) == []
    assert "Nothing to show" in words(out)


def test_a_comparison_shows_the_farthest_apart_first_with_numbers(project, tmp_path):
    with Dictionary.open(project) as dictionary:
        sets = dictionary.prediction_sets
        made = sets.open("Other", SetKind.IMPORTED, source="x.npz")
        sets.add(
            made, [NewPrediction(sample_id=number, parameters=body_of()) for number in (1, 2, 4)]
        )
    out = tmp_path / "two.html"
    report = report_comparison(project, out, left="other", right="prediction", rows=2)
    assert report.rows == 2
    assert names(out) == ["3.png · 0", "1.png · 0"]
    text = words(out)
    assert "Other beside prediction" in text
    assert "Of 3 samples that both know" in text
    assert re.search(r"joints \d+ mm apart · \d+ mm after Procrustes · root turned by 0°", text)
    report_comparison(project, out, left="other", right="prediction", order="id", overwrite=True)
    assert names(out) == ["0.png · 0", "1.png · 0", "3.png · 0"]


def test_a_missing_picture_leaves_its_cell_empty(project, tmp_path):
    (tmp_path / "3.png").unlink()
    out = tmp_path / "failures.html"
    report_failures(project, out, kinds=[FlagName.BETAS])
    assert 'aria-label="Picture of 3.png · 0">picture missing' in out.read_text()


def test_what_cannot_be_written_is_refused_before_anything_is_drawn(project, tmp_path):
    with pytest.raises(UserFileError, match=r"'\.txt'"):
        report_failures(project, tmp_path / "out.txt")
    there = tmp_path / "there.pdf"
    there.write_bytes(b"mine")
    with pytest.raises(UserFileError, match="exists already"):
        report_failures(project, there)
    with pytest.raises(StudioError, match="number of rows is 0"):
        report_failures(project, tmp_path / "out.pdf", rows=0)
    with pytest.raises(StudioError, match="ordered by 'luck'"):
        report_comparison(
            project, tmp_path / "a.pdf", left="current", right="prediction", order="luck"
        )
    assert there.read_bytes() == b"mine"


def test_a_cancelled_report_writes_nothing(project, tmp_path, every_step_reported):
    cancel = CancelToken()

    def stop(progress):
        if progress.done:
            cancel.cancel()

    with pytest.raises(Cancelled):
        report_failures(project, tmp_path / "out.pdf", progress=stop, cancel=cancel)
    assert not list(tmp_path.glob("*out.pdf*"))


def test_the_commands_make_all_four_figures(project, tmp_path):
    console = Console(io.StringIO(), sys.stderr)

    def run(*arguments):
        options = build_parser().parse_args(["report", *(str(argument) for argument in arguments)])
        assert options.run(options, console) == 0

    run("failures", project, tmp_path / "2.pdf", "--kind", "betas", "orientation", "--rows", 1)
    run("successes", project, tmp_path / "1.html", "--of", "prediction", "--rows", 2)
    run("compare", project, tmp_path / "two.png", "--left", "current", "--right", "prediction",
        "--ids", "2,3")  # fmt: skip
    assert [(tmp_path / name).stat().st_size > 10_000 for name in ("2.pdf", "1.html", "two.png")]
    assert console.out.getvalue().startswith("Wrote 2 rows")


def test_differences_of_known_size(display_body):
    first = body_of()
    turned = replace(first, pose_axis_angle=body_of(0.5).pose_axis_angle)
    found = body_difference(display_body, first, turned)
    assert found.joint_angles_deg[16] == pytest.approx(np.rad2deg(0.5), abs=1e-3)
    assert np.delete(found.joint_angles_deg, 16).max() < 1e-3
    assert found.joints_mm[:16].max() < 1e-3
    assert found.joints_mm[18] > 50
    assert (found.joints_aligned_mm**2).sum() < (found.joints_mm**2).sum()

    rotated = replace(first, pose_axis_angle=first.pose_axis_angle.copy())
    rotated.pose_axis_angle[:3] = [np.pi - 0.4, 0, 0]
    moved = replace(rotated, camera_translation=np.array([0, 0, 50], np.float32))
    found = body_difference(display_body, first, moved)
    assert found.joint_angles_deg[0] == pytest.approx(np.rad2deg(0.4), abs=1e-3)
    assert found.vertices_mm.max() > 200
    assert found.vertices_aligned_mm.max() < 0.01
    assert found.depth_m == pytest.approx(-5)


def test_distances_compare_through_one_lens_and_not_through_two(display_body):
    """The same person seen ten times nearer by a lens a tenth as long is at the same distance."""
    first = body_of()
    near = replace(
        first,
        camera_translation=first.camera_translation / 10,
        camera=CropCamera(500.0, 112.0, 112.0),
    )
    assert body_difference(display_body, first, near).depth_m == pytest.approx(0, abs=1e-4)
    farther = replace(near, camera_translation=1.1 * near.camera_translation)
    assert body_difference(display_body, near, farther).depth_m == pytest.approx(5.5 / 10)


def test_a_corrected_box_turns_no_body_against_another(display_body):
    """A body keeps the ray that its frame is about; another one is written about the new middle."""
    first = body_of()
    near = replace(first, camera=CropCamera(300.0, 90.0, 130.0))
    box, corrected = Box(400, 200, 150), Box(440, 180, 190)
    kept = replace(near, camera=near.camera.between_boxes(box, corrected))
    again = turned_to_middle(kept)
    assert np.abs(again.pose_axis_angle - kept.pose_axis_angle).max() > 0.05
    found = body_difference(display_body, kept, again)
    assert found.joint_angles_deg.max() < 1e-3
    assert found.vertices_mm.max() < 1e-2
