"""Widgets in cycles are taken apart by the event loop of the main thread."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from spin_gui.window import main_thread_garbage
from spin_gui.window.app import make_application
from spin_gui.window.main_thread_garbage import MainThreadGarbage


def test_a_widget_in_a_cycle_ends_on_the_main_thread_while_another_makes_objects(
    qtbot, monkeypatch
):
    monkeypatch.setattr(main_thread_garbage, "PERIOD_MS", 20)
    gone_on: list[threading.Thread] = []

    class Knot(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.itself = self
            self.destroyed.connect(lambda: gone_on.append(threading.current_thread()))

    gc.collect()
    collector = MainThreadGarbage(QCoreApplication.instance())
    Knot()
    ended = threading.Event()

    def make_objects() -> None:
        while not ended.is_set():
            [[] for _ in range(10_000)]

    worker = threading.Thread(target=make_objects)
    worker.start()
    try:
        qtbot.waitUntil(lambda: bool(gone_on), timeout=10_000)
    finally:
        ended.set()
        worker.join()
        collector.deleteLater()
    assert gone_on == [threading.main_thread()]


def test_one_application_has_one_search_however_often_it_is_asked_for(qapp):
    for _ in range(2):
        make_application()
    assert len(qapp.findChildren(MainThreadGarbage)) == 1
