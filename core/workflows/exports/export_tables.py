"""A table of everybody: path, box, verdict, flags, losses, pose, betas, cameras; one row each.

A person without a fit has a row, too, with nothing in the columns of the fit; ``left_out`` says of
each person why other exports do without the body.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from core.body.arrays import BodyArrays
from core.dictionary.store import Dictionary
from core.errors import StudioError
from core.formats.bodies.writers.placed_bodies import PlacedBodies
from core.formats.tables.columns import ColumnKind, TableColumn, TablePage
from core.formats.tables.csv_table import csv_table
from core.formats.tables.parquet_table import parquet_table
from core.runs.project_body import body_arrays, body_name
from core.types.samples import SampleRow
from core.workflows.exports.collected_people import CollectedPerson, people_of, placed_people
from core.workflows.exports.export_report import BodyExport, notices_of_body
from core.workflows.exports.export_request import ExportRequest

TABLE_VERSION = 1

_AddPage = Callable[[TablePage], None]
_Value = Callable[[CollectedPerson, SampleRow], Any]
_OfFit = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class _Body:
    """What bodies are placed with; None where the project's body file cannot be read."""

    arrays: BodyArrays | None
    name: str
    problem: str


def export_csv(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write the table as CSV; raises as ``export_parquet``, which needs a package more."""
    body = _body_of(dictionary)
    table = csv_table(request.out, COLUMNS, overwrite=request.overwrite)
    return _written(dictionary, request, body, table)


def export_parquet(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write the table as Apache Parquet, with the body's name in the schema's metadata.

    Raises:
        SetupError: pyarrow is not installed.
        UserFileError: the file exists and may not be replaced, or cannot be written.
        Cancelled: the user asked to stop; nothing was written.
    """
    body = _body_of(dictionary)
    notes = {
        "spin_studio_table": str(TABLE_VERSION),
        "body_name": body.name,
        "units": "metres, radians, pixels; columns say which. px2 are squared pixels of the crop",
    }
    table = parquet_table(request.out, COLUMNS, overwrite=request.overwrite, notes=notes)
    return _written(dictionary, request, body, table)


def _body_of(dictionary: Dictionary) -> _Body:
    try:
        return _Body(*body_arrays(dictionary), problem="")
    except StudioError as error:
        # A table of verdicts must not fail for want of a body's file.
        return _Body(None, body_name(dictionary), str(error))


def _written(
    dictionary: Dictionary,
    request: ExportRequest,
    body: _Body,
    table: AbstractContextManager[_AddPage],
) -> BodyExport:
    ids = request.ids(dictionary)
    left_out: Counter[str] = Counter()
    bodies = 0
    with table as add:
        for page in request.pages(ids, "Collecting rows"):
            people = people_of(dictionary, page)
            add(_page(people, dictionary.search.rows(page), body))
            left_out.update(person.left_out for person in people if person.left_out)
            bodies += sum(person.fit is not None for person in people)
    notices = notices_of_body(body.name)
    if body.problem:
        problem = (
            "notice: the cameras of whole pictures are left out, since the project's body cannot "
            f"be read: {body.problem}"
        )
        notices = (problem, *notices)
    marked = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
    if marked:
        notices = (f"marked in the column left_out: {marked}", *notices)
    return BodyExport(out=request.out, people=len(ids), bodies=bodies, notices=notices)


def _page(
    people: Sequence[CollectedPerson], rows: Sequence[SampleRow], body: _Body
) -> dict[str, list[Any]]:
    page = {
        column.name: [value(person, row) for person, row in zip(people, rows, strict=True)]
        for column, value in _SAMPLE_COLUMNS
    }
    for column, of_fit in _FIT_COLUMNS:
        page[column.name] = [
            None if person.fit is None else of_fit(person.fit) for person in people
        ]
    page["body_name"] = [None if person.fit is None else body.name for person in people]
    placed = (
        None if body.arrays is None else placed_people(people, body.arrays, body_name=body.name)
    )
    for column, of_bodies in _PLACE_COLUMNS:
        values = iter(() if placed is None else of_bodies(placed))
        page[column.name] = [
            None if person.fit is None or placed is None else next(values) for person in people
        ]
    return page


def _numbers(name: str, width: int) -> TableColumn:
    return TableColumn(name, ColumnKind.NUMBERS, width)


_SAMPLE_COLUMNS: tuple[tuple[TableColumn, _Value], ...] = (
    (TableColumn("sample_id", ColumnKind.WHOLE), lambda each, _: each.sample.id),
    (TableColumn("name", ColumnKind.TEXT), lambda each, _: each.sample.name),
    (TableColumn("picture", ColumnKind.TEXT), lambda each, _: each.sample.picture_path),
    (
        TableColumn("picture_width_px", ColumnKind.WHOLE),
        lambda each, _: each.sample.picture_size_px[0],
    ),
    (
        TableColumn("picture_height_px", ColumnKind.WHOLE),
        lambda each, _: each.sample.picture_size_px[1],
    ),
    (TableColumn("dataset", ColumnKind.TEXT), lambda each, _: each.sample.dataset),
    (TableColumn("person", ColumnKind.TEXT), lambda each, _: each.sample.person_key),
    (
        TableColumn("box_center_x_px", ColumnKind.NUMBER),
        lambda each, _: each.sample.box.center_x_px,
    ),
    (
        TableColumn("box_center_y_px", ColumnKind.NUMBER),
        lambda each, _: each.sample.box.center_y_px,
    ),
    (TableColumn("box_side_px", ColumnKind.NUMBER), lambda each, _: each.sample.box.side_px),
    (TableColumn("visible_keypoints", ColumnKind.WHOLE), lambda _, row: row.visible_keypoints),
    (TableColumn("corrections", ColumnKind.WHOLE), lambda each, _: each.sample.corrections),
    (TableColumn("drawn_by", ColumnKind.TEXT), lambda each, _: each.sample.drawn_by),
    (TableColumn("group", ColumnKind.TEXT), lambda _, row: row.group),
    (TableColumn("camera_source", ColumnKind.TEXT), lambda each, _: each.sample.camera.source),
    (TableColumn("flags", ColumnKind.TEXTS), lambda _, row: list(row.flags)),
    (TableColumn("suspicion", ColumnKind.NUMBER), lambda _, row: row.suspicion),
    (TableColumn("verdict", ColumnKind.TEXT), lambda _, row: row.verdict),
    (TableColumn("left_out", ColumnKind.TEXT), lambda each, _: each.left_out),
)

_FIT_COLUMNS: tuple[tuple[TableColumn, _OfFit], ...] = (
    (TableColumn("verdict_by", ColumnKind.TEXT), lambda fit: fit.verdict_by),
    (TableColumn("verdict_at", ColumnKind.TEXT), lambda fit: fit.verdict_at),
    (TableColumn("reject_reason", ColumnKind.TEXT), lambda fit: fit.reject_reason),
    (TableColumn("fit_id", ColumnKind.WHOLE), lambda fit: fit.id),
    (TableColumn("origin", ColumnKind.TEXT), lambda fit: fit.origin),
    (TableColumn("run_id", ColumnKind.WHOLE), lambda fit: fit.run_id),
    (TableColumn("iteration", ColumnKind.WHOLE), lambda fit: fit.iteration),
    (TableColumn("fitted_at", ColumnKind.TEXT), lambda fit: fit.created_at),
    (TableColumn("made_by", ColumnKind.TEXT), lambda fit: fit.made_by),
    (TableColumn("pose_valid", ColumnKind.TRUTH), lambda fit: fit.pose_valid),
    (TableColumn("shape_valid", ColumnKind.TRUTH), lambda fit: fit.shape_valid),
    (
        TableColumn("comparison_loss_px2", ColumnKind.NUMBER),
        lambda fit: fit.losses.comparison,
    ),
    (TableColumn("objective_px2", ColumnKind.NUMBER), lambda fit: fit.losses.total),
    (TableColumn("reprojection_px2", ColumnKind.NUMBER), lambda fit: fit.losses.reprojection),
    (TableColumn("pose_prior_px2", ColumnKind.NUMBER), lambda fit: fit.losses.pose_prior),
    (TableColumn("angle_prior_px2", ColumnKind.NUMBER), lambda fit: fit.losses.angle_prior),
    (TableColumn("shape_prior_px2", ColumnKind.NUMBER), lambda fit: fit.losses.shape_prior),
    (
        TableColumn("bone_directions_px2", ColumnKind.NUMBER),
        lambda fit: fit.losses.bone_directions,
    ),
    (_numbers("pose_axis_angle", 72), lambda fit: fit.parameters.pose_axis_angle),
    (_numbers("betas", 10), lambda fit: fit.parameters.betas),
    (_numbers("crop_translation", 3), lambda fit: fit.parameters.camera_translation),
)

_PLACE_COLUMNS: tuple[tuple[TableColumn, Callable[[PlacedBodies], Sequence[Any]]], ...] = (
    (_numbers("crop_camera_px", 5), lambda bodies: list(bodies.crop_camera_px)),
    (
        _numbers("picture_root_axis_angle", 3),
        lambda bodies: list(bodies.in_picture.root_axis_angle),
    ),
    (_numbers("picture_translation", 3), lambda bodies: list(bodies.in_picture.translation)),
    (
        TableColumn("picture_focal_length_px", ColumnKind.NUMBER),
        lambda bodies: bodies.in_picture.focal_length_px.tolist(),
    ),
    (
        _numbers("picture_principal_point_px", 2),
        lambda bodies: list(bodies.in_picture.principal_point_px),
    ),
)

COLUMNS = (
    *(column for column, _value in _SAMPLE_COLUMNS),
    *(column for column, _value in _FIT_COLUMNS),
    TableColumn("body_name", ColumnKind.TEXT),
    *(column for column, _value in _PLACE_COLUMNS),
)
"""Of the table, in their order; docs/formats.md says what each means."""
