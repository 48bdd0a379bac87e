"""The formats of annotations that can be imported, in one list for command line and window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from core.errors import AnnotationError
from core.files.foreign_files import foreign_file
from core.formats.annotation_format import AnnotationFormat
from core.formats.keypoints.coco_keypoints import COCO_FORMAT
from core.formats.keypoints.datasets.aic import AIC_FORMAT
from core.formats.keypoints.datasets.human_data import HUMAN_DATA_FORMAT
from core.formats.keypoints.datasets.lsp import LSP_FORMAT
from core.formats.keypoints.datasets.mpii import MPII_FORMAT
from core.formats.keypoints.datasets.ochuman import OCHUMAN_FORMAT
from core.formats.keypoints.datasets.people_of_bodies import BODIES_FORMAT
from core.formats.keypoints.datasets.spin_dataset import SPIN_FORMAT
from core.formats.keypoints.openpose import OPENPOSE_FORMAT
from core.formats.keypoints.tools.alphapose import ALPHAPOSE_FORMAT
from core.formats.keypoints.tools.cvat import CVAT_FORMAT
from core.formats.keypoints.tools.datumaro import DATUMARO_FORMAT
from core.formats.keypoints.tools.label_studio import LABEL_STUDIO_FORMAT
from core.formats.keypoints.tools.labelme import LABELME_FORMAT
from core.formats.keypoints.tools.mmpose import MMPOSE_FORMAT
from core.formats.keypoints.tools.vitpose import VITPOSE_FORMAT
from core.formats.keypoints.tools.yolo import YOLO_FORMAT
from core.formats.known_files import KnownFile, recognise
from core.formats.read_options import NO_OPTIONS, ReadOptions
from core.formats.reader_results import AnnotationSource
from core.formats.source_looks import SourceLook, files_in
from core.progress import CancelToken

_FEW_FILES = 20
_OF_ONE_FILE = (".json", ".mat")
"""How files are called that hold a whole data set."""

FORMATS: Mapping[str, AnnotationFormat] = MappingProxyType(
    {
        annotation_format.name: annotation_format
        for annotation_format in (
            MPII_FORMAT,
            LSP_FORMAT,
            AIC_FORMAT,
            OCHUMAN_FORMAT,
            SPIN_FORMAT,
            BODIES_FORMAT,
            HUMAN_DATA_FORMAT,
            LABELME_FORMAT,
            CVAT_FORMAT,
            DATUMARO_FORMAT,
            LABEL_STUDIO_FORMAT,
            YOLO_FORMAT,
            MMPOSE_FORMAT,
            ALPHAPOSE_FORMAT,
            VITPOSE_FORMAT,
            OPENPOSE_FORMAT,
            COCO_FORMAT,
        )
    }
)
"""From the particular to the general: a source is of the first format that recognises it."""


def open_format(
    one_format: AnnotationFormat,
    source: Path,
    images: Path | None,
    *,
    dataset: str,
    options: ReadOptions = NO_OPTIONS,
    cancel: CancelToken | None = None,
) -> AnnotationSource:
    """Open a source in a format; what is plainly something else is named with what to do.

    Raises:
        AnnotationError: nothing of the source can be used.
        Cancelled: the user asked to stop while it was parsed.
        StudioError: an option that cannot be followed.
    """
    with foreign_file(source, AnnotationError, expected=one_format.title):
        look = SourceLook(source)
        is_plain = one_format.recognise(look)
        guessed = one_format if is_plain else _format_of(look)
        known = recognise_source(source)
    if known is not None:
        raise AnnotationError(f"this is {known.what}.", path=source, remedy=known.remedy)
    if guessed is not None and not is_plain:
        raise _mistaken(one_format, guessed, source)
    try:
        return one_format.open(source, images, dataset=dataset, options=options, cancel=cancel)
    except AnnotationError as error:
        other = _format_of(look)
        if other is None or other is one_format:
            raise
        raise _mistaken(one_format, other, source) from error


def _mistaken(asked: AnnotationFormat, guessed: AnnotationFormat, source: Path) -> AnnotationError:
    return AnnotationError(
        f"this is {guessed.title}, not {asked.title}.",
        path=source,
        remedy=f"Import it as {guessed.name}.",
    )


def recognise_source(source: Path) -> KnownFile | None:
    """What a file or folder is where it cannot be imported as it is, and what to do; else None.

    Beside the files of other programs that is a folder of a data set's one file, which is wanted.
    """
    look = SourceLook(source)
    if _format_of(look) is not None:
        return None
    return (_folder_of_one_file(source) if look.is_folder else None) or recognise(source)


def _folder_of_one_file(folder: Path) -> KnownFile | None:
    """A folder one of whose few files holds a whole data set."""
    files = [path for path in files_in(folder) if path.suffix.lower() in _OF_ONE_FILE]
    if len(files) > _FEW_FILES:
        return None
    for file in files:
        guessed = _format_of(SourceLook(file))
        if guessed is not None and not guessed.takes_folder:
            return KnownFile(
                f"a folder whose {file.name} is {guessed.title}",
                f"Import {file.name} as {guessed.name}.",
            )
    return None


def options_for(one_format: AnnotationFormat, source: Path) -> frozenset[str]:
    """The options that mean something for a source; those of the format while it is not there."""
    if one_format is COCO_FORMAT:
        file = SourceLook(source).file
        if file is not None and file.text[:1] != b"[":
            return one_format.options & {"joints"}
    return one_format.options


def guess_format(source: Path) -> str | None:
    """The name of the format that a file or folder seems to have, or None; reads little of it."""
    found = _format_of(SourceLook(source))
    return None if found is None else found.name


def _format_of(look: SourceLook) -> AnnotationFormat | None:
    formats: Iterable[AnnotationFormat] = FORMATS.values()
    return next((each for each in formats if each.recognise(look)), None)
