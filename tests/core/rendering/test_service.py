"""One drawing thread for everybody."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.errors import RenderingError, ShapeError
from core.rendering.render_thread import RenderService
from core.rendering.views import TOP, crop_view

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def view(posed):
    return crop_view(posed.vertices, posed.camera_translation, size_px=64)


class _HeldService:
    """A service whose drawing thread is busy until ``release``: what comes meanwhile must wait."""

    def __init__(self, service: RenderService, view) -> None:
        self._gate = threading.Event()
        begun = threading.Event()

        def hold(_future) -> None:
            begun.set()
            self._gate.wait(10)

        service.submit(view, priority=100).add_done_callback(hold)
        assert begun.wait(30)

    def release(self) -> None:
        self._gate.set()


@pytest.fixture
def held(service, view):
    held = _HeldService(service, view)
    yield held
    held.release()


def _order_of(futures, held):
    order = []
    for name, future in futures.items():
        future.add_done_callback(lambda _done, name=name: order.append(name))
    held.release()
    for future in futures.values():
        future.result(30)
    return order


def test_urgent_requests_come_first_and_among_equals_the_newest(service, view, held):
    futures = {
        "thumbnail": service.submit(view, priority=-1),
        "old": service.submit(view, priority=5),
        "new": service.submit(view, priority=5),
        "neighbour": service.submit(view, priority=0),
    }
    assert _order_of(futures, held) == ["new", "old", "neighbour", "thumbnail"]


def test_cancelled_requests_are_never_drawn(service, view, held):
    dropped = [service.submit(view, priority=0) for _ in range(3)]
    kept = service.submit(view, priority=1)
    assert dropped[0].cancel()
    assert service.cancel_below(1) == 2
    held.release()
    assert kept.result(30).shape == (64, 64, 4)
    assert all(future.cancelled() for future in dropped)


def test_many_threads_get_their_own_pictures(service, posed):
    def draw(size_px):
        view = crop_view(posed.vertices, posed.camera_translation, size_px=size_px)
        return service.render(view).shape

    sizes = [40 + 3 * index for index in range(24)]
    with ThreadPoolExecutor(8) as pool:
        shapes = list(pool.map(draw, sizes))
    assert shapes == [(size, size, 4) for size in sizes]


def test_errors_arrive_through_the_future_and_the_service_lives_on(service, view, posed):
    too_large = crop_view(posed.vertices, posed.camera_translation, size_px=9000)
    with pytest.raises(RenderingError, match="too large"):
        service.submit(too_large).result(30)
    assert service.render(view).any()


def test_more_meshes_than_are_kept_still_draw_alike(service, posed):
    """Guards the cache of meshes: a dropped mesh is uploaded again, and none is mixed up."""
    offsets = [np.array([0.01 * index, 0, 0], np.float32) for index in range(40)]

    def views():
        return [
            crop_view(posed.vertices, posed.camera_translation + offset, size_px=48)
            for offset in offsets
        ]

    first = [service.render(view) for view in views()]
    again = [service.render(view) for view in views()]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert (first[0] != first[-1]).any()


def test_two_services_at_once_and_in_sequence_work(open_body, posed):
    """Deleting one pyrender renderer kills another's context; services must not feel it."""
    view = crop_view(posed.vertices, posed.camera_translation, size_px=64, angle=TOP)
    first, second = RenderService(open_body.faces), RenderService(open_body.faces[::-1])
    one, other = first.render(view), second.render(view)
    first.close()
    np.testing.assert_array_equal(second.render(view), other)
    second.close()
    with RenderService(open_body.faces) as third:
        np.testing.assert_array_equal(third.render(view), one)


def test_a_fresh_thread_follows_the_last_closed_service():
    """In its own process, where no other test keeps the drawing thread alive."""
    code = """
import threading
import numpy as np
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view
view = crop_view(np.eye(3), np.array([0.0, 0.0, 50.0]), size_px=64)
pictures = []
for _ in range(2):
    with RenderService(np.array([[0, 2, 1]])) as service:
        pictures.append(service.render(view))
    assert "rendering" not in [thread.name for thread in threading.enumerate()]
assert pictures[0].any() and (pictures[0] == pictures[1]).all()
"""
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_close_is_idempotent_and_drops_what_waits(open_body, view, service, held):
    closing = RenderService(open_body.faces)
    waiting = closing.submit(view)
    closing.close()
    closing.close()
    assert waiting.cancelled()
    with pytest.raises(RenderingError, match="closed"):
        closing.submit(view)


def test_faces_of_a_wrong_shape_are_refused():
    with pytest.raises(ShapeError, match="faces"):
        RenderService(np.zeros((4, 2), dtype=np.int64))


def test_without_opengl_the_error_names_the_remedy():
    code = """
import numpy as np
from core.errors import RenderingError
from core.rendering.render_thread import RenderService
from core.rendering.views import crop_view
view = crop_view(np.eye(3), np.array([0.0, 0.0, 50.0]), size_px=8)
with RenderService(np.array([[0, 2, 1]])) as service:
    try:
        service.render(view)
    except RenderingError as error:
        assert "libegl1" in error.remedy, error.remedy
        print("told")
"""
    environment = {**os.environ, "PYOPENGL_PLATFORM": "no-such-platform"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip() == "told", done.stderr
