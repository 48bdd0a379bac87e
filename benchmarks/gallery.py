"""How the failure gallery bears thousands of flagged samples, in the real window.

A project of people with extreme shapes is made; every one of them is flagged. Taken are the time to
read the list, the time until every picture in sight is drawn after a jump to the end, and, while a
key that is held walks down a hundred rows, the gaps between the beats of a timer on the main thread
(what a person feels as stalls) and the processor time that this thread takes for each key, which
hardly depends on what else the machine does.

    python -m benchmarks.gallery [--quick] [--json]
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

if not os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, QObject, QSettings, Qt, QTimer
from PySide6.QtTest import QTest

from benchmarks.common.reporting import benchmark_arguments, report
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.bodies import BodyParameters
from core.types.fits import FitLosses, NewFit, Origin
from core.types.predictions import NewPrediction
from core.types.samples import NewSample
from spin_gui.gallery.gallery import GalleryPanel
from spin_gui.window.app import make_application
from spin_gui.window.main_window import MainWindow

WINDOW_SIZE = (1600, 1000)
SAMPLES, QUICK_SAMPLES = 5000, 500
KEYS, KEY_PACE_MS = 100, 33
BEAT_MS = 5
WAIT_S = 60.0
PICTURES = 50
_LOSSES = FitLosses(reprojection=1, pose_prior=1, angle_prior=1, shape_prior=1, comparison=20.0)


def make_project(folder: Path, samples: int) -> Path:
    """People with a beta above 3, each with a pose of its own, and predictions."""
    rng = np.random.default_rng(0)
    paths = [folder / f"{number}.jpg" for number in range(PICTURES)]
    for path in paths:
        cv2.imwrite(str(path), rng.integers(0, 255, (480, 640, 3), dtype=np.uint8))
    keypoints = np.concatenate([rng.uniform(200, 400, (49, 2)), np.ones((49, 1))], axis=1)
    people = [
        NewSample(
            picture_path=paths[number % PICTURES],
            picture_size_px=(640, 480),
            dataset="benchmark",
            person_key=str(number),
            box_center_px=np.array([320, 240], np.float32),
            box_scale=1.5,
            keypoints_px=keypoints.astype(np.float32),
        )
        for number in range(samples)
    ]
    project = folder / "project"
    with Dictionary.create(project) as dictionary:
        ids = dictionary.samples.add(people).added_ids
        bodies = {sample_id: _body(rng) for sample_id in ids}
        dictionary.fits.offer(
            [
                NewFit(sample_id=one, parameters=body, losses=_LOSSES, origin=Origin.MEAN)
                for one, body in bodies.items()
            ]
        )
        dictionary.predictions.store(
            NewPrediction(sample_id=sample_id, parameters=_body(rng)) for sample_id in ids
        )
    return project


def _body(rng: np.random.Generator) -> BodyParameters:
    pose = rng.normal(0, 0.2, 72).astype(np.float32)
    pose[:3] = [np.pi, 0, 0]
    betas = rng.normal(0, 1, 10).astype(np.float32)
    betas[0] = rng.uniform(3.1, 6)
    return BodyParameters(pose, betas, np.array([0, 0.2, 45], np.float32))


class Heart(QObject):
    """Beats on the main thread and keeps the longest pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps_ms: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps_ms.append(1000 * (now - self._last))
        self._last = now


def pass_time(ms: float) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(round(ms), loop.quit)
    loop.exec()


def is_drawn(gallery: GalleryPanel) -> bool:
    """Whether every image of every row in sight is there."""
    view = gallery.view
    rows = gallery.model.gallery_rows(view.rows_in_sight())
    plans = [plan for row in rows for plan in view.plans(row)]
    return bool(plans) and all(plan is not None and view.loader.is_done(plan) for plan in plans)


def ms_until_complete(gallery: GalleryPanel) -> float:
    """From now until the rows in sight are drawn; raises ``StudioError`` after a minute."""
    started = time.perf_counter()
    while not is_drawn(gallery):
        if time.perf_counter() - started > WAIT_S:
            raise StudioError(f"The rows were not drawn within {WAIT_S:.0f} s.")
        pass_time(20)
    return 1000 * (time.perf_counter() - started)


def measure(window: MainWindow, project: Path) -> dict[str, object]:
    """All numbers of one window."""
    window.open_project(project)
    window.commands["view.gallery"].setChecked(True)
    gallery = window.page.shown_panel if window.page is not None else None
    if not isinstance(gallery, GalleryPanel):
        raise StudioError(f"The window does not show the gallery of {project}.")
    first = ms_until_complete(gallery)
    started = time.perf_counter()
    gallery.model.read()
    read = 1000 * (time.perf_counter() - started)
    heart, busy = Heart(), time.thread_time()
    for _ in range(KEYS):
        QTest.keyClick(gallery.view, Qt.Key.Key_Down)
        pass_time(KEY_PACE_MS)
    busy = time.thread_time() - busy
    gaps = np.array(heart.gaps_ms)
    walked = ms_until_complete(gallery)
    gallery.view.go_to_row(gallery.model.rowCount() - 1)
    pass_time(1)
    return {
        "flagged": gallery.model.rowCount(),
        "list_read_ms": read,
        "first_rows_ms": first,
        "key_main_thread_ms": 1000 * busy / KEYS,
        "key_gap_p95_ms": float(np.percentile(gaps, 95)),
        "key_gap_worst_ms": float(gaps.max()),
        "after_walk_ms": walked,
        "jump_to_end_ms": ms_until_complete(gallery),
    }


def main() -> None:
    """Make the project, measure, report."""
    options = benchmark_arguments(__doc__ or "").parse_args()
    make_application()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder))
        project = make_project(folder, QUICK_SAMPLES if options.quick else SAMPLES)
        window = MainWindow()
        window.resize(*WINDOW_SIZE)
        window.show()
        try:
            results = measure(window, project)
        finally:
            window.close()
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
