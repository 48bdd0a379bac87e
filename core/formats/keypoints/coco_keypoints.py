"""COCO keypoints JSON: an annotation file, or a list of results of a detector.

An annotation file is an object with ``images`` and ``annotations``; a list of results holds objects
with ``image_id`` and ``keypoints`` and tells nothing of the pictures.
"""

from __future__ import annotations

from pathlib import Path

from core.errors import AnnotationError
from core.files.foreign_files import foreign_reader
from core.formats.annotation_format import OF_RESULTS, AnnotationFormat
from core.formats.json_files import load_json
from core.formats.keypoints.coco_annotations import open_annotations
from core.formats.keypoints.coco_results import open_results
from core.formats.picture_folders import PictureFolder
from core.formats.read_options import NO_OPTIONS, ReadOptions, as_typed
from core.formats.reader_results import AnnotationSource, shown
from core.formats.source_looks import FileLook, one_file
from core.progress import CancelToken


@foreign_reader(AnnotationError, expected="COCO keypoints")
def open_coco_keypoints(
    source: Path,
    images: Path | None,
    *,
    dataset: str,
    options: ReadOptions = NO_OPTIONS,
    cancel: CancelToken | None = None,
) -> AnnotationSource:
    """A COCO keypoints file, opened.

    Args:
        source: the JSON file.
        images: the folder its file names start from; None: the folder of the file.
        dataset: the name its samples get.
        options: what the user says of it.
        cancel: asked while the file is parsed.

    Raises:
        AnnotationError: no JSON, not COCO's layout, joints of no body, no such folder.
    """
    document = load_json(source, cancel=cancel)
    beside = images if images is not None else source.parent
    folder = PictureFolder(beside, blank_pictures=options.blank_pictures)
    if type(document) is list:
        return open_results(source, document, folder, dataset=dataset, options=options)
    if type(document) is dict:
        _refuse_result_options(source, options)
        return open_annotations(source, document, folder, dataset=dataset, options=options)
    raise AnnotationError(
        f"found {shown(document)}, expected COCO's object or a list of results.", path=source
    )


def _refuse_result_options(source: Path, options: ReadOptions) -> None:
    """What the user said must never be ignored without a word."""
    unheard = options.given() - {"joints"}
    if unheard:
        raise AnnotationError(
            f"this is an annotation file, for which {as_typed(unheard)} cannot be given.",
            path=source,
            remedy="Leave it out: it is for lists of results.",
        )


def _is_coco(look: FileLook) -> bool:
    if look.text[:1] == b"[":
        return look.has("image_id", "keypoints")
    return any(look.has(key) for key in ("images", "annotations", "image_id"))


COCO_FORMAT = AnnotationFormat(
    name="coco",
    title="COCO keypoints",
    expects="a JSON file with images and annotations (COCO, COCO-WholeBody, AIC, CrowdPose, Halpe, "
    "HumanArt, OCHuman, PoseTrack), or a list of results",
    takes_folder=False,
    recognise=one_file(_is_coco),
    open=open_coco_keypoints,
    options=OF_RESULTS,
)
