"""The table: a row for everybody, the same numbers in every program that reads it."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.search.query import SampleQuery
from core.errors import Cancelled, SetupError, UserFileError
from core.progress import CancelToken
from core.types.fits import Verdict
from core.workflows.exports.export_tables import COLUMNS, export_csv, export_parquet

pq = pytest.importorskip("pyarrow.parquet")


@pytest.fixture
def lines(people, tmp_path) -> list[dict[str, str]]:
    export_csv(people.dictionary, people.request(tmp_path / "people.csv"))
    with (tmp_path / "people.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def parquet(people, tmp_path) -> Path:
    export_parquet(people.dictionary, people.request(tmp_path / "people.parquet"))
    return tmp_path / "people.parquet"


def test_everybody_has_a_row_and_the_reason_for_being_left_out_stands_in_it(lines, people):
    assert [int(line["sample_id"]) for line in lines] == [1, 2, 3, 4, 5]
    assert [line["verdict"] for line in lines] == ["none", "accepted", "rejected", "none", "none"]
    reasons = [line["left_out"] for line in lines]
    assert reasons == ["", "", "rejected", "too poor", "without a fit"]
    assert lines[0]["picture"].endswith("scene_0.jpg")
    assert lines[1]["verdict_by"] == "maria"
    assert lines[4]["fit_id"] == lines[4]["betas_0"] == lines[4]["body_name"] == ""
    assert lines[0]["body_name"] == "open body"


def test_texts_of_a_csv_give_the_same_numbers_again(lines, people):
    body = people.body(people.accepted)
    line = lines[1]
    pose = np.array([line[f"pose_axis_angle_{index}"] for index in range(72)], np.float32)
    np.testing.assert_array_equal(pose, body.pose_axis_angle)
    camera = np.array([line[f"crop_camera_px_{index}"] for index in range(5)], np.float32)
    np.testing.assert_array_equal(camera, [750, 170, 90, 112, 112])
    assert float(line["comparison_loss_px2"]) == 5000.0
    assert float(line["objective_px2"]) == 5006.0


def test_cameras_of_pictures_see_what_the_cameras_of_crops_see(lines, people, display_body):
    """f x / z + c, from the columns alone, is where the crop's camera puts the keypoints."""
    sample, body = people.dictionary.samples.get(people.accepted), people.body(people.accepted)
    line = lines[1]

    def numbers(name: str, width: int) -> np.ndarray:
        return np.array([float(line[f"{name}_{index}"]) for index in range(width)])

    from core.geometry.crop_camera import project_to_crop
    from core.types.bodies import camera_batch

    points = display_body.keypoints(body)
    cameras = camera_batch([body.camera])
    crop = project_to_crop(points[None], body.camera_translation[None], cameras)[0]
    turned = body.pose_axis_angle.copy()
    turned[:3] = numbers("picture_root_axis_angle", 3)
    seen = display_body.keypoints(
        type(body)(turned, body.betas, body.camera_translation)
    ) + numbers("picture_translation", 3)
    pixels = float(line["picture_focal_length_px"]) * seen[:, :2] / seen[:, 2:]
    pixels += numbers("picture_principal_point_px", 2)
    np.testing.assert_allclose(pixels, sample.box.crop_to_picture(crop), atol=0.01)


def test_pyarrow_pandas_polars_and_duckdb_read_the_same_table(parquet, people):
    body = people.body(people.good)
    table = pq.read_table(parquet)
    assert table.schema.metadata[b"body_name"] == b"open body"
    assert table.column_names == [column.name for column in COLUMNS]
    pandas, polars, duckdb = map(pytest.importorskip, ("pandas", "polars", "duckdb"))
    frame, lazy = pandas.read_parquet(parquet), polars.read_parquet(parquet)
    (accepted,) = duckdb.sql(
        f"SELECT sample_id FROM '{parquet}' WHERE verdict = 'accepted'"
    ).fetchall()[0]
    assert accepted == people.accepted
    (third,) = duckdb.sql(f"SELECT pose_axis_angle[3] FROM '{parquet}' LIMIT 1").fetchall()[0]
    assert np.float32(third) == body.pose_axis_angle[2]
    np.testing.assert_array_equal(frame["betas"][0], body.betas)
    np.testing.assert_array_equal(lazy["betas"][0].to_numpy(), body.betas)
    assert frame["betas"][4] is None
    assert lazy["verdict"].to_list() == [
        "none", "accepted", "rejected", "none", "none",
    ]  # fmt: skip


def test_the_report_says_what_other_exports_leave_out_and_whose_the_betas_are(people, tmp_path):
    report = export_csv(people.dictionary, people.request(tmp_path / "people.csv")).summary()
    assert "5 samples: 4 bodies" in report
    assert "1 rejected, 1 too poor, 1 without a fit" in report
    assert "open body" in report


def test_of_a_filter_or_of_named_people_alone(people, tmp_path):
    def ids(name: str, **asked: object) -> list[int]:
        out = tmp_path / name
        export_parquet(people.dictionary, people.request(out, **asked))
        return pq.read_table(out)["sample_id"].to_pylist()

    accepted = SampleQuery(verdicts=frozenset({Verdict.ACCEPTED}))
    assert ids("accepted.parquet", query=accepted) == [people.accepted]
    assert ids("named.parquet", sample_ids=(4, 2, 4, 999)) == [2, 4]
    assert ids("none.parquet", sample_ids=()) == []


def test_flags_are_a_list(people, tmp_path):
    out = tmp_path / "people.parquet"
    export_parquet(people.dictionary, people.request(out))
    flags = pq.read_table(out)["flags"].to_pylist()
    assert "reprojection" in flags[3]
    assert flags[0] == [each.name for each in people.dictionary.flags.of(1)]


def test_without_pyarrow_the_error_says_what_to_install(people, tmp_path, monkeypatch):
    monkeypatch.setattr("core.formats.tables.parquet_table.find_spec", lambda _name: None)
    with pytest.raises(SetupError, match="pip install 'pyarrow"):
        export_parquet(people.dictionary, people.request(tmp_path / "people.parquet"))


@pytest.mark.parametrize("export", [export_csv, export_parquet])
def test_cancelled_or_refused_nothing_is_written(people, tmp_path, export):
    out = tmp_path / "table"
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        export(people.dictionary, people.request(out, cancel=cancel))
    assert not out.exists()
    out.write_bytes(b"precious")
    with pytest.raises(UserFileError, match="exists already"):
        export(people.dictionary, people.request(out))
    assert out.read_bytes() == b"precious"


def test_a_body_file_that_is_gone_costs_the_pictures_cameras_alone(people, tmp_path):
    people.dictionary.settings.set("body_file", str(tmp_path / "gone.npz"))
    out = tmp_path / "people.parquet"
    report = export_parquet(people.dictionary, people.request(out)).summary()
    assert "cannot be read" in report
    assert "gone.npz" in report
    table = pq.read_table(out)
    assert table["picture_translation"].null_count == 5
    assert table["betas"].null_count == 1
