"""What all tests of the window share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_search_for_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    """No thread starts by itself a moment after a project opens; its own tests let it."""
    monkeypatch.setattr("spin_gui.jobs.background_flagger.REST_MS", 3_600_000)
