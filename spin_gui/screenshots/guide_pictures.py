"""The pictures of the guide, all made by one command from a demo project.

    python -m spin_gui.screenshots.guide_pictures docs/images [--project FOLDER]

Without a project a demo is made, fitted, judged a little and trained for a minute first. With
``--photos`` only the walk from photographs to bodies is taken.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from core.dictionary.search.query import SampleQuery, SortKey
from core.dictionary.store import Dictionary
from core.types.fits import Verdict
from core.workflows.demo import make_demo_project
from core.workflows.flag_project import flag_samples
from spin_gui.screenshots.photo_walk import take_photo_walk
from spin_gui.screenshots.screenshot import screenshot

SIZE = (1360, 850)
AUTHOR = "maria"
_TRAINING_ITERATIONS = 40
_JUDGED = 9
_COLOURS = 256


@dataclass(frozen=True)
class GuidePicture:
    """One picture: its file and the commands that lead there, by id. worst: of the worst fit."""

    file: str
    commands: tuple[str, ...] = ()
    worst: bool = True


SCENES = (
    GuidePicture("window.png", worst=False),
    GuidePicture("guide_fit.png", ("fitting.fit",), worst=False),
    GuidePicture("guide_queue.png", ("review.most_wrong",)),
    GuidePicture("guide_filter.png", ("review.most_wrong", "view.histograms")),
    GuidePicture("guide_grid.png", ("view.grid",)),
    GuidePicture("guide_gallery.png", ("view.gallery",)),
    GuidePicture("correcting_editor.png", ("correct.edit",)),
    GuidePicture("correcting_body.png", ("correct.turn_round",)),
    GuidePicture("correcting_drag.png", ("correct.drag",)),
    GuidePicture("guide_compare.png", ("view.compare",)),
    GuidePicture("guide_train.png", ("training.train",), worst=False),
    GuidePicture("guide_training_page.png", ("training.page",), worst=False),
    GuidePicture("guide_evaluation.png", ("view.evaluation",), worst=False),
)


def prepare(project: Path) -> None:
    """A demo as it is in the middle of the work: some fits judged, a training behind it."""
    from core.engine.training.train import train  # noqa: PLC0415
    from core.runs.training_configuration import profile_configuration  # noqa: PLC0415 - loads networks

    make_demo_project(project)
    flag_samples(project)
    with Dictionary.open(project) as dictionary:
        worst_first = SampleQuery(sort=SortKey.SUSPICION, descending=True)
        ids = dictionary.search.ids(worst_first).tolist()
        verdicts = dict.fromkeys(ids[1 : 1 + _JUDGED], Verdict.REJECTED)
        verdicts |= dict.fromkeys(ids[-_JUDGED:], Verdict.ACCEPTED)
        dictionary.verdicts.set(verdicts, author=AUTHOR)
    train(project, replace(profile_configuration("cpu-demo"), iterations=_TRAINING_ITERATIONS))
    flag_samples(project)


def take_pictures(project: Path, folder: Path) -> None:
    """Write every scene as a PNG."""
    with Dictionary.open(project) as dictionary:
        worst = dictionary.search.ids(SampleQuery(sort=SortKey.SUSPICION, descending=True))
    for scene in SCENES:
        sample_id = int(worst[0]) if scene.worst else None
        picture = folder / scene.file
        screenshot(project, picture, size=SIZE, sample_id=sample_id, actions=scene.commands)
        reduce_colours(picture)
        sys.stderr.write(f"{scene.file}\n")


def reduce_colours(picture: Path) -> None:
    """Write a PNG again with 256 colours, dithered: half its size, and it looks the same."""
    with Image.open(picture) as opened:
        image = opened.convert("RGB")
    palette = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, kmeans=3)
    reduced = image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    reduced.save(picture, optimize=True)


def main(arguments: list[str]) -> int:
    """Make the pictures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--project", type=Path, help="a project that is prepared already")
    parser.add_argument("--photos", action="store_true", help="the first chapter's pictures only")
    options = parser.parse_args(arguments)
    if options.project is None or options.photos:
        for picture in take_photo_walk(options.folder, size=SIZE):
            reduce_colours(picture)
    if options.photos:
        return 0
    if options.project is not None:
        take_pictures(options.project, options.folder)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "demo_project"
        prepare(project)
        take_pictures(project, options.folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
