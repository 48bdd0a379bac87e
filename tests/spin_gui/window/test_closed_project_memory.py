"""A project that was closed leaves nothing behind in the window's process."""

from __future__ import annotations

import gc
import weakref

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent

from core.types.bodies import BodyParameters
from core.workflows.correct_sample import Corrector


def _straighten(before: BodyParameters, _corrector: Corrector) -> BodyParameters:
    return BodyParameters(np.zeros(72, np.float32), before.betas, before.camera_translation)


def test_after_a_dragged_edit_a_closed_projects_session_and_page_are_collected(qtbot, window):
    page = window.page
    page.correcting.correctors.get()
    for _ in range(3):
        page.correcting.proposals.edit("Straighten", _straighten, merge_key="straighten")
    held = [
        weakref.ref(item) for item in (page, page.session, page.session.dictionary, page.correcting)
    ]
    del page
    window.close_project()
    qtbot.wait(50)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [item() for item in held] == [None] * len(held)
