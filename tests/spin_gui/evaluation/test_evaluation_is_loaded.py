"""The page of the evaluation is there at once, and says that what it needs is being loaded."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt

from core.types.fits import Verdict
from spin_gui.evaluation.panel import EvaluationPanel
from spin_gui.widgets.page import Page
from spin_gui.window.pages import late_panels
from spin_gui.window.pages.late_panels import LOADING, NOT_LOADED, WaitingPanel


@pytest.fixture
def slow_torch(monkeypatch):
    """PyTorch is not loaded before it is let go."""
    loaded = threading.Event()
    monkeypatch.setattr(late_panels, "torch_is_loaded", loaded.is_set)
    monkeypatch.setattr(late_panels, "load_torch_for_jobs", lambda: loaded.wait(10))
    yield loaded
    loaded.set()


def test_the_page_says_that_it_loads_and_shows_its_panel_then(qtbot, window, press, slow_torch):
    page = window.page
    press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    panel = page.shown_panel
    assert isinstance(panel, WaitingPanel)
    assert panel.isVisible()
    assert panel.note.text() == LOADING
    assert not panel.is_drawn()
    slow_torch.set()
    qtbot.waitUntil(lambda: isinstance(page.shown_panel, EvaluationPanel), timeout=10_000)
    assert page.shown_panel.isVisible()


def test_keys_reach_no_sample_while_the_page_loads(qtbot, window, press, slow_torch):
    session = window.page.session
    press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_A)
    press(Qt.Key.Key_Right)
    assert session.current_id == 1
    assert session.records.current_fit(1).verdict is Verdict.NONE


def test_who_went_elsewhere_meanwhile_is_left_there(qtbot, window, press, slow_torch):
    page = window.page
    press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    press(Qt.Key.Key_Escape)
    slow_torch.set()
    qtbot.waitUntil(lambda: page._late.is_ready(Page.EVALUATION), timeout=10_000)
    assert page.shown_page is Page.SAMPLES
    press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    assert isinstance(page.shown_panel, EvaluationPanel)


def test_what_cannot_be_loaded_is_told_and_tried_again(
    qtbot, window, press, slow_torch, monkeypatch
):
    def broken() -> None:
        raise ImportError("libtorch is missing")

    monkeypatch.setattr(late_panels, "load_torch_for_jobs", broken)
    page = window.page
    press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.errors.dialog is not None, timeout=10_000)
    assert "libtorch is missing" in window.errors.dialog.as_text
    window.errors.dialog.accept()
    assert page.shown_panel.note.text() == NOT_LOADED
    monkeypatch.setattr(late_panels, "load_torch_for_jobs", slow_torch.set)
    window.commands["view.evaluation"].trigger()
    window.commands["view.evaluation"].trigger()
    qtbot.waitUntil(lambda: isinstance(page.shown_panel, EvaluationPanel), timeout=10_000)


def test_a_project_may_be_closed_while_the_page_loads(qtbot, window, press, slow_torch):
    press(Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    window.close_project()
    slow_torch.set()
    qtbot.wait(50)
    assert window.page is None
