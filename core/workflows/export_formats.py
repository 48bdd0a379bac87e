"""The formats a project can be exported to: one list for the command and for the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from core.dictionary.search.query import SampleQuery
from core.dictionary.store import Dictionary
from core.progress import CancelToken, ProgressCallback, ignore_progress
from core.workflows.annotations.export_keypoints import export_coco_keypoints
from core.workflows.export_corrections import export_corrections
from core.workflows.exports.export_request import ExportOptions, ExportRequest

_EVERYTHING = SampleQuery()


class ExportSummary(Protocol):
    """What every export reports."""

    def summary(self) -> str:
        """What was written, in a line, and the path."""


Export = Callable[[Dictionary, ExportRequest], ExportSummary]


class FormatGroup(StrEnum):
    """What formats are for; lists of them go by it."""

    LEARNING = "To train and evaluate with"
    BODIES = "Bodies for other programs"
    MESHES = "Meshes and pictures"
    TABLES = "Tables"


class Written(StrEnum):
    """Whose bodies, or what, a format writes of those who are chosen."""

    GOOD_FITS = "fits that are neither rejected nor too poor"
    ALL_FITS = "current fits, whatever was said of them"
    IMPORTED = "people whose bodies came from files of other methods"
    EVERYBODY = "everybody"


@dataclass(frozen=True, kw_only=True)
class ExportFormat:
    """One format.

    suffix: of the file, or of the files where it makes a folder of them. folder: whether it does.
    by_sample: whether it is chosen whom it writes; otherwise it is always everything.
    written: of whom it writes bodies, or a line.
    keeps_rows: whether those without a body that it writes keep their rows, as zeros.
    options: which of the ``ExportOptions`` it heeds, by their names.
    needs: a package that is not among the program's own.
    """

    name: str
    title: str
    help: str
    suffix: str
    group: FormatGroup
    write: Export
    folder: bool = False
    by_sample: bool = True
    written: Written = Written.GOOD_FITS
    keeps_rows: bool = False
    options: tuple[str, ...] = ()
    needs: str = ""


def _function(name: str) -> Callable[..., ExportSummary]:
    """A function whose module is imported when it is called: it reads bodies, help must not."""
    module, function = name.rsplit(".", 1)

    def call(*arguments: Any, **parts: Any) -> ExportSummary:
        made: ExportSummary = getattr(import_module(f"core.workflows.{module}"), function)(
            *arguments, **parts
        )
        return made

    return call


def _in_parts(export: Callable[..., ExportSummary]) -> Export:
    """A writer that takes the parts of a request one by one."""

    def write(dictionary: Dictionary, request: ExportRequest) -> ExportSummary:
        return export(
            dictionary,
            request.out,
            query=request.query,
            sample_ids=request.sample_ids,
            overwrite=request.overwrite,
            progress=request.progress,
            cancel=request.cancel,
        )

    return write


_FORMATS = (
    ExportFormat(
        name="spin-fits",
        title="SPIN's final fits (npz)",
        help="SPIN's npz of final fits: what its trainers and their successors read. Rejected "
        "fits and those too poor to learn from are zeros",
        suffix=".npz",
        group=FormatGroup.LEARNING,
        keeps_rows=True,
        write=_in_parts(_function("export_fits.export_spin_fits")),
    ),
    ExportFormat(
        name="spin-dataset",
        title="SPIN's data set (npz)",
        help="SPIN's npz of a data set: pictures, boxes, keypoints, 3D truth, and accepted fits "
        "as true bodies",
        suffix=".npz",
        group=FormatGroup.LEARNING,
        written=Written.EVERYBODY,
        write=_function("exports.export_spin_dataset.export_spin_dataset"),
    ),
    ExportFormat(
        name="spin-npy",
        title="SPIN's fits of a data set (npy)",
        help="SPIN's array of fits, 72 angles and 10 betas a row, in the order of spin-dataset",
        suffix=".npy",
        group=FormatGroup.LEARNING,
        keeps_rows=True,
        write=_function("exports.export_spin_dataset.export_spin_npy"),
    ),
    ExportFormat(
        name="as-imported",
        title="Another method's file, as it came",
        help="a folder with the files that bodies were taken over from, in their own formats: rows "
        "that no one touched as they came, to the last number, without those that were rejected",
        suffix="",
        group=FormatGroup.LEARNING,
        folder=True,
        written=Written.IMPORTED,
        write=_function("exports.export_as_imported.export_as_imported"),
    ),
    ExportFormat(
        name="eft",
        title="EFT's fits (JSON)",
        help="EFT's json of bodies with weak cameras, and the exact ones beside them",
        suffix=".json",
        group=FormatGroup.LEARNING,
        write=_function("exports.export_body_lists.export_eft"),
    ),
    ExportFormat(
        name="humandata",
        title="HumanData (npz)",
        help="OpenMMLab's HumanData with its 190 joints: keypoints of everybody, bodies and "
        "cameras of the whole pictures",
        suffix=".npz",
        group=FormatGroup.LEARNING,
        keeps_rows=True,
        write=_function("exports.export_body_lists.export_human_data"),
    ),
    ExportFormat(
        name="coco-keypoints",
        title="Keypoints (COCO's JSON)",
        help="COCO's JSON of keypoints as they stand, corrected and drawn ones included",
        suffix=".json",
        group=FormatGroup.LEARNING,
        written=Written.EVERYBODY,
        write=_in_parts(export_coco_keypoints),
    ),
    ExportFormat(
        name="smplx",
        title="SMPLify-X's results (pkl or npz)",
        help="a folder as SMPLify-X leaves it: a pickle for each person, or an npz, before the "
        "camera of the whole picture",
        suffix=".pkl",
        group=FormatGroup.BODIES,
        folder=True,
        options=("as_npz",),
        write=_function("exports.export_smplify_x.export_smplify_x"),
    ),
    ExportFormat(
        name="amass",
        title="Motion for SMPL-H (AMASS's npz)",
        help="a folder of AMASS's npz files: one for each person who was followed or is seen once",
        suffix=".npz",
        group=FormatGroup.BODIES,
        folder=True,
        options=("frame_rate_hz",),
        write=_function("exports.export_motion.export_amass"),
    ),
    ExportFormat(
        name="smpl",
        title="Motion for SMPL (.smpl)",
        help="a folder of .smpl files for Meshcapade's editor and its Blender add-on",
        suffix=".smpl",
        group=FormatGroup.BODIES,
        folder=True,
        options=("frame_rate_hz",),
        write=_function("exports.export_motion.export_smpl"),
    ),
    ExportFormat(
        name="bvh",
        title="Motion of bones (BVH)",
        help="a folder of BVH files for animation programs: 24 joints, centimetres, y up",
        suffix=".bvh",
        group=FormatGroup.BODIES,
        folder=True,
        options=("frame_rate_hz",),
        write=_function("exports.export_motion.export_bvh"),
    ),
    ExportFormat(
        name="obj",
        title="Meshes (OBJ)",
        help="a folder of OBJ files: the mesh of each body, or of everybody in a picture",
        suffix=".obj",
        group=FormatGroup.MESHES,
        folder=True,
        options=("together",),
        write=_function("exports.export_meshes.export_obj"),
    ),
    ExportFormat(
        name="ply",
        title="Meshes (PLY)",
        help="a folder of PLY files, binary: the same meshes with their normals",
        suffix=".ply",
        group=FormatGroup.MESHES,
        folder=True,
        options=("together",),
        write=_function("exports.export_meshes.export_ply"),
    ),
    ExportFormat(
        name="glb",
        title="Meshes with bones (GLB)",
        help="a folder of GLB files for Blender and viewers: meshes with skeleton, skin and camera",
        suffix=".glb",
        group=FormatGroup.MESHES,
        folder=True,
        options=("together", "skeleton"),
        write=_function("exports.export_meshes.export_glb"),
    ),
    ExportFormat(
        name="png",
        title="Pictures (PNG)",
        help="a folder of PNG files in any size: bodies over their crops or whole pictures, from "
        "above, from the side",
        suffix=".png",
        group=FormatGroup.MESHES,
        folder=True,
        written=Written.ALL_FITS,
        options=("views", "size_px"),
        write=_function("exports.export_pictures.export_png"),
    ),
    ExportFormat(
        name="csv",
        title="Table (CSV)",
        help="a CSV with a line for each person: path, box, verdict, flags, losses, pose, betas, "
        "cameras",
        suffix=".csv",
        group=FormatGroup.TABLES,
        written=Written.EVERYBODY,
        write=_function("exports.export_tables.export_csv"),
    ),
    ExportFormat(
        name="parquet",
        title="Table (Parquet)",
        help="the same table as Apache Parquet, for pandas, polars and DuckDB",
        suffix=".parquet",
        group=FormatGroup.TABLES,
        written=Written.EVERYBODY,
        needs="pyarrow",
        write=_function("exports.export_tables.export_parquet"),
    ),
    ExportFormat(
        name="corrections",
        title="Changes by people (CSV)",
        help="a CSV of what people changed: who, when, what, from, to",
        suffix=".csv",
        group=FormatGroup.TABLES,
        by_sample=False,
        written=Written.EVERYBODY,
        write=lambda dictionary, request: export_corrections(
            dictionary, request.out, overwrite=request.overwrite
        ),
    ),
)

EXPORT_FORMATS: dict[str, ExportFormat] = {
    export_format.name: export_format for export_format in _FORMATS
}


def export_project(
    project: Path,
    format_name: str,
    out: Path,
    *,
    query: SampleQuery = _EVERYTHING,
    sample_ids: tuple[int, ...] | None = None,
    options: ExportOptions | None = None,
    overwrite: bool = False,
    progress: ProgressCallback = ignore_progress,
    cancel: CancelToken | None = None,
) -> ExportSummary:
    """Write a project, the samples of a query, or named samples, whole or not at all.

    Args:
        project: its folder.
        format_name: one of ``EXPORT_FORMATS``.
        out: the file to write, or the folder where the format makes one.
        query: whom.
        sample_ids: whom, by number; then the query does not matter.
        options: what the format lets one choose.
        overwrite: whether files of the same names may be replaced.
        progress: told how far it is.
        cancel: asked between pages.

    Raises:
        UserFileError: ``out`` exists and ``overwrite`` is off, or cannot be written.
        SetupError: the format needs a package that is not installed.
        DictionaryError: the project cannot be read.
        Cancelled: the user asked to stop; nothing was written.
    """
    request = ExportRequest(
        out=out,
        query=query,
        sample_ids=sample_ids,
        overwrite=overwrite,
        options=options or ExportOptions(),
        progress=progress,
        cancel=cancel,
    )
    with Dictionary.open(project) as dictionary:
        return EXPORT_FORMATS[format_name].write(dictionary, request)
