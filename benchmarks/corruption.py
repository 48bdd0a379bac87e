"""Random damage to a database: is every change that people would see told, without a traceback?

    python -m benchmarks.corruption --project DIR --cases 300 --seed 1

Each case flips bits or overwrites bytes of a copy of the database, then opens it, reads all that
people see, lists, exports and checks it. What is read is compared with what the sound file gives.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.types.flags import FlagName
from core.workflows.check_project import CheckReport, check_project
from core.workflows.export_formats import export_project

EXPORT_FORMATS = ("spin-fits", "coco-keypoints", "corrections")


@dataclass(frozen=True)
class Case:
    """What came of one damage.

    outcome: ``told`` by opening or by the check, ``unseen`` where nothing people see changed,
    ``missed`` where it did and nothing was said, ``traceback``.
    """

    number: int
    damage: str
    outcome: str
    detail: str = ""


def everything_seen(project: Path) -> str:
    """All that people see of a project, as one text."""
    with Dictionary.open(project) as dictionary:
        ids = dictionary.search.ids().tolist()
        seen = [
            dictionary.info(),
            [_plain(sample) for sample in dictionary.samples.get_many(ids)],
            [_plain(row) for row in dictionary.search.rows(ids)],
            [[_plain(fit) for fit in dictionary.fits.history(sample_id)] for sample_id in ids],
            [[_plain(event) for event in dictionary.events.of(sample_id)] for sample_id in ids],
            {
                sample_id: [_plain(flag) for flag in dictionary.flags.of(sample_id)]
                for sample_id in ids
            },
            {key: _plain(value) for key, value in dictionary.predictions.latest(ids).items()},
            [_plain(run) for run in dictionary.runs.all()],
            [_plain(saved_view) for saved_view in dictionary.saved_views.all()],
            [
                (_plain(prediction_set), _bodies(dictionary, prediction_set.id, ids))
                for prediction_set in dictionary.prediction_sets.all()
            ],
            [dictionary.settings.get(key) for key in ("body_file", "body_name", "pose_prior_file")],
            dictionary.corrections.by_people(),
            [dictionary.search.ids(SampleQuery(sort=key)).tolist() for key in SortKey],
            [dictionary.flags.sample_ids([name]).tolist() for name in FlagName],
            [len(dictionary.search.snapshot()), dictionary.verdicts.agreement()],
            dictionary.assessments.due(),
        ]
    return json.dumps(seen, default=repr, sort_keys=True)


def _bodies(dictionary: Dictionary, set_id: int, ids: list[int]) -> dict[int, object]:
    return {key: _plain(one) for key, one in dictionary.prediction_sets.bodies(set_id, ids).items()}


def _plain(record: object) -> object:
    """A record by its fields; arrays as bytes, so that no digit is rounded away."""
    if hasattr(record, "tobytes"):
        return record.tobytes().hex()
    if hasattr(record, "__dataclass_fields__"):
        return {name: _plain(getattr(record, name)) for name in record.__dataclass_fields__}
    return record


def damage(database: Path, generator: random.Random) -> str:
    """Change one to some bytes anywhere in a file; returns what was done."""
    content = bytearray(database.read_bytes())
    place = generator.randrange(len(content))
    count = generator.choice((1, 1, 1, 2, 4, 16, 64))
    for offset in range(place, min(place + count, len(content))):
        if count == 1:
            content[offset] ^= 1 << generator.randrange(8)
        else:
            content[offset] = generator.randrange(256)
    database.write_bytes(content)
    return f"{count} bytes at {place}"


def try_one(original: Path, sound: str, folder: Path, number: int, seed: int) -> Case:
    """Damage a copy, and look what is told."""
    project = folder / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(original, project)
    what = damage(project / "dictionary.db", random.Random(f"{seed}-{number}"))
    seen, told = None, []
    works: list[tuple[str, Callable[[], object]]] = [
        ("read", lambda: everything_seen(project)),
        *(
            (
                export_format,
                lambda export_format=export_format: _export(project, folder, export_format),
            )
            for export_format in EXPORT_FORMATS
        ),
        ("check", lambda: check_project(project)),
    ]
    for name, work in works:
        try:
            result = work()
        except StudioError as error:
            told.append(f"{name}: {error.message}")
        except Exception:  # noqa: BLE001 - what this trial looks for
            return Case(number, what, "traceback", f"{name}: {traceback.format_exc()}")
        else:
            if name == "read":
                seen = result
            elif isinstance(result, CheckReport) and result.problems:
                told.append(f"check: {result.problems[0]}")
    opened_or_checked = [item for item in told if item.startswith(("read", "check"))]
    if opened_or_checked:
        return Case(number, what, "told", opened_or_checked[0])
    return Case(number, what, "unseen" if seen == sound else "missed")


def _export(project: Path, folder: Path, form: str) -> None:
    out = folder / f"out.{form}"
    export_project(project, form, out, overwrite=True)


def run_trial(project: Path, *, cases: int, seed: int) -> list[Case]:
    """As many cases, each from the sound project."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        original = shutil.copytree(project, folder / "original")
        # At the place where the damaged ones will be: paths of pictures are among what is seen.
        sound = everything_seen(shutil.copytree(project, folder / "project"))
        return [try_one(original, sound, folder, number, seed) for number in range(cases)]


def main(arguments: list[str]) -> int:
    """Run the trial and print its counts; the status is 1 where anything was missed."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--project", type=Path, required=True, help="a small, sound project")
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    done = run_trial(options.project, cases=options.cases, seed=options.seed)
    for case in done:
        if case.outcome in ("missed", "traceback"):
            sys.stdout.write(f"{case.number}: {case.damage}: {case.outcome} {case.detail}\n")
    counts = Counter(case.outcome for case in done)
    sys.stdout.write(f"{json.dumps(counts)}\n")
    return 1 if counts["missed"] or counts["traceback"] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
