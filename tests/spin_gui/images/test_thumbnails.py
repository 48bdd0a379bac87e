"""Thumbnails: made in the background, newest first, kept in bounds and on disk."""

from __future__ import annotations

import os
import threading
from concurrent.futures import CancelledError
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QImageReader

from core.errors import PictureError, RenderingError
from core.rendering.render_thread import RenderService
from core.rendering.views import BendingLens
from core.types.bodies import CropCamera
from core.types.cameras import PictureCamera
from core.types.fits import Verdict
from spin_gui.images import thumbnails as thumbnails_module
from spin_gui.images.thumbnail_images import (
    THUMBNAIL_PX,
    ThumbnailJob,
    draw_overlay,
    make_thumbnail,
    view_digest,
)
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.session.session import ProjectSession
from spin_gui.session.verdict_edits import judge_selected
from tests.spin_gui.small_project import make_project, new_fit

RED = (255, 0, 0)


def red_overlay(_parameters, size_px, _lens=None):
    drawn = np.zeros((size_px, size_px, 4), np.uint8)
    drawn[: size_px // 2] = (*RED, 255)
    return drawn


@pytest.fixture
def provider(session):
    made = ThumbnailProvider(session.dictionary, overlay=red_overlay)
    yield made
    made.close()


def job_of(session: ProjectSession, sample_id: int = 1) -> ThumbnailJob:
    sample, fit = session.records.sample(sample_id), session.records.current_fit(sample_id)
    return ThumbnailJob(sample.id, fit.id, sample.picture_path, sample.box, fit.parameters)


def test_jpeg_can_be_read_and_written_here():
    assert b"jpg" in {
        bytes(supportedImageFormat.data())
        for supportedImageFormat in QImageReader.supportedImageFormats()
    }


def test_a_thumbnail_is_asked_for_once_and_then_at_hand(session, provider, qtbot):
    row = session.records.row(1)
    with qtbot.waitSignal(provider.ready) as ready:
        assert provider.pixmap(row) is None
        assert provider.pixmap(row) is None
        assert not provider.idle
    assert ready.args[0].sample_id == 1
    assert provider.idle
    pixmap = provider.pixmap(row)
    assert (pixmap.width(), pixmap.height()) == (THUMBNAIL_PX, THUMBNAIL_PX)


def test_the_body_lies_over_the_crop(session, tmp_path):
    image = make_thumbnail(job_of(session), cache=tmp_path / "cache", overlay=red_overlay)
    top, bottom = image.pixelColor(64, 20), image.pixelColor(64, 120)
    assert (top.red(), top.green(), top.blue()) == RED
    assert bottom.red() < 250


def test_the_second_time_it_comes_from_disk(session, tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    make_thumbnail(job_of(session), cache=folder, overlay=red_overlay)

    def must_not_run(*_arguments):
        raise AssertionError("made again although it was kept")

    image = make_thumbnail(job_of(session), cache=folder, overlay=must_not_run)
    assert image.pixelColor(64, 20).red() > 240


def test_a_picture_that_changed_is_read_again_and_the_old_file_goes(session, tmp_path):
    folder, job = tmp_path / "cache", job_of(session)
    make_thumbnail(job, cache=folder, overlay=red_overlay)
    os.utime(job.picture_path, ns=(1, 1))
    calls = []
    make_thumbnail(
        job, cache=folder, overlay=lambda *given: calls.append(given) or red_overlay(*given)
    )
    assert len(calls) == 1
    assert len(list(folder.rglob("*.jpg"))) == 1


def test_a_corrected_box_and_another_camera_are_drawn_again(session, tmp_path):
    folder, job = tmp_path / "cache", job_of(session)
    corrected = replace(job, box=replace(job.box, side_px=job.box.side_px + 20))
    near = replace(job.parameters, camera=CropCamera(700.0, 112.0, 112.0))
    calls = []

    def overlay(*given):
        calls.append(given)
        return red_overlay(*given)

    for seen in (job, corrected, replace(corrected, parameters=near)):
        for _ in range(2):
            make_thumbnail(seen, cache=folder, overlay=overlay)
    assert len(calls) == 3
    assert len(list(folder.rglob("*.jpg"))) == 1


def test_a_lens_that_bends_lines_bends_the_body_of_the_thumbnail(session, tmp_path):
    job = job_of(session)
    camera = PictureCamera(250.0, (160.0, 120.0), (-0.35, 0.1))
    body = replace(job.parameters, camera=camera.crop_camera(job.box))
    lenses = []

    def overlay(parameters, size_px, lens):
        lenses.append(lens)
        return red_overlay(parameters, size_px)

    for seen in (job, replace(job, parameters=body), replace(job, parameters=body, camera=camera)):
        make_thumbnail(seen, cache=tmp_path / "cache", overlay=overlay)
    assert lenses == [None, None, BendingLens(camera, job.box)]


def test_the_bent_body_is_another_thumbnail_than_the_straight_one(session):
    camera = PictureCamera(250.0, (160.0, 120.0), (-0.35, 0.1))
    other = replace(camera, distortion=(-0.3, 0.1))
    job = job_of(session)
    assert len({view_digest(replace(job, camera=lens)) for lens in (None, camera, other)}) == 3


def test_a_corrected_box_is_shown_without_another_fit(session, provider, qtbot):
    session.samples_changed.connect(provider.forget_moved)
    for sample_id in (1, 2):
        with qtbot.waitSignal(provider.ready):
            provider.pixmap(session.records.row(sample_id))
    judge_selected(session, Verdict.ACCEPTED)
    box = session.records.sample(1).box
    session.dictionary.corrections.set_box(
        1, replace(box, side_px=box.side_px + 30), compare=lambda *_measured: None
    )
    session.records.forget_samples([1])
    session.after_edit({1, 2}, "")
    assert provider.pixmap(session.records.row(2)) is not None
    with qtbot.waitSignal(provider.ready):
        assert provider.pixmap(session.records.row(1)) is None


@pytest.mark.parametrize("error", [RenderingError("no context"), CancelledError(), TimeoutError()])
def test_without_a_renderer_the_crop_is_shown_but_not_kept(session, tmp_path, error):
    def fail(*_arguments):
        raise error

    image = make_thumbnail(job_of(session), cache=tmp_path / "cache", overlay=fail)
    assert image.width() == THUMBNAIL_PX
    assert not list((tmp_path / "cache").rglob("*.jpg"))


def test_a_missing_picture_is_named_and_not_tried_at_every_painting(session, provider, qtbot):
    session.records.sample(1).picture_path.unlink()
    row = session.records.row(1)
    with qtbot.waitSignal(provider.failed):
        provider.pixmap(row)
    assert "person_0001.png" in provider.problem(row)
    assert provider.pixmap(row) is None
    with pytest.raises(PictureError, match="cannot be read"):
        make_thumbnail(job_of(session), cache=session.dictionary.file.cache_folder, overlay=None)
    with qtbot.assertNotEmitted(provider.failed, wait=50):
        provider.pixmap(row)


def test_a_missing_picture_is_tried_again_when_asked_to(session, provider, qtbot):
    path = session.records.sample(1).picture_path
    hidden = path.rename(path.with_suffix(".hidden"))
    row = session.records.row(1)
    with qtbot.waitSignal(provider.failed):
        provider.pixmap(row)
    hidden.rename(path)
    provider.forget_failures()
    with qtbot.waitSignal(provider.ready):
        provider.pixmap(row)
    assert provider.pixmap(row) is not None


def test_a_new_fit_asks_for_a_new_thumbnail(session, provider, qtbot):
    with qtbot.waitSignal(provider.ready):
        provider.pixmap(session.records.row(1))
    judge_selected(session, Verdict.ACCEPTED)
    assert provider.pixmap(session.records.row(1)) is not None
    session.dictionary.verdicts.set({1: Verdict.NONE})
    session.dictionary.fits.offer([new_fit(1, 0.5, turn_rad=1.0)])
    with qtbot.waitSignal(provider.ready):
        assert provider.pixmap(session.records.row(1)) is None


def test_rows_painted_last_come_first_and_stale_ones_are_dropped(tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(thumbnails_module, "WORKERS", 1)
    monkeypatch.setattr(thumbnails_module, "MAX_WAITING", 4)
    session = ProjectSession(make_project(tmp_path, people=12))
    gate, made = threading.Event(), []

    def slow(*given):
        gate.wait(5)
        return red_overlay(*given)

    provider = ThumbnailProvider(session.dictionary, overlay=slow)
    provider.ready.connect(lambda key: made.append(key.sample_id))
    rows = session.dictionary.search.rows(range(1, 13))
    provider.pixmap(rows[0])
    provider._start()
    for row in rows[1:7]:  # scrolled past
        provider.pixmap(row)
    provider._start()
    for row in rows[9:12]:  # on screen now, from top to bottom
        provider.pixmap(row)
    provider._start()
    gate.set()
    qtbot.waitUntil(lambda: len(made) == 5)
    assert made == [1, 10, 11, 12, 2]
    provider.close()
    session.close()


def test_a_fit_replaced_meanwhile_is_not_asked_for_in_a_circle(session, provider, qtbot):
    stale = session.records.row(1)
    session.dictionary.fits.offer([new_fit(1, 0.5, turn_rad=1.0)])
    with qtbot.waitSignal(provider.ready):
        provider.pixmap(stale)
    assert provider.pixmap(stale) is not None


def test_memory_is_bounded(session, qtbot):
    provider = ThumbnailProvider(session.dictionary, budget_bytes=2 * 4 * THUMBNAIL_PX**2)
    for sample_id in (1, 2, 3):
        with qtbot.waitSignal(provider.ready):
            provider.pixmap(session.records.row(sample_id))
    assert len(provider._values) == 2
    assert provider.pixmap(session.records.row(3)) is not None
    provider.close()


def test_pixmaps_are_made_on_the_main_thread_only(session, provider, qtbot, monkeypatch):
    threads = []

    class Watched(thumbnails_module.QPixmap):
        @staticmethod
        def fromImage(image):  # noqa: N802 - Qt's name
            threads.append(threading.current_thread())
            return from_image(image)

    from_image = thumbnails_module.QPixmap.fromImage
    monkeypatch.setattr(thumbnails_module, "QPixmap", Watched)
    with qtbot.waitSignal(provider.ready):
        provider.pixmap(session.records.row(1))
    assert threads == [threading.main_thread()]


def test_closing_in_the_middle_waits_and_asks_for_no_more(session, qtbot):
    provider = ThumbnailProvider(session.dictionary, overlay=red_overlay)
    for sample_id in range(1, 7):
        provider.pixmap(session.records.row(sample_id))
    provider._start()
    provider.close()
    with qtbot.assertNotEmitted(provider.ready, wait=50):
        assert provider.pixmap(session.records.row(6)) is None


def test_the_real_renderer_puts_the_body_on_the_crop(session, display_body, tmp_path):
    faces = np.asarray(display_body.faces)
    with RenderService(faces) as rendering:
        fit = session.records.current_fit(1)
        drawn = draw_overlay(display_body, rendering, fit.parameters, THUMBNAIL_PX)
    assert drawn.shape == (THUMBNAIL_PX, THUMBNAIL_PX, 4)
    covered = (drawn[..., 3] > 0).mean()
    assert 0.03 < covered < 0.6


def test_rows_that_fly_past_get_their_thumbnails_once_it_is_calm(tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(thumbnails_module, "CALM_MS", 600_000)
    session = ProjectSession(make_project(tmp_path, people=12))
    provider = ThumbnailProvider(session.dictionary, overlay=red_overlay)
    made = []
    provider.ready.connect(lambda key: made.append(key.sample_id))
    rows = session.dictionary.search.rows(range(1, 13))
    for row in rows:
        provider.pixmap(row)
    qtbot.waitUntil(provider._calm.isActive)
    qtbot.wait(50)
    assert not made
    assert not provider.idle
    provider._calm.start(0)
    qtbot.waitUntil(lambda: len(made) == len(rows))
    assert provider.idle
    provider.close()
    session.close()
