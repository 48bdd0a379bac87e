"""The script that makes the demo that ships."""

from __future__ import annotations

import sqlite3

from core.dictionary.store import Dictionary
from core.workflows.demo_report import report_on
from resources.demo.build.__main__ import main


def test_it_writes_a_dictionary_and_pictures_that_are_a_whole_project(tmp_path, capsys):
    folder = tmp_path / "built"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "old.jpg").write_bytes(b"of the build before")
    assert main(["--out", str(folder), "--people", "2", "--seed", "3"]) == 0
    assert "2 people in" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {"dictionary.db", "pictures"}
    assert not (folder / "pictures" / "old.jpg").exists()
    connection = sqlite3.connect(folder / "dictionary.db")
    paths = {path for (path,) in connection.execute("SELECT picture_path FROM samples")}
    connection.close()
    assert paths == {f"pictures/{path.name}" for path in (folder / "pictures").iterdir()}
    with Dictionary.create_from(folder / "dictionary.db", tmp_path / "copy") as dictionary:
        assert report_on(dictionary).fitted == 2
        assert dictionary.assessments.due(limit=1) == []
