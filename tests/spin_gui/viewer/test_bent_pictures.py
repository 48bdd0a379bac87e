"""What a lens that bends lines shows is laid over the picture where the lens shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.body.seen_keypoints import keypoints_in_crop
from core.dictionary.store import Dictionary
from core.geometry.boxes import Box
from core.rendering.render_thread import RenderService
from core.types.cameras import PictureCamera
from core.types.fits import NewFit, Origin
from core.types.samples import NewSample
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.fit_views import FitViewsPanel
from spin_gui.viewer.keypoint_painter import keypoint_drawing
from spin_gui.viewer.sample_scene import Column, scene_of
from tests.spin_gui.viewer.conftest import PICTURE_SIZE, losses, parameters, write_picture

CAMERA = PictureCamera(250.0, (160.0, 120.0), (-0.35, 0.1))
BOX = Box(235.0, 120.0, 150.0)
BODY = replace(
    parameters(),
    camera_translation=np.array([0.0, 0.1, 3.8], np.float32),
    camera=CAMERA.crop_camera(BOX),
)


@pytest.fixture
def project(tmp_path: Path, display_body: DisplayBody) -> Path:
    """One person at the side of a picture, with the keypoints where the lens shows them."""
    write_picture(tmp_path / "bent.png", 1)
    straight_px = BOX.crop_to_picture(keypoints_in_crop(display_body.keypoints(BODY), BODY))
    sample = NewSample(
        picture_path=tmp_path / "bent.png",
        picture_size_px=PICTURE_SIZE,
        dataset="test",
        person_key="0",
        box_center_px=np.float32([BOX.center_x_px, BOX.center_y_px]),
        box_scale=BOX.side_px / 200,
        keypoints_px=np.column_stack([CAMERA.distorted(straight_px), np.full(49, 0.9)]).astype(
            np.float32
        ),
        camera=CAMERA,
    )
    with Dictionary.create(tmp_path / "project") as dictionary:
        (sample_id,) = dictionary.samples.add([sample]).added_ids
        dictionary.fits.offer(
            [
                NewFit(
                    sample_id=sample_id,
                    parameters=BODY,
                    losses=losses(1.0),
                    origin=Origin.MEAN,
                )
            ]
        )
    return tmp_path / "project"


@pytest.fixture
def panel(
    qtbot: QtBot, session: ProjectSession, display_body: DisplayBody, rendering: RenderService
) -> Iterator[FitViewsPanel]:
    panel = FitViewsPanel(session, display_body, rendering)
    qtbot.addWidget(panel)
    panel.resize(760, 640)
    with qtbot.waitSignal(panel.sample_shown, timeout=20_000):
        panel.show()
    yield panel
    panel.close()


def test_reprojected_keypoints_are_compared_where_the_lens_shows_them(
    panel: FitViewsPanel, session: ProjectSession, display_body: DisplayBody
) -> None:
    assert panel.board.summary.facts.median_error_crop_px == pytest.approx(0, abs=0.02)
    scene = scene_of(session.records, session.current_id)
    unbent = keypoint_drawing(
        scene.keypoints_px,
        box=BOX,
        plane=BOX,
        reprojected_crop_px=keypoints_in_crop(display_body.keypoints(BODY), BODY),
    )
    assert np.median(unbent.error_crop_px) > 3, "the lens makes a difference"


@pytest.mark.parametrize("cell", [(0, Column.CURRENT), (1, Column.PICTURE)])
def test_the_drawn_body_lies_under_its_keypoints(panel: FitViewsPanel, cell) -> None:
    frame = panel.board.canvases[cell].frame
    image = frame.mesh.image
    drawing = panel.board.canvases[0, Column.CURRENT].frame.keypoints
    plane = BOX if cell[0] == 0 else Box(160.0, 120.0, 320.0)
    in_picture = (drawing.detected - 0.5) * BOX.side_px + [BOX.center_x_px, BOX.center_y_px]
    places = (in_picture - [plane.center_x_px, plane.center_y_px]) / plane.side_px + 0.5
    covered = [
        image.pixelColor(int(x * image.width()), int(y * image.height())).alpha() > 0
        for x, y in places[[1, 2, 5, 8, 9, 10, 12, 13]]  # neck, shoulders, hips, knees
    ]
    assert all(covered)


def test_a_body_of_another_camera_is_not_bent(session: ProjectSession) -> None:
    scene = scene_of(session.records, session.current_id)
    (shown,) = {body.digest: body for body in scene.bodies.values()}.values()
    assert scene.lens_of(shown) is not None
    assert scene.lens_of(replace(shown, parameters=parameters())) is None
