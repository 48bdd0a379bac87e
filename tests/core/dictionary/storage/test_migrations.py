"""Rule 7: schema versions, migrations with a backup, and files of newer programs."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.storage import migrations as migrations_module
from core.dictionary.storage.checksums import register_row_sum
from core.dictionary.storage.migrations import MIGRATIONS, Migration, newest_version
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import DictionaryError, DiskError, NotAProjectError, SchemaTooNewError
from core.types.bodies import LONG_LENS
from core.types.cameras import CameraSource
from core.types.fits import Verdict
from core.types.runs import RunStatus
from core.types.sources import SourceDocument, SourceEntry, SourcePicture
from core.workflows.check_project import check_project

NEWEST = newest_version(MIGRATIONS)


def _add_note(database: Database) -> None:
    database["samples"].add_column("note", str)


def _rebuild_runs(database: Database) -> None:
    """A change that SQLite cannot make in place: the table is made again and the old one dropped.

    Fits refer to it, which a migration has to get past.
    """
    database["runs"].transform(rename={"kind": "purpose"})


def _fail_half_way(database: Database) -> None:
    database.execute("ALTER TABLE samples ADD COLUMN half TEXT")
    database.execute("this is no SQL")


NEXT = (
    Migration(NEWEST + 1, "notes on samples", _add_note),
    Migration(NEWEST + 2, "purpose of runs", _rebuild_runs),
)


def test_a_new_file_has_just_what_all_migrations_lead_to(tmp_path: Path) -> None:
    """New files get the finished schema at once; a file that went the whole way has the same."""

    def schema_and_rows(path: Path) -> tuple[list[tuple[str, str, str]], list[tuple[int, str]]]:
        with closing(sqlite3.connect(path / "dictionary.db")) as database:
            stored = database.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
            noted = database.execute("SELECT version, description FROM schema_version").fetchall()
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return sorted(stored, key=str), noted

    at_once, step_by_step = tmp_path / "at_once", tmp_path / "step_by_step"
    make_project(at_once, settings={}, migrations=MIGRATIONS)
    make_project(step_by_step, settings={}, migrations=list(MIGRATIONS))
    assert schema_and_rows(at_once) == schema_and_rows(step_by_step)


@pytest.fixture
def old_project(project: Path, make_sample, make_fit) -> Path:
    """A project as a program of today leaves it: old, for the programs of these tests."""
    with Dictionary.create(project) as dictionary:
        sample_id = dictionary.samples.add([make_sample(1)]).added_ids[0]
        run = dictionary.runs.start("training", configuration={}, versions={})
        dictionary.fits.offer([make_fit(sample_id, run_id=run)])
        dictionary.verdicts.set({sample_id: Verdict.ACCEPTED}, "maria")
    return project


@pytest.fixture
def first_schema_project(project: Path) -> Path:
    """A project as the first version of the program left it, with a verdict and a run."""
    folder = project.with_name("first")
    make_project(folder, settings={}, migrations=MIGRATIONS[:1])
    with sqlite3.connect(folder / "dictionary.db") as connection:
        connection.executescript(FIRST_SCHEMA_ROWS)
    connection.close()
    return folder


FIRST_SCHEMA_ROWS = """
INSERT INTO runs VALUES (1, 'training', '{}', 3, '{}', '2026-01-01', NULL, 'running');
INSERT INTO samples VALUES (1, 'a.jpg · 1', '/a.jpg', 640, 480, 'coco', '1', 320, 240, 1.0, 20, 18,
    '2026-01-01', 1, 120.0, 'accepted', 'in-loop', 3.5, 40.0);
INSERT INTO annotations VALUES (1, zeroblob(588), NULL, NULL, NULL, NULL);
INSERT INTO fits VALUES (1, 1, zeroblob(288), zeroblob(40), zeroblob(12), 900, 70, 5, 3, 0.5, 0.25,
    120.0, 3.5, 40.0, 'in-loop', 1, 7, '2026-01-02', 0, 0, 0, 'accepted', '2026-01-03', 'maria');
INSERT INTO flags VALUES ('betas', 1, 3.5), ('reprojection', 1, 120.0);
INSERT INTO events VALUES (1, '2026-01-03', 'maria', 1, 1, 'verdict', 'none', 'accepted');
"""


def test_a_file_of_the_first_schema_keeps_all_it_held(first_schema_project):
    with Dictionary.open(first_schema_project, migrations=MIGRATIONS) as dictionary:
        assert dictionary.problems() == []
        (row,) = dictionary.search.rows([1])
        assert (row.verdict, row.flags) == (Verdict.ACCEPTED, ("betas", "reprojection"))
        assert [event.author for event in dictionary.events.of(1)] == ["maria"]
        by_time = SampleQuery(sort=SortKey.FITTED)
        assert dictionary.search.ids(by_time).tolist() == [1]
        assert dictionary.assessments.due() == [1]
        assert dictionary.samples.get(1).corrections == 0


def test_a_project_in_a_folder_whose_name_is_no_text_is_brought_up_to_date(first_schema_project):
    folder = first_schema_project.rename(first_schema_project.with_name("caf\udce9"))
    with Dictionary.open(folder, migrations=MIGRATIONS) as dictionary:
        assert dictionary.samples.get(1).picture_path == Path("/a.jpg")


def test_a_file_of_the_fourth_schema_keeps_its_people_and_takes_entries_from_then_on(
    project, make_sample
):
    folder = project.with_name("fourth")
    make_project(folder, settings={}, migrations=MIGRATIONS[:4])
    with sqlite3.connect(folder / "dictionary.db") as connection:
        connection.executescript(FOURTH_SCHEMA_ROWS)
    connection.close()
    with Dictionary.open(folder) as dictionary:
        assert dictionary.problems() == []
        assert dictionary.samples.get(1).person_key == "7"
        assert dictionary.sources.of_samples([1]) == {}
        document = SourceDocument(
            dataset="coco",
            heading="{}",
            pictures=[
                SourcePicture(path=Path("/b.jpg"), image_id="1", file_name="b.jpg", text="{}")
            ],
        )
        entry = SourceEntry(picture=0, position=3, text='{"id":8}')
        sample = replace(make_sample(1), picture_path=Path("/b.jpg"), source=entry)
        added = dictionary.samples.add([sample], document=document).added_ids
        (stored,) = dictionary.sources.of_samples(added).values()
        assert (stored.text, stored.position) == ('{"id":8}', 3)


FOURTH_SCHEMA_ROWS = """
INSERT INTO samples (id, name, picture_path, picture_width_px, picture_height_px, dataset,
    person_key, box_center_x_px, box_center_y_px, box_scale, visible_keypoints, usable_keypoints,
    imported_at) VALUES (1, 'a.jpg · 7', '/a.jpg', 640, 480, 'coco', '7', 320, 240, 1.0, 20, 18,
    '2026-01-01');
INSERT INTO annotations (sample_id, keypoints_px) VALUES (1, zeroblob(588));
"""


def test_a_file_of_the_schema_before_checksums_gets_them_for_all_it_held(
    project, make_sample, make_fit
):
    folder = project.with_name("fifth")
    make_project(folder, settings={"note": "kept"}, migrations=MIGRATIONS[:5])
    with sqlite3.connect(folder / "dictionary.db") as connection:
        connection.execute(
            "INSERT INTO saved_views (name, rules, created_at) VALUES ('mine', '{}', '2026')"
        )
    connection.close()
    with Dictionary.open(folder) as dictionary:
        ids = dictionary.samples.add([make_sample(1)]).added_ids
        dictionary.fits.offer([make_fit(ids[0])])
        assert dictionary.problems() == []
        assert dictionary.settings.get("note") == "kept"
        assert [view.name for view in dictionary.saved_views.all()] == ["mine"]
        for table in ("settings", "saved_views", "samples", "schema_version"):
            column = dictionary._connection.execute(f"SELECT checksum FROM {table}")
            assert column, table
            assert None not in {value for (value,) in column}, table


def test_a_file_of_the_sixth_schema_keeps_its_runs_and_learns_which_of_them_was_killed(project):
    folder = project.with_name("sixth")
    make_project(folder, settings={}, migrations=MIGRATIONS[:6])
    with sqlite3.connect(folder / "dictionary.db") as connection:
        register_row_sum(connection)
        connection.executescript(FOURTH_SCHEMA_ROWS + SIXTH_SCHEMA_ROWS)
    connection.close()
    with Dictionary.open(folder) as dictionary:
        assert dictionary.problems() == []
        assert [(run.id, run.status, run.seed) for run in dictionary.runs.all()] == [
            (2, RunStatus.INTERRUPTED, 3),
            (1, RunStatus.FINISHED, None),
        ]
        assert dictionary.predictions.latest_of(1).run_id == 2
        assert dictionary.runs.start("fit", configuration={}, versions={}) == 3
        assert dictionary.claims.take("fit", [1]) == [1]


SIXTH_SCHEMA_ROWS = """
INSERT INTO runs (id, kind, configuration, seed, versions, started_at, ended_at, status)
    VALUES (1, 'fit', '{}', NULL, '{}', '2026-01-01', '2026-01-02', 'finished'),
    (2, 'train', '{}', 3, '{}', '2026-01-03', NULL, 'running');
INSERT INTO predictions (sample_id, pose_axis_angle, betas, camera_translation, run_id, iteration,
    created_at) VALUES (1, zeroblob(288), zeroblob(40), zeroblob(12), 2, 7, '2026-01-04');
"""


def backups(project: Path) -> list[Path]:
    return list(project.rglob("*.backup"))


def columns(path: Path, table: str) -> set[str]:
    with sqlite3.connect(path) as connection:
        names = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    connection.close()
    return names


def test_migrations_are_numbered_without_gaps():
    assert [migration.version for migration in MIGRATIONS] == list(range(1, NEWEST + 1))


def test_a_new_project_has_the_newest_version(dictionary):
    assert dictionary.file.schema_version == NEWEST


def test_rule_7_an_older_file_is_migrated_with_all_its_data(old_project):
    with Dictionary.open(old_project, migrations=(*MIGRATIONS, *NEXT)) as dictionary:
        assert dictionary.file.schema_version == NEWEST + 2
        assert dictionary.search.rows([1])[0].verdict is Verdict.ACCEPTED
        assert dictionary.problems() == []
    database = old_project / "dictionary.db"
    assert "note" in columns(database, "samples")
    assert columns(database, "runs") & {"kind", "purpose"} == {"purpose"}


def test_rule_7_a_backup_is_made_before_migrating(old_project):
    with Dictionary.open(old_project, migrations=(*MIGRATIONS, *NEXT)):
        pass
    (backup,) = backups(old_project)
    assert f"schema{NEWEST}" in backup.name
    assert "note" not in columns(backup, "samples")
    restored = old_project.parent / "restored"
    restored.mkdir()
    backup.rename(restored / "dictionary.db")
    with Dictionary.open(restored) as dictionary:
        assert dictionary.search.rows([1])[0].verdict is Verdict.ACCEPTED
        assert dictionary.problems() == []


def test_rule_7_a_file_of_today_is_neither_changed_nor_backed_up(old_project):
    with Dictionary.open(old_project):
        pass
    assert backups(old_project) == []


def test_rule_7_a_newer_file_is_refused_naming_both_versions(old_project):
    with Dictionary.open(old_project, migrations=(*MIGRATIONS, *NEXT)):
        pass
    before = (old_project / "dictionary.db").read_bytes()
    with pytest.raises(SchemaTooNewError) as refused:
        Dictionary.open(old_project)
    assert f"version {NEWEST + 2}" in str(refused.value)
    assert f"up to {NEWEST}" in str(refused.value)
    assert "newer version of SPIN Studio" in refused.value.remedy
    assert (old_project / "dictionary.db").read_bytes() == before


def test_rule_7_a_migration_that_fails_changes_nothing(old_project):
    broken = Migration(NEWEST + 2, "broken", _fail_half_way)
    with pytest.raises(DictionaryError, match="syntax error"):
        Dictionary.open(old_project, migrations=(*MIGRATIONS, NEXT[0], broken))
    with Dictionary.open(old_project) as dictionary:
        assert dictionary.file.schema_version == NEWEST
        assert dictionary.problems() == []
    assert columns(old_project / "dictionary.db", "samples").isdisjoint({"note", "half"})
    assert not list(old_project.glob("*.unfinished"))


def test_rule_7_foreign_keys_hold_again_after_a_migration(old_project, make_fit):
    with (
        Dictionary.open(old_project, migrations=(*MIGRATIONS, NEXT[0])) as dictionary,
        pytest.raises(DictionaryError, match="FOREIGN KEY"),
    ):
        dictionary.fits.offer([make_fit(1, loss=1, run_id=99)])


def test_a_database_of_another_program_is_no_project(project):
    project.mkdir()
    with sqlite3.connect(project / "dictionary.db") as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    with pytest.raises(NotAProjectError, match="no schema version"):
        Dictionary.open(project)


def test_a_folder_without_dictionary_is_no_project(tmp_path):
    with pytest.raises(NotAProjectError, match=r"no dictionary\.db"):
        Dictionary.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_version_that_is_no_number_is_no_dictionary_of_ours(tmp_path):
    with sqlite3.connect(tmp_path / "dictionary.db") as connection:
        connection.execute("CREATE TABLE schema_version (version TEXT)")
        connection.execute("INSERT INTO schema_version VALUES ('three')")
    connection.close()
    with pytest.raises(NotAProjectError, match="no schema version"):
        Dictionary.open(tmp_path)


def test_pictures_and_bodies_of_before_keep_the_long_lens(first_schema_project):
    with Dictionary.open(first_schema_project) as dictionary:
        sample = dictionary.samples.get(1)
        assert sample.camera.source is CameraSource.LONG_LENS
        assert sample.crop_camera == LONG_LENS
        assert dictionary.cameras.count_of_before() == 1
        assert dictionary.info()["pictures_by_camera"] == {"long lens": 1}
        fit = dictionary.fits.current_of(1)
        assert fit.parameters.camera == LONG_LENS
        assert (fit.losses.comparison, fit.parameters.camera_translation[2]) == (120.0, 0.0)
        assert dictionary.problems() == []


def test_a_check_of_an_old_file_on_a_full_disk_speaks_of_the_disk_and_of_no_backup(
    first_schema_project, monkeypatch
):
    full = shutil._ntuple_diskusage(2**30, 2**30, 0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)
    with pytest.raises(DiskError, match="the disk has 0 MB") as told:
        check_project(first_schema_project)
    assert told.value.remedy == "Free some space on the disk."
    monkeypatch.undo()
    assert check_project(first_schema_project).problems == ()


def test_a_disk_that_is_full_while_a_file_is_migrated_is_no_damage_to_it(
    first_schema_project, monkeypatch
):
    monkeypatch.setattr("core.dictionary.storage.migrations.copy_database", lambda *_: None)
    apply = migrations_module.apply_migrations

    def on_a_full_disk(connection, migrations, *, after_version):
        connection.execute(f"PRAGMA max_page_count = {connection.scalar('PRAGMA page_count')}")
        apply(connection, migrations, after_version=after_version)

    monkeypatch.setattr(migrations_module, "apply_migrations", on_a_full_disk)
    with pytest.raises(DiskError, match="disk is full"):
        check_project(first_schema_project)
    monkeypatch.undo()
    assert check_project(first_schema_project).problems == ()


def test_a_check_still_reports_an_old_file_that_is_damaged(first_schema_project):
    database = first_schema_project / "dictionary.db"
    with database.open("r+b") as file:
        file.truncate(database.stat().st_size // 2)
    assert check_project(first_schema_project).problems
