"""Where there is nothing to show, the button of the next step stands in its place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.types.flags import FlagName
from spin_gui.importing.import_dialog import ImportDialog
from spin_gui.jobs.fit_dialog import FitDialog
from spin_gui.jobs.job import JobKind
from spin_gui.training.train import TrainDialog
from spin_gui.widgets.page import Page
from tests.spin_gui.small_project import make_project, new_fit

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def empty(tmp_path):
    Dictionary.create(tmp_path / "project").close()
    return tmp_path / "project"


@pytest.fixture
def unfitted(tmp_path):
    return make_project(tmp_path, losses=[])


@pytest.fixture
def project(request, tmp_path):
    """The project that a test names."""
    return request.getfixturevalue(getattr(request, "param", "empty"))


def go(window, action_id):
    window.commands[action_id].setChecked(True)


def opened(window, kind: type[QDialog]) -> None:
    (dialog,) = [found for found in window.findChildren(kind) if found.isVisible()]
    dialog.reject()


def visible_buttons(nothing) -> list[str]:
    return [action_id for action_id, button in nothing.buttons.items() if button.isVisible()]


PAGES = ("view.gallery", "view.compare", "view.evaluation")


@pytest.mark.parametrize("action_id", PAGES)
def test_without_samples_pages_offer_to_find_people(qtbot, window, action_id):
    go(window, action_id)
    nothing = window.page.nothing
    assert visible_buttons(nothing) == ["file.find_people", "file.import"]
    qtbot.mouseClick(nothing.buttons["file.find_people"], LEFT)
    opened(window, ImportDialog)


def test_without_samples_the_middle_of_the_review_offers_the_same(qtbot, window):
    nothing = window.page.parts.nothing
    assert visible_buttons(nothing) == ["file.find_people", "file.import"]


@pytest.mark.parametrize("project", ["unfitted"], indirect=True)
@pytest.mark.parametrize("action_id", PAGES)
def test_without_fits_pages_offer_to_fit_and_appear_once_there_are_some(
    qtbot, window, project, action_id
):
    go(window, action_id)
    nothing = window.page.nothing
    assert visible_buttons(nothing) == ["fitting.fit"]
    qtbot.mouseClick(nothing.buttons["fitting.fit"], LEFT)
    opened(window, FitDialog)
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([new_fit(1, 10.0)])
    window.page.session.notice_external_changes()
    assert not nothing.isVisible()
    assert window.page.shown_panel is not None
    assert window.page.shown_panel.isVisible()


@pytest.mark.parametrize("project", ["unfitted"], indirect=True)
def test_a_sample_without_a_fit_offers_to_fit(qtbot, window, project):
    details = window.page.parts.details
    assert details.fit_button.isVisible()
    assert not details.edit_button.isVisible()
    qtbot.mouseClick(details.fit_button, LEFT)
    opened(window, FitDialog)


def test_without_a_training_the_page_offers_one(qtbot, window):
    go(window, "training.page")
    panel = window.page.shown_panel
    assert panel.nothing.isVisible()
    qtbot.mouseClick(panel.nothing.focusProxy(), LEFT)
    opened(window, TrainDialog)


@pytest.mark.parametrize("project", ["flagged_project"], indirect=True)
def test_a_kind_that_flags_nothing_offers_every_kind_and_the_samples(qtbot, window, project):
    go(window, "view.gallery")
    panel = window.page.shown_panel
    assert not panel.nothing.isVisible()
    panel.choose_kind(next(kind for kind in FlagName if kind not in panel.model.counts))
    assert panel.nothing.isVisible()
    qtbot.mouseClick(panel.all_button, LEFT)
    assert panel.model.kind is None
    assert not panel.nothing.isVisible()
    panel.choose_kind(next(kind for kind in FlagName if kind not in panel.model.counts))
    qtbot.mouseClick(panel.review_button, LEFT)
    assert window.page.shown_page is Page.SAMPLES


@pytest.mark.parametrize("project", ["unfitted"], indirect=True)
def test_a_filter_that_hides_all_can_be_cleared_where_one_looks(qtbot, window, project):
    with Dictionary.open(project) as dictionary:
        dictionary.fits.offer([new_fit(1, 10.0)])
    session = window.page.session
    session.notice_external_changes()
    session.set_query(SampleQuery(text="no such name"))
    nothing = window.page.parts.nothing
    assert visible_buttons(nothing) == ["edit.clear_filter"]
    qtbot.mouseClick(nothing.buttons["edit.clear_filter"], LEFT)
    assert len(session.sample_ids) == 6


@pytest.fixture
def fitted(tmp_path):
    """Six people with fits, and no prediction of anyone."""
    return make_project(tmp_path)


@pytest.mark.parametrize("project", ["fitted"], indirect=True)
def test_where_the_prediction_to_compare_with_is_missing_it_can_be_made(
    qtbot, window, project, monkeypatch
):
    started = []
    monkeypatch.setattr(window.job_controller, "start", started.append)
    go(window, "view.compare")
    button = window.page.shown_panel.predict_button
    assert button.isVisible()
    qtbot.mouseClick(button, LEFT)
    assert [job.kind for job in started] == [JobKind.PREDICT]
    window.page.shown_panel.compare("current", "current")
    assert not button.isVisible()
