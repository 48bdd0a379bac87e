"""A person reviews a project by keys, closes the window, and finds it as it was left."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from core.dictionary.store import Dictionary
from core.engine.body.smpl_body import BodyModel
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin, Verdict
from core.types.samples import NewSample
from spin_gui.window.main_window import MainWindow

Key = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
PEOPLE = 5
SIDE_PX = 240


@pytest.fixture
def project(tmp_path: Path, open_body: BodyModel) -> Path:
    """Five people in five pictures, each with the fit that its keypoints were made from."""
    import torch

    generator = np.random.default_rng(4)
    samples, bodies = [], []
    for number in range(PEOPLE):
        body = _parameters(generator)
        posed = open_body.posed(
            torch.from_numpy(body.pose_axis_angle)[None], torch.from_numpy(body.betas)[None]
        )
        points = posed.keypoints[0].detach().numpy() + body.camera_translation
        keypoints = np.ones((49, 3), np.float32)
        keypoints[:, :2] = 5000 / 224 * SIDE_PX * points[:, :2] / points[:, 2:] + SIDE_PX / 2
        samples.append(_sample(tmp_path, number, keypoints))
        bodies.append(body)
    folder = tmp_path / "people"
    with Dictionary.create(folder) as dictionary:
        ids = dictionary.samples.add(samples).added_ids
        losses = FitLosses(
            reprojection=1.0, pose_prior=1.0, angle_prior=0.0, shape_prior=0.0, comparison=1.0
        )
        pairs = zip(ids, bodies, strict=True)
        dictionary.fits.offer(
            [
                NewFit(sample_id=one, parameters=body, losses=losses, origin=Origin.MEAN)
                for one, body in pairs
            ]
        )
    return folder


def _parameters(generator: np.random.Generator) -> BodyParameters:
    pose = generator.normal(0, 0.1, 72).astype(np.float32)
    pose[:3] = np.pi, 0, 0
    betas = generator.normal(0, 0.5, 10).astype(np.float32)
    return BodyParameters(pose, betas, np.array([0.0, 0.1, 48.0], np.float32))


def _sample(folder: Path, number: int, keypoints: np.ndarray) -> NewSample:
    path = folder / f"picture_{number}.png"
    cv2.imwrite(str(path), np.full((SIDE_PX, SIDE_PX, 3), 90 + 20 * number, np.uint8))
    return NewSample(
        picture_path=path,
        picture_size_px=(SIDE_PX, SIDE_PX),
        dataset="end to end",
        person_key="0",
        box_center_px=np.array([SIDE_PX / 2, SIDE_PX / 2], np.float32),
        box_scale=SIDE_PX / 200,
        keypoints_px=keypoints,
    )


def _open(qtbot, project: Path) -> MainWindow:
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window, timeout=5000)
    assert window.open_project(project)
    _wait_until_shown(qtbot, window)
    return window


def _wait_until_shown(qtbot, window: MainWindow) -> None:
    session, views = window.page.session, window.page.views
    qtbot.waitUntil(lambda: views.shown_sample_id == session.current_id, timeout=60_000)


def _press(qtbot, window: MainWindow, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(window.focusWidget() or window, key, modifier)
    _wait_until_shown(qtbot, window)


def _verdicts(project: Path) -> list[Verdict]:
    with Dictionary.open(project) as dictionary:
        fits = dictionary.fits.current(list(range(1, PEOPLE + 1)))
    return [fits[sample_id].verdict for sample_id in range(1, PEOPLE + 1)]


def test_a_review_by_keys_is_found_as_it_was_left(qtbot, project):
    window = _open(qtbot, project)
    for key in (Key.Key_A, Key.Key_X, Key.Key_U, Key.Key_A):
        _press(qtbot, window, key)
    none, accepted = Verdict.NONE, Verdict.ACCEPTED
    rejected, unsure = Verdict.REJECTED, Verdict.UNSURE
    assert _verdicts(project) == [accepted, rejected, unsure, accepted, none]

    for _ in range(3):
        _press(qtbot, window, Key.Key_Z, CONTROL)
    assert _verdicts(project) == [accepted, none, none, none, none]
    assert window.page.session.current_row == 1
    _press(qtbot, window, Key.Key_Z, CONTROL | SHIFT)
    assert _verdicts(project) == [accepted, rejected, none, none, none]

    _press(qtbot, window, Key.Key_Home)
    _press(qtbot, window, Key.Key_C)
    _press(qtbot, window, Key.Key_End)
    _press(qtbot, window, Key.Key_A)
    left = [none, rejected, none, none, accepted]
    assert _verdicts(project) == left
    window.close()

    again = _open(qtbot, project)
    assert _verdicts(project) == left
    assert again.status.left.text() == "3 left to review"
    session = again.page.session
    shown = [session.records.row(int(sample_id)).verdict for sample_id in session.sample_ids]
    assert shown == left
    again.close()
