"""The other people of a picture, drawn over the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from core.body.display_body import DisplayBody
from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.rendering.render_thread import RenderService
from core.types.bodies import BodyParameters
from core.types.cameras import PictureCamera
from core.types.fits import NewFit, Origin
from core.types.samples import NewSample
from spin_gui.session.session import ProjectSession
from spin_gui.viewer.fit_views import FitViewsPanel
from spin_gui.viewer.sample_scene import Column
from spin_gui.viewer.view_state import ViewKind
from tests.spin_gui.viewer.conftest import PICTURE_SIZE, losses, parameters, write_picture

CAMERA = PictureCamera(300.0, (160.0, 120.0))
NEAR, FAR = (130.0, 120.0, 150.0), (190.0, 118.0, 110.0)
"""Centre and side of two boxes that overlap."""
WHOLE = (1, Column.PICTURE)
"""The cell that shows the whole picture beside the crops."""
TIMEOUT_MS = 20_000


def new_sample(path: Path, key: str, box: tuple[float, float, float]) -> NewSample:
    keypoints = np.zeros((49, 3), np.float32)
    keypoints[:, :2], keypoints[:, 2] = box[:2], 0.9
    return NewSample(
        picture_path=path,
        picture_size_px=PICTURE_SIZE,
        dataset="test",
        person_key=key,
        box_center_px=np.float32(box[:2]),
        box_scale=box[2] / 200,
        keypoints_px=keypoints,
        camera=CAMERA,
    )


def new_fit(sample_id: int, dictionary: Dictionary) -> NewFit:
    """A body that stands upright and fills its box, before the picture's camera."""
    sample = dictionary.samples.get(sample_id)
    camera = sample.crop_camera
    distance = 2.2 * camera.focal_length_px / 224
    standing = parameters()
    return NewFit(
        sample_id=sample_id,
        parameters=BodyParameters(
            standing.pose_axis_angle,
            standing.betas,
            np.array([0.0, 0.1, distance], np.float32),
            camera,
        ),
        losses=losses(5.0),
        origin=Origin.MEAN,
    )


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    """Two people of one picture, and one alone in another."""
    write_picture(tmp_path / "two.png", 1)
    write_picture(tmp_path / "alone.png", 2)
    with Dictionary.create(tmp_path / "project") as dictionary:
        ids = dictionary.samples.add(
            [
                new_sample(tmp_path / "two.png", "near", NEAR),
                new_sample(tmp_path / "two.png", "far", FAR),
                new_sample(tmp_path / "alone.png", "alone", NEAR),
            ]
        ).added_ids
        dictionary.fits.offer([new_fit(sample_id, dictionary) for sample_id in ids])
    return tmp_path / "project"


@pytest.fixture
def panel(
    qtbot: QtBot, session: ProjectSession, display_body: DisplayBody, rendering: RenderService
) -> Iterator[FitViewsPanel]:
    panel = FitViewsPanel(session, display_body, rendering)
    qtbot.addWidget(panel)
    panel.resize(760, 640)
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        panel.show()
    yield panel
    panel.close()


def drawn(panel: FitViewsPanel) -> NDArray[np.int64]:
    """The body layer ``(H, W, 4)`` of the whole picture: blue, green, red, alpha."""
    image = panel.board.canvases[WHOLE].frame.mesh.image
    data = np.frombuffer(image.constBits(), np.uint8)
    return data.reshape(image.height(), image.width(), 4).astype(np.int64)


def shown_again(qtbot: QtBot, panel: FitViewsPanel, change) -> NDArray[np.int64]:
    with qtbot.waitSignal(panel.sample_shown, timeout=TIMEOUT_MS):
        change()
    return drawn(panel)


def is_grey(layer: NDArray[np.int64]) -> NDArray[np.bool_]:
    return (layer[..., 3] == 255) & (abs(layer[..., 2] - layer[..., 0]) < 25)


def test_the_other_people_of_the_picture_are_drawn_in_grey_and_the_nearer_hides(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    near_alone = drawn(panel)
    assert not is_grey(near_alone).any()
    both = shown_again(qtbot, panel, lambda: panel.set_everyone(True))
    own = near_alone[..., 3] == 255
    assert is_grey(both).sum() > 100
    assert is_grey(both)[own].mean() < 0.02, "who is nearer hides who is farther"

    far_first = shown_again(qtbot, panel, session.go_next)
    everyone = far_first[..., 3] == 255
    assert abs(int(everyone.sum()) - int((both[..., 3] == 255).sum())) < 60
    assert is_grey(far_first)[own].mean() > 0.8

    far_alone = shown_again(qtbot, panel, lambda: panel.set_everyone(False))
    assert not is_grey(far_alone).any()


def crop_layer(panel: FitViewsPanel) -> NDArray[np.int64]:
    """The body layer of the crop of the current fit."""
    image = panel.board.canvases[0, Column.CURRENT].frame.mesh.image
    data = np.frombuffer(image.constBits(), np.uint8)
    return data.reshape(image.height(), image.width(), 4).astype(np.int64)


def is_light_grey(layer: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Without what is dark: shadows of any colour are grey."""
    return is_grey(layer) & (layer[..., 1] > 90)


def show_large(qtbot: QtBot, panel: FitViewsPanel) -> None:
    """One view large, as sharp as it will be."""
    large = panel.board.canvases[0, Column.CURRENT]
    before = large.width()
    panel.set_one_large(True)
    qtbot.waitUntil(
        lambda: large.width() > before and crop_layer(panel).shape[1] == large.width(),
        timeout=TIMEOUT_MS,
    )


def test_the_large_crop_shows_the_others_behind_who_is_nearer(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    show_large(qtbot, panel)
    alone = crop_layer(panel)
    assert not is_light_grey(alone).any()
    shown_again(qtbot, panel, lambda: panel.set_everyone(True))
    both = crop_layer(panel)
    own = alone[..., 3] == 255
    assert abs(both[own] - alone[own]).mean() < 2, "who is nearer hides who is farther"
    assert is_light_grey(both).sum() > 100


def test_what_was_painted_before_is_not_taken_for_what_is_asked_for_now(
    qtbot: QtBot, panel: FitViewsPanel
) -> None:
    """A painting is told in the next turn of the loop of events; the views may have changed."""

    def change_after_a_painting() -> None:
        panel.board.canvases[WHOLE].painted.emit()
        panel.set_everyone(True)

    assert is_grey(shown_again(qtbot, panel, change_after_a_painting)).sum() > 100


def test_a_crop_that_is_turned_shows_one_body_alone(qtbot: QtBot, panel: FitViewsPanel) -> None:
    show_large(qtbot, panel)
    shown_again(qtbot, panel, lambda: panel.set_everyone(True))
    assert is_light_grey(crop_layer(panel)).any()
    panel.view_state.orbit(ViewKind.CAMERA, 0.2, 0.0)
    qtbot.waitUntil(lambda: not is_light_grey(crop_layer(panel)).any(), timeout=TIMEOUT_MS)


def test_who_is_alone_stays_alone(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    shown_again(qtbot, panel, lambda: panel.set_everyone(True))
    session.go_next()
    alone = shown_again(qtbot, panel, session.go_next)
    assert (alone[..., 3] == 255).any()
    assert not is_grey(alone).any()


def test_a_new_fit_of_another_person_is_shown_at_once(
    qtbot: QtBot, panel: FitViewsPanel, session: ProjectSession
) -> None:
    before = shown_again(qtbot, panel, lambda: panel.set_everyone(True))
    other_id = int(session.sample_ids[1])
    standing = new_fit(other_id, session.dictionary)
    aside = replace(
        standing.parameters,
        camera_translation=standing.parameters.camera_translation + np.float32([0.5, 0, 0]),
    )
    better = replace(standing, parameters=aside, losses=losses(1.0))

    def offer() -> None:
        session.dictionary.fits.offer([better])
        session.records.forget_fits([other_id])
        session.after_edit({other_id}, "")

    after = shown_again(qtbot, panel, offer)
    own = ~is_grey(before) & (before[..., 3] == 255)
    assert abs(before[own] - after[own]).mean() < 2
    columns = [np.flatnonzero(is_grey(layer).any(axis=0)).max() for layer in (before, after)]
    assert columns[1] > columns[0] + 5
