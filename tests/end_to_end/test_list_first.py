"""Until the list of samples is painted, nothing is imported or made that it does not need."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.workflows.shipped_demo import copy_demo_project

ROOT = Path(__file__).resolve().parents[2]

OPENED = """
import json
import linecache
import sys

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

import main

NOT_NEEDED = (
    "torch", "scipy", "sqlite_utils", "cv2", "pyrender", "trimesh", "pyqtgraph", "matplotlib",
    "importlib.metadata", "core.formats.keypoints.coco_keypoints",
    "core.runs.training_configuration", "core.body.display_body",
    "spin_gui.window.sample_parts", "spin_gui.jobs.import_annotations",
)
found = {}


class Watch(QObject):
    def look(self):
        for window in QApplication.topLevelWidgets():
            page = getattr(window, "page", None)
            if page is not None and not found:
                self.window, self.list = window, page.samples.view.viewport()
                self.list.installEventFilter(self)
                self.list.update()
                timer.stop()

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and not found:
            page = self.window.page
            found["rows"] = page.samples.model.rowCount()
            found["whole at first"] = page.is_complete
            found["loaded"] = [name for name in NOT_NEEDED if name in sys.modules]
            found["sources read"] = [
                name for name in linecache.cache if name.endswith("spin_gui/window/main_window.py")
            ]
            page.completed.connect(self.end)
        return False

    def end(self):
        found["whole then"] = self.window.page.views.isVisible()
        QTimer.singleShot(0, self.window.close)


application = QApplication(sys.argv[:1])
watch = Watch()
timer = QTimer(interval=1)
timer.timeout.connect(watch.look)
timer.start()
QTimer.singleShot(60000, application.quit)
status = main.main(["open", sys.argv[1]])
print(json.dumps({**found, "status": status}))
"""


@pytest.fixture(scope="module")
def opened(tmp_path_factory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("list_first")
    copy_demo_project(folder / "demo")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "XDG_CONFIG_HOME": str(folder / "settings"),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    done = subprocess.run(
        [sys.executable, "-c", OPENED, str(folder / "demo")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_list_is_painted_before_anything_else_is_made(opened):
    assert opened["rows"] == 60
    assert opened["whole at first"] is False


def test_the_rest_of_the_page_follows_by_itself(opened):
    assert opened["whole then"] is True
    assert opened["status"] == 0


def test_nothing_is_imported_that_the_list_does_without(opened):
    assert opened["loaded"] == []


def test_no_source_is_read(opened):
    assert opened["sources read"] == []
