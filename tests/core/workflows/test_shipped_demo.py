"""The demo that ships is copied whole or not at all, and needs nothing but the copy."""

from __future__ import annotations

import io
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.cli.console import Console
from core.cli.parser import build_parser
from core.dictionary.search.query import SampleQuery
from core.dictionary.storage.migrations import MIGRATIONS, newest_version
from core.dictionary.storage.project_folder import make_project
from core.dictionary.store import Dictionary
from core.errors import Cancelled, DictionaryError, UserFileError
from core.pictures.decoding import load_picture
from core.progress import CancelToken
from core.resource_files import RESOURCES
from core.types.fits import Origin
from core.workflows.annotations.import_annotations import import_annotations
from core.workflows.choices import SHIPPED_PEOPLE
from core.workflows.demo_report import DEMO_SETTING, DemoStage
from core.workflows.export_formats import export_project
from core.workflows.photos.picture_files import guess_plain
from core.workflows.shipped_demo import copy_demo_pictures, copy_demo_project, finished_demo

ROOT = RESOURCES.parent
SHIPPED = RESOURCES / "demo"
MOST_BYTES = 4_000_000


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    project = tmp_path_factory.mktemp("demo") / "project"
    return project, copy_demo_project(project)


def run(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, **options
    )


def tree(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_a_copy_holds_fitted_and_flagged_people_with_pictures_and_truth(copied):
    project, report = copied
    assert (report.people, report.fitted) == (SHIPPED_PEOPLE, SHIPPED_PEOPLE)
    assert report.median_error_mm < 200
    assert 0 < report.wrong_root_share < 0.5, "some face a wrong way, most do not"
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        for sample in dictionary.samples.get_many(ids):
            assert load_picture(sample.picture_path).shape[1::-1] == sample.picture_size_px
            assert sample.picture_path.is_relative_to(project.resolve())
            assert sample.ground_truth.parameters is not None
            assert dictionary.fits.current_of(sample.id).origin is Origin.MEAN
            assert dictionary.predictions.latest_of(sample.id) is not None
        assert dictionary.assessments.due(limit=1) == []
        assert dictionary.search.count(SampleQuery(flagged=True)) > SHIPPED_PEOPLE / 4
        assert dictionary.problems() == []


def test_a_copy_has_this_programs_schema_and_no_backup(copied):
    project, _ = copied
    with Dictionary.open(project) as dictionary:
        assert dictionary.file.schema_version == newest_version(MIGRATIONS)
    assert {path.name for path in project.iterdir()} == {
        "dictionary.db", "cache", "checkpoints", "pictures",
    }  # fmt: skip


def test_a_shipped_dictionary_of_an_older_schema_is_brought_up_in_the_copy(tmp_path):
    shipped, copy = tmp_path / "shipped", tmp_path / "copy"
    make_project(shipped, settings={DEMO_SETTING: DemoStage.COMPLETE}, migrations=MIGRATIONS[:3])
    with Dictionary.create_from(shipped / "dictionary.db", copy) as dictionary:
        assert dictionary.file.schema_version == newest_version(MIGRATIONS)
        assert dictionary.settings.get(DEMO_SETTING) == DemoStage.COMPLETE
    assert not list(copy.glob("*.backup"))


def test_the_shipped_demo_is_small_and_names_no_folder_of_its_maker():
    files = [SHIPPED / "dictionary.db", *(SHIPPED / "pictures").iterdir()]
    assert sum(path.stat().st_size for path in files) <= MOST_BYTES
    connection = sqlite3.connect(f"file:{SHIPPED}/dictionary.db?mode=ro&immutable=1", uri=True)
    paths = {path for (path,) in connection.execute("SELECT picture_path FROM samples")}
    dump = "\n".join(connection.iterdump())
    connection.close()
    assert paths == {f"pictures/{path.name}" for path in (SHIPPED / "pictures").iterdir()}
    assert "/tmp" not in dump
    assert "/home" not in dump
    assert "/root" not in dump


def test_a_project_is_left_alone(tmp_path):
    Dictionary.create(tmp_path / "mine").close()
    before = tree(tmp_path)
    with pytest.raises(DictionaryError, match="is a project already"):
        copy_demo_project(tmp_path / "mine")
    with pytest.raises(DictionaryError, match="not the demo"):
        finished_demo(tmp_path / "mine")
    assert tree(tmp_path) == before


def test_another_picture_of_the_same_name_is_not_replaced(tmp_path):
    mine = tmp_path / "mine" / "pictures" / "person_003.jpg"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"mine")
    with pytest.raises(UserFileError, match="exists already"):
        copy_demo_project(tmp_path / "mine")
    assert mine.read_bytes() == b"mine"
    assert tree(tmp_path / "mine") == ["pictures", "pictures/person_003.jpg"]


@pytest.mark.usefixtures("every_step_reported")
def test_a_stopped_copy_leaves_nothing(tmp_path):
    token = CancelToken()

    def stop(progress):
        if progress.done == 5:
            token.cancel()

    with pytest.raises(Cancelled):
        copy_demo_project(tmp_path / "deep" / "demo", progress=stop, cancel=token)
    assert tree(tmp_path) == []


KILLED = """
import os, signal, sys
from pathlib import Path
from core import progress
from core.workflows.export_formats import export_project
from core.workflows.shipped_demo import copy_demo_project

progress.REPORT_INTERVAL_S = 0.0

def die(progress):
    if progress.done == 7:
        os.kill(os.getpid(), signal.SIGKILL)

copy_demo_project(Path(sys.argv[1]), progress=die)
"""


def test_a_killed_copy_is_no_project_and_the_next_call_completes_it(tmp_path):
    project = tmp_path / "demo"
    assert run("-c", KILLED, str(project)).returncode == -signal.SIGKILL
    assert len(list((project / "pictures").glob("*.jpg"))) == 7
    assert not (project / "dictionary.db").exists()
    assert copy_demo_project(project).people == SHIPPED_PEOPLE


LOADED = """
import io, sys
from core.cli.console import Console
from core.cli.parser import build_parser

for _ in range(2):
    options = build_parser().parse_args(["demo", sys.argv[1]])
    options.run(options, Console(sys.stdout, sys.stderr))
print("heavy", [name for name in ("torch", "roma", "cv2", "PySide6") if name in sys.modules])
"""


def test_the_subcommand_copies_and_then_finds_it_without_pytorch(tmp_path):
    done = run("-c", LOADED, str(tmp_path / "demo"))
    assert done.returncode == 0, done.stderr
    first, second, heavy = done.stdout.splitlines()
    assert first.startswith(f"Demo project: {SHIPPED_PEOPLE} people in")
    assert second.startswith(f"The demo project was there already: {SHIPPED_PEOPLE} people in")
    assert heavy == "heavy []"


def test_other_people_are_made_and_not_copied(tmp_path):
    out = io.StringIO()
    options = build_parser().parse_args(["demo", str(tmp_path / "p"), "--people", "2"])
    assert options.run(options, Console(out, io.StringIO())) == 0
    assert "2 people in" in out.getvalue()
    with Dictionary.open(tmp_path / "p") as dictionary:
        assert dictionary.search.count() == 2
        assert dictionary.assessments.due(limit=1) == []


def test_everybody_in_its_exported_keypoints_can_be_imported(tmp_path):
    demo, again = tmp_path / "demo", tmp_path / "again"
    copy_demo_project(demo)
    exported = tmp_path / "keypoints.json"
    export_project(demo, "coco-keypoints", exported)
    with Dictionary.create(again) as dictionary:
        report = import_annotations(dictionary, "coco", exported, images=demo / "pictures")
    assert (report.added, report.problems) == (60, [])


def test_the_pictures_alone_are_copied_as_plain_photographs(tmp_path):
    assert copy_demo_pictures(tmp_path / "holiday", most=3) == 3
    copied = sorted(tmp_path.rglob("*"))
    assert [path.suffix for path in copied] == ["", ".jpg", ".jpg", ".jpg"]
    assert guess_plain(tmp_path / "holiday") == "photos"
    assert copy_demo_pictures(tmp_path / "holiday", most=3) == 3, "a second copy changes nothing"
