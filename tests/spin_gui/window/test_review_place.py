"""A project opens where its reviewer left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dictionary.search.query import SampleQuery, SortKey
from core.errors import DictionaryError
from core.types.fits import Verdict
from spin_gui.window.main_window import MainWindow
from spin_gui.window.restored_view import ReviewBookmark, place_key
from spin_gui.window.settings import WindowSettings


def test_a_place_is_read_back_as_it_was_written():
    query = SampleQuery(
        text="beach party",
        verdicts=frozenset({Verdict.REJECTED, Verdict.NONE}),
        sort=SortKey.LOSS,
        descending=True,
    )
    assert ReviewBookmark.from_text(ReviewBookmark(query, 7).to_text()) == ReviewBookmark(query, 7)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "nonsense", '{"where": "colour:red"}', "null", "[" * 50_000 + "]" * 50_000],
)
def test_a_place_that_was_tampered_with_is_no_place(text):
    assert ReviewBookmark.from_text(text) is None


def test_projects_have_places_of_their_own(tmp_path):
    assert place_key(tmp_path / "a") != place_key(tmp_path / "b")
    assert place_key(tmp_path / "a") == place_key(tmp_path / "b" / ".." / "a")


def test_a_project_whose_path_is_no_text_has_a_place(tmp_path):
    assert len(place_key(tmp_path / "caf\udce9")) == 16


def test_filter_order_and_sample_are_found_again(qtbot, project: Path, tmp_path: Path):
    settings_file = tmp_path / "settings.ini"
    query = SampleQuery(sort=SortKey.LOSS, descending=True)
    first = _open(qtbot, project, settings_file)
    first.page.session.set_query(query)
    third = int(first.page.session.sample_ids[2])
    first.page.session.select(third)
    first.close()

    second = _open(qtbot, project, settings_file)
    assert second.page.session.query == query
    assert second.page.session.current_id == third
    second.close()


def _open(qtbot, project: Path, settings_file: Path) -> MainWindow:
    window = MainWindow(WindowSettings(settings_file))
    qtbot.addWidget(window)
    window.show()
    window.open_project(project)
    return window


def test_an_unreadable_database_is_told_of_once(qtbot, project, tmp_path, monkeypatch):
    window = _open(qtbot, project, tmp_path / "settings.ini")
    page = window.page

    def fail() -> None:
        raise DictionaryError("The database cannot be read.", remedy="Look at the disk.")

    monkeypatch.setattr(page.session, "notice_external_changes", fail)
    with qtbot.waitSignal(page.failed, timeout=20_000) as told:
        page.changes.look()
    assert told.args[0].message == "The database cannot be read."
    assert told.args[0].remedy == "Look at the disk."
    assert not page.changes.is_active
    window.close()
