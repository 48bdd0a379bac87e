"""Drawn people: the sizes asked for, the body where its person is, and what is missing said."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from core.errors import StudioError
from core.workflows.exports.drawn_people import PAPER
from core.workflows.exports.export_pictures import export_png
from core.workflows.exports.export_request import DrawnView, ExportOptions

ALL_VIEWS = tuple(DrawnView)


@pytest.fixture
def pictures(people):
    """Pictures of one colour, so that whatever else is seen was drawn."""
    folder = people.dictionary.samples.get(people.good).picture_path.parent
    folder.mkdir()
    for number in range(3):
        grey = np.full((480, 640, 3), 90, np.uint8)
        cv2.imwrite(str(folder / f"scene_{number}.jpg"), grey, [cv2.IMWRITE_JPEG_QUALITY, 100])
    return folder


def drawn(path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture


def test_views_have_the_size_that_was_asked_for_and_pictures_their_own(people, tmp_path, pictures):
    out = tmp_path / "png"
    options = ExportOptions(views=ALL_VIEWS, size_px=100)
    report = export_png(people.dictionary, people.request(out, options=options))
    names = sorted(path.name for path in out.iterdir())
    assert names[:4] == [
        "scene_0.png",
        *(f"scene_0_100_{view}.png" for view in ("overlay", "side", "top")),
    ]
    assert report.files == len(names) == 4 * 3 + 2
    assert drawn(out / "scene_0_100_overlay.png").shape == (100, 100, 3)
    assert drawn(out / "scene_0.png").shape == (480, 640, 3)
    assert "5 samples: 4 bodies in 14 files; left out: 1 without a fit" in report.summary()


def test_the_body_is_drawn_where_the_camera_sees_it(people, tmp_path, pictures, display_body):
    options = ExportOptions(views=(DrawnView.PICTURE, DrawnView.OVERLAY), size_px=448)
    request = people.request(tmp_path / "png", options=options, sample_ids=(people.accepted,))
    export_png(people.dictionary, request)
    sample, body = people.dictionary.samples.get(people.accepted), people.body(people.accepted)
    from core.geometry.crop_camera import project_to_crop
    from core.types.bodies import camera_batch

    vertices, cameras = display_body.vertices(body), camera_batch([body.camera])
    crop_px = project_to_crop(vertices[None], body.camera_translation[None], cameras)[0]
    for name, pixels, scale in (
        ("scene_0.png", sample.box.crop_to_picture(crop_px), 1),
        ("scene_0_101_overlay.png", crop_px * 2, 2),
    ):
        picture = drawn(tmp_path / "png" / name).astype(int)
        rows, columns = np.nonzero(np.abs(picture - 90).max(axis=2) > 12)
        height, width = picture.shape[:2]
        seen = np.clip(pixels, 0, [width - 1, height - 1])
        np.testing.assert_allclose(
            [columns.min(), columns.max(), rows.min(), rows.max()],
            [seen[:, 0].min(), seen[:, 0].max(), seen[:, 1].min(), seen[:, 1].max()],
            atol=2 * scale,
        )


def test_without_the_picture_other_sides_are_drawn_and_the_report_says_it(people, tmp_path):
    options = ExportOptions(views=ALL_VIEWS, size_px=64)
    report = export_png(people.dictionary, people.request(tmp_path / "png", options=options))
    assert sorted({path.stem.rsplit("_")[-1] for path in report.out.iterdir()}) == ["side", "top"]
    assert "2 pictures cannot be read" in report.summary()
    view = drawn(report.out / "scene_0_100_top.png")
    assert (view[0, 0] == PAPER[::-1]).all()
    assert (view != PAPER[::-1]).any()


def test_options_that_cannot_be_are_refused():
    with pytest.raises(StudioError, match="16 to 8192"):
        ExportOptions(size_px=9000)
    with pytest.raises(StudioError, match="no view"):
        ExportOptions(views=())
