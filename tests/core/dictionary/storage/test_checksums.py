"""Damage that SQLite does not see is told by the checksums of rows."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.dictionary.assessment.assessments import Assessment
from core.dictionary.assessment.audits import Draw
from core.dictionary.fits.body_rows import BODY_TABLES
from core.dictionary.samples.detections import SearchedPicture, VideoFrame
from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.checksums import NOT_SUMMED, REMOVED, row_sum
from core.dictionary.store import Dictionary
from core.errors import Cancelled
from core.progress import CancelToken
from core.types.cameras import PictureCamera
from core.types.detected_landmarks import DetectedLandmarks
from core.types.fits import NewFit, Origin, Verdict
from core.types.foreign.imported_bodies import (
    BodyAsItCame,
    Conversion,
    NewBodyFile,
    NewImportedBody,
)
from core.types.predictions import NewPrediction
from core.types.samples import NewSample
from core.types.sources import SourceDocument, SourceEntry, SourcePicture
from core.types.tracks import TrackMember
from core.types.trunk_features import TRUNK_SIZE
from core.types.view_groups import GroupNames

DETECTED = DetectedLandmarks(
    landmarks_px=np.ones((33, 3), np.float32),
    landmarks_m=np.ones((33, 3), np.float32),
    agreement=0.5,
    score=0.5,
    networks="test",
    trunk_features=np.ones((2, TRUNK_SIZE), np.float16),
)
OF_REVIEWERS = (
    "INSERT INTO assignments (sample_id, reviewer) VALUES (:sample, 'jan')",
    (
        "INSERT INTO second_opinions (sample_id, fit_id, first_reviewer, asked_at) "
        "SELECT sample_id, id, 'maria', 'now' FROM fits WHERE sample_id = :sample LIMIT 1"
    ),
    (
        "INSERT INTO known_cases (sample_id, fit_id, kind, expected, pose_axis_angle, betas, "
        "camera_translation, expert, made_at) SELECT sample_id, id, 'limb', 'rejected', "
        "pose_axis_angle, betas, camera_translation, 'maria', 'now' FROM fits "
        "WHERE sample_id = :sample LIMIT 1"
    ),
    (
        "INSERT INTO case_answers (sample_id, reviewer, kind, expected, verdict, at) "
        "VALUES (:sample, 'jan', 'limb', 'rejected', 'accepted', 'now')"
    ),
    (
        "INSERT INTO made_errors (sample_id, fit_id, kind, expert, made_at, pose_axis_angle, "
        "betas, camera_translation, crop_camera, reprojection_loss, pose_prior_loss, "
        "angle_prior_loss, shape_prior_loss, bone_direction_loss, depth_loss, pull_loss, "
        "comparison_loss, max_abs_beta, depth_m, pose_valid, shape_valid, suspicion, "
        "informativeness, disagreement_deg, error_2d_px, error_3d_mm, "
        "touch_gain_mm, touch_keypoint, flags) "
        "SELECT sample_id, id, 'limb turned', 'maria', 'now', pose_axis_angle, betas, "
        "camera_translation, crop_camera, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0, 1, "
        "0.5, 0.5, 1.5, 1.5, 1.5, 1.5, 3, '[]' FROM fits WHERE sample_id = :sample LIMIT 1"
    ),
    "INSERT INTO comments (sample_id, author, at, text) VALUES (:sample, 'jan', 'now', 'see this')",
)
TOLD = "is not what was written"


@pytest.fixture
def filled(project, make_sample, make_fit) -> Path:
    """A project with a row in every table that people rely on, and in every one of removed rows."""
    with Dictionary.create(project, settings={"note": "kept"}) as dictionary:
        run = dictionary.runs.start("training", configuration={"seed": 1}, versions={})
        tracks: list[list[TrackMember]] = []
        for first, heading in ((0, "{}"), (20, '{"info":1}')):
            samples = [make_sample(first + number) for number in range(3)]
            ids = add_listed(dictionary, samples, heading)
            dictionary.fits.offer([make_fit(each, run_id=run, beta=4.0) for each in ids])
            dictionary.fits.offer([make_fit(each, loss=99.5, origin=Origin.REFIT) for each in ids])
            dictionary.verdicts.set({ids[0]: Verdict.ACCEPTED}, "maria")
            tracks.append([TrackMember(each, place) for place, each in enumerate(ids)])
            dictionary.tracks.replace_all(tracks)
            audit = dictionary.audits.begin(seed=1)
            dictionary.audits.note_draws(audit, {0: Draw(0, ids[0], ids[1])})
            body = make_fit(ids[0]).parameters
            dictionary.predictions.store([NewPrediction(sample_id=ids[0], parameters=body)])
            names = GroupNames(moment=f"m{first}", subject="Eva", camera="left")
            dictionary.groups.assign({ids[0]: names})
            with dictionary._connection.writing():
                for statement in OF_REVIEWERS:
                    dictionary._connection.execute(statement, {"sample": ids[0]})
            assess(dictionary, ids[1])
            convert_fits(dictionary, ids[0])
            import_id = dictionary.imports.all()[0].id
            frame = VideoFrame("/walk.mp4", first, 0.1)
            dictionary.detections.add_picture(
                SearchedPicture(Path(f"/pictures/{first + 9}.jpg"), 1, "test", frame),
                [(make_sample(first + 9), DETECTED)],
                import_id=import_id,
            )
            add_foreign_body(dictionary, ids[1], import_id)
        dictionary.prediction_sets.keep_latest("first")
        dictionary.saved_views.save("mine", SampleQuery(text="0001"))
        dictionary.removals.undo_import(import_id)
        assert dictionary.problems() == []
    return project


def convert_fits(dictionary: Dictionary, sample_id: int) -> None:
    """A move to another body, with the fits of one person."""
    changes, fits = dictionary.body_changes, BODY_TABLES[0]
    with dictionary._connection.writing():
        number = changes.begin(
            from_body="a", to_body="b", conversion=Conversion.THROUGH_JOINTS, limit_mm=5
        )
        for page in dictionary.body_rows.pages(fits, 100):
            rows = [row for row, owner in enumerate(page.sample_ids) if owner == sample_id]
            own = replace(
                page,
                keys=[page.keys[row] for row in rows],
                sample_ids=[sample_id] * len(rows),
            )
            changes.note_fits(number, own, [2.5] * len(rows))


def add_foreign_body(dictionary: Dictionary, sample_id: int, import_id: int) -> None:
    """A file of another method's bodies: one is a person's fit, one is no one's."""
    file = NewBodyFile(
        method="EFT", path="/eft.json", file_format="eft", heading="{}", options="{}",
        digest=str(import_id), import_id=import_id,
    )  # fmt: skip
    file_id = dictionary.imported_bodies.open_file(file)
    fit = dictionary.fits.current_of(sample_id)
    assert fit is not None
    body = BodyAsItCame(
        body_name="smpl",
        gender="male",
        betas=np.ones(16),
        pose_axis_angle=fit.parameters.pose_axis_angle,
        camera_translation=fit.parameters.camera_translation,
        conversion=Conversion.THROUGH_JOINTS,
        conversion_error_mm=4.5,
    )
    rows = [
        NewImportedBody(position=0, entry=b"{}", sample_id=sample_id, body=body),
        NewImportedBody(position=1, entry=b"[]"),
    ]
    ids = dictionary.imported_bodies.add(file_id, rows)
    made = NewFit(
        sample_id=sample_id,
        parameters=fit.parameters,
        losses=replace(fit.losses, comparison=1e3),
        origin=Origin.IMPORTED,
        imported_body_id=ids[0],
    )
    dictionary.fits.offer([made])


def assess(dictionary: Dictionary, sample_id: int) -> None:
    """An assessment with what touches would gain."""
    (basis,) = dictionary.assessments.inputs([sample_id]).values()
    gains_mm = np.linspace(-1, 5, 49, dtype=np.float32)
    known = Assessment(basis=basis, suspicion=0.5, informativeness=0.5, touch_gains_mm=gains_mm)
    dictionary.assessments.store([known])


def add_listed(dictionary: Dictionary, samples: list[NewSample], heading: str) -> list[int]:
    """Samples of an annotation file with cameras, as an import adds them."""
    path = samples[0].picture_path
    pictures = [SourcePicture(path=path, image_id="1", file_name="1.jpg", text="{}")]
    document = SourceDocument(dataset="coco", heading=heading, pictures=pictures)
    entry = SourceEntry(picture=0, position=3, text='{"id":8}')
    camera = PictureCamera(900.0, (319.5, 239.5))
    listed = [replace(sample, source=entry, camera=camera) for sample in samples]
    return dictionary.samples.add(listed, document=document).added_ids


def columns_of(project: Path) -> list[tuple[str, str, str]]:
    """Every column with its table and type, but keys, whose change SQLite itself would refuse.

    Of tables of removed rows two columns: they have the sums of the tables beside them.
    """
    with Dictionary.open(project) as dictionary:
        database = dictionary._connection.database
        columns = [
            [(table, row[1], row[2]) for row in database.execute(f"PRAGMA table_info({table})")]
            for table in database.table_names()
            if table.startswith(REMOVED)
        ]
        return [column for found in columns for column in (found[0], found[-1])] + [
            (table, row[1], row[2])
            for table in database.table_names()
            if table not in NOT_SUMMED and not table.startswith(REMOVED)
            for row in database.execute(f"PRAGMA table_info({table})")
            if not row[5]
        ]


def change_behind_the_programs_back(project: Path, table: str, column: str, kind: str) -> None:
    """Another value of the right type in the first row, past triggers, constraints and indexes."""
    value = {"INTEGER": "1 - coalesce({0}, 0)", "REAL": "coalesce({0}, 0) + 1e-9"}.get(
        kind, "CAST(coalesce({0}, '') || 'x' AS {1})"
    )
    with closing(sqlite3.connect(project / "dictionary.db")) as raw:
        for (trigger,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            raw.execute(f"DROP TRIGGER {trigger}")
        raw.execute("PRAGMA ignore_check_constraints = ON")
        raw.execute(
            f"UPDATE {table} SET {column} = {value.format(column, kind)} "
            f"WHERE {column} = (SELECT {column} FROM {table} LIMIT 1) OR {column} IS NULL"
        )
        assert raw.total_changes
        raw.commit()


def test_a_change_of_any_column_of_any_table_is_told(filled, tmp_path):
    missed = []
    for number, (table, column, kind) in enumerate(columns_of(filled)):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(filled, copy)
        change_behind_the_programs_back(copy, table, column, kind)
        with Dictionary.open(copy) as dictionary:
            problems = dictionary.problems()
        if not any(TOLD in problem and table in problem for problem in problems):
            missed.append((table, column, problems))
    assert missed == []


def test_every_table_with_rows_that_people_see_is_summed(dictionary):
    database = dictionary._connection.database
    for table in set(database.table_names()) - NOT_SUMMED:
        assert "checksum" in database[table].columns_dict, table


def test_the_row_that_was_changed_is_named(filled):
    database = filled / "dictionary.db"
    content = database.read_bytes()
    assert content.count(b"000001.jpg") > 0
    database.write_bytes(content.replace(b"/pictures/000001.jpg", b"/pictures/000009.jpg"))
    with Dictionary.open(filled) as dictionary:
        assert any(
            re.search(rf"row 2 of samples {TOLD}", problem) for problem in dictionary.problems()
        )


def test_text_that_is_no_utf8_is_told_and_raises_nothing(filled):
    database = filled / "dictionary.db"
    content = database.read_bytes()
    database.write_bytes(content.replace(b"maria", b"mar\xff\xfe"))
    with Dictionary.open(filled) as dictionary:
        problems = dictionary.problems()
    assert any("row 1 of fits" in problem or "of fits" in problem for problem in problems)
    assert any("of events" in problem for problem in problems)


def test_a_missing_index_or_trigger_is_told(filled):
    with closing(sqlite3.connect(filled / "dictionary.db")) as raw:
        raw.execute("DROP INDEX fits_by_run")
        raw.execute("DROP TRIGGER sum_new_fits")
    with Dictionary.open(filled) as dictionary:
        told = "\n".join(dictionary.problems())
    assert "index fits_by_run" in told
    assert "trigger sum_new_fits" in told


def test_another_program_can_read_but_not_write(filled):
    with closing(sqlite3.connect(filled / "dictionary.db")) as raw:
        assert raw.execute("SELECT count(*) FROM fits").fetchone() == (7,)
        with pytest.raises(sqlite3.OperationalError, match="row_sum"):
            raw.execute("UPDATE fits SET verdict = 'accepted'")


def test_a_change_of_a_sample_is_logged_once(filled):
    with Dictionary.open(filled) as dictionary:
        before = dictionary._connection.scalar("SELECT max(id) FROM changes")
        dictionary._connection.execute("UPDATE samples SET dataset = 'other' WHERE id = 1")
        assert dictionary._connection.scalar("SELECT max(id) FROM changes") == before + 1


def test_checking_stops_when_it_is_asked_to(filled):
    cancel = CancelToken()
    with Dictionary.open(filled) as dictionary, pytest.raises(Cancelled):
        dictionary.problems(progress=lambda _progress: cancel.cancel(), cancel=cancel)


def test_a_checksum_is_the_same_everywhere():
    values = (1, None, 2.5, -0.1, "ünï", b"\x00\xff", 10**15)
    assert row_sum(*values) == 2798431667
