"""Which pictures follow one another: frames of a video, or files with numbers in their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path

from core.dictionary.samples.detections import VideoFrame

FEWEST_PICTURES = 3
_LAST_NUMBER = re.compile(r"^(?P<before>.*?)(?P<number>\d+)(?P<after>\D*)$")


def sequences(
    pictures: Iterable[Path],
    frames: Mapping[Path, VideoFrame],
    same_scene: Callable[[Path, Path], bool],
) -> list[list[Path]]:
    """Pictures in the order of time, one list for each sequence of at least three.

    The frames of a video are one sequence. Other pictures of a folder are, where their names differ
    by the last number alone, and it grows by the same step: ``cam1_000.jpg``, ``cam1_008.jpg``,
    ``cam1_016.jpg``. Numbers that grow by changing steps name pictures of a collection, and so do
    those of pictures that show one scene after the other.

    Args:
        pictures: of the project.
        frames: which of them come from videos, and from where.
        same_scene: whether two pictures show the same scene; asked of neighbours outside videos.
    """
    chosen = set(pictures)
    by_video: dict[str, list[Path]] = defaultdict(list)
    for path, frame in frames.items():
        by_video[frame.video].append(path)
    found = [sorted(paths, key=lambda path: frames[path].frame) for paths in by_video.values()]
    for numbered in _numbered(chosen - frames.keys()):
        found += _one_scene_each(numbered, same_scene)
    return [sequence for sequence in found if len(sequence) >= FEWEST_PICTURES]


def _numbered(pictures: Iterable[Path]) -> list[list[Path]]:
    by_name: dict[tuple[Path, str, str], dict[int, Path]] = defaultdict(dict)
    for path in pictures:
        named = _LAST_NUMBER.match(path.stem)
        if named is not None:
            pattern = (path.parent, named["before"], named["after"] + path.suffix)
            by_name[pattern][int(named["number"])] = path
    return [
        [numbered[number] for number in run]
        for numbered in by_name.values()
        for run in _even_runs(sorted(numbered))
    ]


def _one_scene_each(
    pictures: Sequence[Path], same_scene: Callable[[Path, Path], bool]
) -> list[list[Path]]:
    scenes = [[pictures[0]]]
    for before, after in pairwise(pictures):
        if same_scene(before, after):
            scenes[-1].append(after)
        else:
            scenes.append([after])
    return scenes


def _even_runs(numbers: Sequence[int]) -> list[list[int]]:
    """Stretches of numbers that grow by one and the same step; a number is in one of them only."""
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    runs, start, taken = [], 0, 0
    for _, group in groupby(steps):
        length = len(list(group))
        run = list(numbers[max(start, taken) : start + length + 1])
        start += length
        if len(run) >= FEWEST_PICTURES:
            runs.append(run)
            taken = start + 1
    return runs
