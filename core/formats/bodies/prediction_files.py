"""Bodies that another method predicted, read from its files, whichever of the known ones they are.

What a file is is told by what is in it, never by its name. Nothing is known here of a project:
pictures are names, people are boxes or keys. Who they are is found out by
``core.workflows.predictions.import_predictions``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from core.errors import AnnotationError
from core.files.foreign_files import foreign_reader
from core.formats.bodies.eft_file import read_eft
from core.formats.bodies.file_bodies import ForeignPredictions, PictureCameras
from core.formats.bodies.npz_file import NAMES, read_npz
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.formats.bodies.pickles.foreign_pickles import load_results
from core.formats.bodies.pickles.packed_files import is_packed
from core.formats.bodies.prediction_formats import FORMAT_HELP
from core.formats.bodies.readers import (
    amass,
    human_data,
    phalp,
    romp,
    sam3d_body,
    smpl_codec,
    smplify_x,
    spin_rows,
    threedpw,
    vibe,
)
from core.progress import CancelToken

__all__ = ["ForeignPredictions", "PictureCameras", "read_foreign_predictions"]

_REMEDY = f"Give {FORMAT_HELP}."
_LOOKED_AT_BYTES = 64
_NPY = ".npy"


class _PickleReader(Protocol):
    def recognises(self, value: object) -> bool: ...
    def read(
        self, value: object, source: Path, options: PredictionOptions
    ) -> ForeignPredictions: ...


class _ArchiveReader(Protocol):
    def recognises(self, names: frozenset[str]) -> bool: ...
    def read(
        self, source: Path, options: PredictionOptions, cancel: CancelToken | None
    ) -> ForeignPredictions: ...


_NAMES_OF_PICTURES = frozenset(NAMES)


_PICKLES: Sequence[_PickleReader] = (threedpw, smplify_x, vibe, phalp)
"""In this order: each is looked for by fields that those before it do not have."""

_ARCHIVES: Sequence[_ArchiveReader] = (romp, human_data, smpl_codec, amass)
"""Before npz of the SPIN family, which has names of pictures and poses."""


@foreign_reader(AnnotationError, expected="predictions", remedy=_REMEDY)
def read_foreign_predictions(
    source: Path,
    options: PredictionOptions = NO_PREDICTION_OPTIONS,
    cancel: CancelToken | None = None,
) -> ForeignPredictions:
    """Read a file of predictions, or a folder of them; broken entries are reported.

    Args:
        source: the file, or the folder of SMPLify-X's results.
        options: what the user says of the file.
        cancel: asked while a long file is read.

    Raises:
        AnnotationError: the file is missing, of no known kind, or an array has another shape.
        UnsafePickleError: a pickle asks for a name that results do not need; nothing of it is run.
        Cancelled: the user asked to stop.
    """
    if source.is_dir():
        return _read_folder(source, options, cancel)
    with source.open("rb") as stream:
        head = stream.read(_LOOKED_AT_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return _read_archive(source, options, cancel)
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return read_eft(source, cancel)
    if head.startswith(spin_rows.MAGIC):
        return spin_rows.read_npy(source, options, cancel)
    if head.startswith(sam3d_body.MAGIC):
        raise sam3d_body.refusal(source)
    if is_packed(head) or _is_pickle(head):
        return _read_pickle(source, options)
    raise AnnotationError("is of no known kind.", path=source, remedy=_REMEDY)


def _is_pickle(head: bytes) -> bool:
    """Whether a file begins as a pickle: any protocol since 2 names itself, 0 and 1 open a dict."""
    return (head[:1] == b"\x80" and head[1:2] in b"\2\3\4\5") or head.startswith((b"(dp", b"}q"))


def _read_folder(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    if smplify_x.recognises_folder(source):
        return smplify_x.read_folder(source, options, cancel)
    raise AnnotationError(
        "is a folder without results of SMPLify-X (results/PICTURE/000.pkl).",
        path=source,
        remedy=_REMEDY,
    )


def _read_archive(
    source: Path, options: PredictionOptions, cancel: CancelToken | None
) -> ForeignPredictions:
    with zipfile.ZipFile(source) as archive:
        members = archive.namelist()
    names = frozenset(name.removesuffix(_NPY) for name in members if name.endswith(_NPY))
    reader = next((each for each in _ARCHIVES if each.recognises(names)), None)
    if reader is not None:
        return reader.read(source, options, cancel)
    if smplify_x.recognises_names(names) and not names & _NAMES_OF_PICTURES:
        return smplify_x.read_archive(source, options, cancel)
    if spin_rows.recognises(names):
        return spin_rows.read(source, options, cancel)
    return read_npz(source, options, cancel)


def _read_pickle(source: Path, options: PredictionOptions) -> ForeignPredictions:
    value = load_results(source)
    reader = next((each for each in _PICKLES if each.recognises(value)), None)
    if reader is not None:
        return reader.read(value, source, options)
    held = f"a dict with {', '.join(map(str, list(value)[:8]))}" if isinstance(value, dict) else ""
    raise AnnotationError(
        f"is a pickle of {held or type(value).__name__}, which no known program writes.",
        path=source,
        remedy=_REMEDY,
    )
