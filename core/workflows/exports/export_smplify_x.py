"""SMPLify-X's results: a folder for each picture with a file for each person."""

from __future__ import annotations

from core.dictionary.store import Dictionary
from core.files.atomic_folder import atomic_folder
from core.formats.bodies.writers.smplify_x import write_smplify_x
from core.workflows.exports.body_index import INDEX_NAME, body_index
from core.workflows.exports.collected_people import CollectedBodies
from core.workflows.exports.export_report import BodyExport, notices_of_body
from core.workflows.exports.export_request import ExportRequest
from core.workflows.exports.file_names import FileNames


def export_smplify_x(dictionary: Dictionary, request: ExportRequest) -> BodyExport:
    """Write ``PICTURE/000.pkl``, ``001.pkl``, … of the bodies that may be learned from.

    With the option ``as_npz`` they are ``000.npz``, ….

    Raises:
        UserFileError: the folder holds files that may not be replaced, or cannot be written.
        BodyFileError: the project's body file is missing or none.
        Cancelled: the user asked to stop; nothing was written.
    """
    collected = CollectedBodies(dictionary, request)
    names, as_npz = FileNames(), request.options.as_npz
    suffix = ".npz" if as_npz else ".pkl"
    with (
        atomic_folder(request.out, overwrite=request.overwrite) as folder,
        body_index(folder) as note,
    ):
        for bodies in collected.pictures("Writing bodies"):
            picture = names.of_picture(bodies.samples[0].picture_path)
            (folder / picture).mkdir()
            files = [f"{picture}/{row:03d}{suffix}" for row in range(len(bodies))]
            for row, file in enumerate(files):
                with (folder / file).open("xb") as stream:
                    write_smplify_x(stream, bodies, row, as_npz=as_npz)
            note(bodies, files, [None] * len(bodies))
    return BodyExport(
        out=request.out,
        people=len(collected.ids),
        bodies=collected.bodies,
        files=collected.bodies,
        left_out=collected.left_out,
        notices=(
            f"who is in which file, and before which cameras: {INDEX_NAME}",
            *notices_of_body(collected.body_name),
        ),
    )
