"""Moments from a calibration: pictures of one frame, taken by several of its cameras.

A picture's camera stands in its name, or in that of a folder above it; what is left of the path
without it is the frame. ``cam1_007.jpg`` and ``cam2_007.jpg`` are one moment, and so are
``left/007.jpg`` and ``right/007.jpg``.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path, PurePosixPath

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.formats.cameras.calibration_files import CalibrationFile, read_calibration
from core.types.samples import Sample
from core.types.view_groups import GroupMembership, GroupNames
from core.workflows.groups.name_groups import NamedGroups, samples_of

_EVERYTHING = SampleQuery()


def groups_by_calibration(
    dictionary: Dictionary, calibration: CalibrationFile, where: SampleQuery = _EVERYTHING
) -> NamedGroups:
    """The moments that the cameras of a calibration saw; nothing is stored.

    Left out are people of pictures with several people, because which of them is whom is not
    known, those that belong to a moment already, and frames that one camera saw.

    Args:
        dictionary: of the project.
        calibration: with cameras by name.
        where: which samples.
    """
    samples = list(samples_of(dictionary, where))
    grouped = dictionary.groups.of(sample.id for sample in samples)
    people: dict[Path, list[Sample]] = defaultdict(list)
    for sample in samples:
        people[sample.picture_path].append(sample)
    seen: dict[str, dict[str, Sample]] = defaultdict(dict)
    unmatched: list[str] = []
    for picture, of_picture in people.items():
        found = calibration.taken_by(_inside(picture, dictionary.project))
        member = grouped.get(of_picture[0].id)
        if member is not None and member.moment is not None:
            continue
        if found is None or len(of_picture) > 1:
            unmatched.append(picture.name)
        else:
            seen[found.frame].setdefault(found.camera, of_picture[0])
    several = {frame: views for frame, views in seen.items() if len(views) > 1}
    shared = _shared_folders(list(several))
    names = {
        sample.id: GroupNames(
            moment=frame[shared:],
            subject=_subject_of(grouped.get(sample.id)),
            camera=camera,
        )
        for frame, views in several.items()
        for camera, sample in views.items()
    }
    return NamedGroups(names, len(unmatched), unmatched[0] if unmatched else None)


def group_by_places(project: Path, calibration_path: Path) -> NamedGroups | None:
    """Store the moments of a calibration that says where several cameras stood, as one set does.

    None where it does not: phones that are calibrated in one file need not have been together.

    Raises:
        AnnotationError: the file holds no camera that can be used.
    """
    calibration = read_calibration(calibration_path)
    if len(calibration.places) < 2:
        return None
    with Dictionary.open(project) as dictionary:
        found = groups_by_calibration(dictionary, calibration)
        if found.names:
            dictionary.groups.assign(found.names)
    return found


def _subject_of(member: GroupMembership | None) -> str | None:
    return None if member is None or member.subject is None else member.subject.name


def _inside(picture: Path, project: Path) -> Path:
    return picture.relative_to(project) if picture.is_relative_to(project) else picture


def _shared_folders(frames: list[str]) -> int:
    """How many characters of the paths are folders that all of them share."""
    folders = [str(PurePosixPath(frame).parent) for frame in frames]
    if not folders or any(folder == "." for folder in folders):
        return 0
    shared = os.path.commonpath(folders)
    return len(shared) + 1 if shared else 0
