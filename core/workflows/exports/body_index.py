"""``bodies.csv``: beside files of bodies, who is in which, and before which cameras."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.formats.tables.columns import ColumnKind, TableColumn
from core.formats.tables.csv_table import csv_table

INDEX_NAME = "bodies.csv"

_COLUMNS = (
    TableColumn("file", ColumnKind.TEXT),
    TableColumn("frame", ColumnKind.WHOLE),
    TableColumn("sample_id", ColumnKind.WHOLE),
    TableColumn("picture", ColumnKind.TEXT),
    TableColumn("dataset", ColumnKind.TEXT),
    TableColumn("person", ColumnKind.TEXT),
    TableColumn("box_center_px", ColumnKind.NUMBERS, 2),
    TableColumn("box_side_px", ColumnKind.NUMBER),
    TableColumn("body_name", ColumnKind.TEXT),
    TableColumn("pose_axis_angle", ColumnKind.NUMBERS, 72),
    TableColumn("betas", ColumnKind.NUMBERS, 10),
    TableColumn("crop_translation", ColumnKind.NUMBERS, 3),
    TableColumn("crop_camera_px", ColumnKind.NUMBERS, 5),
    TableColumn("picture_root_axis_angle", ColumnKind.NUMBERS, 3),
    TableColumn("picture_translation", ColumnKind.NUMBERS, 3),
    TableColumn("picture_focal_length_px", ColumnKind.NUMBER),
    TableColumn("picture_principal_point_px", ColumnKind.NUMBERS, 2),
)

NoteBodies = Callable[[PlacedBodies, Sequence[str], Sequence[int | None]], None]
"""Bodies, the file of each, and its frame in the file where that is a sequence."""


@contextmanager
def body_index(folder: Path) -> Iterator[NoteBodies]:
    """A function that notes bodies with their files; the index is whole when the block ends."""
    with csv_table(folder / INDEX_NAME, _COLUMNS, overwrite=True) as add:

        def note(bodies: PlacedBodies, files: Sequence[str], frames: Sequence[int | None]) -> None:
            samples, place = bodies.samples, bodies.in_picture
            add(
                {
                    "file": list(files),
                    "frame": list(frames),
                    "sample_id": [sample.id for sample in samples],
                    "picture": [sample.picture_path for sample in samples],
                    "dataset": [sample.dataset for sample in samples],
                    "person": [sample.person_key for sample in samples],
                    "box_center_px": list(bodies.box_centers_px),
                    "box_side_px": bodies.box_sides_px.tolist(),
                    "body_name": [bodies.body_name] * len(samples),
                    "pose_axis_angle": list(bodies.pose_axis_angle),
                    "betas": list(bodies.betas),
                    "crop_translation": list(bodies.crop_translation),
                    "crop_camera_px": list(bodies.crop_camera_px),
                    "picture_root_axis_angle": list(place.root_axis_angle),
                    "picture_translation": list(place.translation),
                    "picture_focal_length_px": place.focal_length_px.tolist(),
                    "picture_principal_point_px": list(place.principal_point_px),
                }
            )

        yield note
