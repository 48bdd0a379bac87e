"""Bodies that another method predicted, read from its files: npz of the SPIN family, EFT's json.

Nothing is known here of a project: pictures are names, people are boxes or keys. Who they are is
found out by ``core.workflows.predictions.import_predictions``.
"""

from __future__ import annotations

from pathlib import Path

from core.errors import AnnotationError
from core.files.foreign_files import foreign_reader
from core.formats.bodies.eft_file import read_eft
from core.formats.bodies.file_bodies import ForeignPredictions, PictureCameras
from core.formats.bodies.npz_file import read_npz
from core.formats.bodies.options import NO_PREDICTION_OPTIONS, PredictionOptions
from core.formats.bodies.prediction_formats import FORMAT_HELP
from core.progress import CancelToken

__all__ = ["ForeignPredictions", "PictureCameras", "read_foreign_predictions"]

_REMEDY = f"Give {FORMAT_HELP}."


@foreign_reader(AnnotationError, expected="predictions", remedy=_REMEDY)
def read_foreign_predictions(
    source: Path,
    options: PredictionOptions = NO_PREDICTION_OPTIONS,
    cancel: CancelToken | None = None,
) -> ForeignPredictions:
    """Read a file of predictions; broken entries are reported and the rest is there.

    Args:
        source: the file.
        options: what the user says of it.
        cancel: asked while a long file is read.

    Raises:
        AnnotationError: the file is missing, of no known kind, or an array has another shape.
        Cancelled: the user asked to stop.
    """
    if source.suffix.lower() == ".npz":
        return read_npz(source, options, cancel)
    if source.suffix.lower() == ".json":
        return read_eft(source, cancel)
    raise AnnotationError(
        f"ends in {source.suffix or 'nothing'!r}, expected .npz or .json.",
        path=source,
        remedy=f"{_REMEDY} Pickles (.pkl) are not read; save their arrays as npz.",
    )
