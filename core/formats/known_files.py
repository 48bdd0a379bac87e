"""Files of other programs, told by looking at them: what they are, and what to do with them.

Only the beginning of a file is read, and for archives its end, where the names are. Nothing of it
is parsed or trusted: what is recognised here is named to the user and not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from core.formats.source_looks import FILES_LOOKED_AT, FileLook, files_in, look_at
from core.formats.stray_files import NAMELESS_KINDS, STRAY_KINDS, Kind, KnownFile
from core.pictures.heif import is_heif

__all__ = ["PICTURE", "KnownFile", "recognise"]

TO_COCO = "Convert it to COCO keypoints, and import those as coco."


def recognise(source: Path) -> KnownFile | None:
    """What a file is, or what the first known file of a folder is.

    None for JSON that may be annotations, and for what cannot be looked at.
    """
    if source.is_dir():
        return _recognise_folder(source)
    look = look_at(source)
    if look is None:
        return None
    if not look.head:
        return KnownFile("an empty file", "Write or download it again.")
    kinds = _JSON_KINDS if look.is_json else _OTHER_KINDS
    return next((known for is_it, known in kinds if is_it(look)), None)


def _recognise_folder(folder: Path) -> KnownFile | None:
    """A folder is what its JSON files are, all of them; without any, what its other files are."""
    files = files_in(folder)
    documents = [path for path in files if path.suffix.lower() == ".json"]
    looked_at = (documents or files)[:FILES_LOOKED_AT]
    found = [(path, known) for path in looked_at if (known := recognise(path)) is not None]
    if documents and len(found) < len(looked_at):
        return None
    others = [(path, known) for path, known in found if known is not PICTURE]
    if not others:
        return None
    path, known = others[0]
    return KnownFile(f"a folder whose {path.name} is {known.what}", known.remedy)


PICTURE = KnownFile(
    "a picture",
    "Import it as photos (in the window: File ▸ Find people in pictures…), and its people are "
    "found; or give the annotations, and the pictures' folder as --images (Pictures).",
)

_OF_BODIES = (
    "Give that file itself: import makes people of its bodies, and fits to vet; import-predictions "
    "brings the bodies of people who are there, to compare with."
)

_YOLO_ROW = re.compile(rb"\d+(?:[ \t]+-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?){4,}[ \t]*\r?(?:\n|$)")
_CSV_OF_DEEPLABCUT = re.compile(rb"scorer,[^\n]*\n(?:individuals,[^\n]*\n)?bodyparts,")
_YAML_OF_YOLO = re.compile(rb"^(?:kpt_shape|names|nc)\s*:", re.MULTILINE)
_BOX_OF_ULTRALYTICS = re.compile(rb'"box"\s*:\s*\{\s*"x1"\s*:')
_FITS_OF_SPIN = re.compile(rb"\x93NUMPY[^(]{0,120}'shape':\s*\(\d+,\s*82\)", re.DOTALL)
_PICTURE_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF8", b"II*\0", b"MM\0*")


def _is_picture(look: FileLook) -> bool:
    webp = look.head[:4] == b"RIFF" and look.head[8:12] == b"WEBP"
    return webp or is_heif(look.head[:12]) or look.head.startswith(_PICTURE_STARTS)


def _is_video(look: FileLook) -> bool:
    starts = (b"\x1aE\xdf\xa3",)
    avi = look.head[:4] == b"RIFF" and look.head[8:12] == b"AVI "
    return look.head[4:8] == b"ftyp" or avi or look.head.startswith(starts)


def _npz_with(*arrays: str) -> Callable[[FileLook], bool]:
    def is_it(look: FileLook) -> bool:
        names = look.head + look.tail
        return _is_npz(look) and all(f"{name}.npy".encode() in names for name in arrays)

    return is_it


def _is_npz(look: FileLook) -> bool:
    is_zip = look.head.startswith(b"PK\x03\x04")
    return is_zip and (look.name.endswith(".npz") or b".npy" in look.head[:200])


def _starts_with(*starts: bytes) -> Callable[[FileLook], bool]:
    return lambda look: look.head.startswith(starts)


def _keys(*names: str) -> Callable[[FileLook], bool]:
    return lambda look: look.has(*names)


def _in_bytes(is_it: Callable[[FileLook], bool]) -> Callable[[FileLook], bool]:
    """UTF-16 and UTF-32 are JSON, too; what begins with their marks is left to the parser."""
    return lambda look: (
        not look.head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0")) and is_it(look)
    )


_YOLO_REMEDY = (
    "Give the labels of a pose data set: a row is a class, a box, and two or three numbers a joint."
)

_ARRAYS_OF_BODIES = (
    ("pose", "betas"),
    ("pose", "shape"),
    ("imgname", "pose_cam"),
    ("poses", "trans"),
    ("bodyPose", "shapeParameters"),
)
"""Of SPIN's family, of BEDLAM and CameraHMR, of AMASS, of ``.smpl``."""

_OTHER_KINDS: Sequence[Kind] = (
    *STRAY_KINDS,
    (_is_picture, PICTURE),
    (
        _is_video,
        KnownFile(
            "a video",
            "Import it as video (in the window: File ▸ Find people in pictures…), and the people "
            "in its frames are found.",
        ),
    ),
    (
        lambda look: (
            _npz_with("__key_strict__")(look) or _npz_with("image_path", "bbox_xywh")(look)
        ),
        KnownFile("a HumanData archive (mmhuman3d)", _OF_BODIES, holds_bodies=True),
    ),
    (
        _npz_with("imgname", "part"),
        KnownFile(
            "a data set of SPIN's family (npz) that lacks imgname, center, scale or keypoints",
            "Add them, and import it as spin-dataset.",
        ),
    ),
    (
        lambda look: any(_npz_with(*arrays)(look) for arrays in _ARRAYS_OF_BODIES),
        KnownFile("an archive of bodies (npz)", _OF_BODIES, holds_bodies=True),
    ),
    (_is_npz, KnownFile("an archive of NumPy arrays", TO_COCO)),
    (
        _starts_with(b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ", b"Rar!"),
        KnownFile("a packed archive", "Unpack it, and give the annotations in it."),
    ),
    (
        lambda look: _FITS_OF_SPIN.match(look.head) is not None,
        KnownFile(
            "SPIN's fits of a data set (npy, N×82)",
            "Import the data set's npz as spin-dataset first; then bring the fits in with "
            "import-fits or import-predictions, from the same folder.",
            holds_bodies=True,
        ),
    ),
    (_starts_with(b"\x93NUMPY"), KnownFile("a NumPy array", TO_COCO)),
    (
        lambda look: look.head[:1] == b"\x80" and look.head[1:2] in (b"\2", b"\3", b"\4", b"\5"),
        KnownFile(
            "a Python pickle",
            "Bodies of VIBE, PHALP, 3DPW or SMPLify-X come in with import-fits; they need "
            "people first. Save keypoints as COCO keypoints.",
            holds_bodies=True,
        ),
    ),
    (
        _starts_with(b"\x89HDF"),
        KnownFile("an HDF5 file, as DeepLabCut and SLEAP write", TO_COCO),
    ),
    (
        _starts_with(b"MATLAB 7.3"),
        KnownFile(
            "a MATLAB file of version 7.3 (HDF5)",
            "Load it in MATLAB or Octave and save it with -v7.",
        ),
    ),
    (
        _starts_with(b"MATLAB"),
        KnownFile(
            "a MATLAB file, neither MPII's (RELEASE) nor LSP's (joints)",
            "Read are mpii_human_pose_v1_u12_1.mat and joints.mat of LSP and LSPET. " + TO_COCO,
        ),
    ),
    (
        _starts_with(b"SQLite format 3"),
        KnownFile("a database", "Open the project it belongs to instead."),
    ),
    (
        lambda look: look.text.startswith(b"<annotation>"),
        KnownFile("a Pascal VOC file", "It holds boxes only; keypoints are needed."),
    ),
    (lambda look: look.text.startswith(b"<"), KnownFile("an XML file", TO_COCO)),
    (
        lambda look: _CSV_OF_DEEPLABCUT.match(look.text) is not None,
        KnownFile("a table of DeepLabCut (csv)", TO_COCO),
    ),
    (
        lambda look: _YOLO_ROW.match(look.text) is not None,
        KnownFile("a YOLO label file without a body's joints", _YOLO_REMEDY),
    ),
    (
        lambda look: (
            look.name.endswith((".yaml", ".yml")) and _YAML_OF_YOLO.search(look.head) is not None
        ),
        KnownFile("a description of a YOLO data set without kpt_shape", "It has no joints."),
    ),
    (
        lambda look: look.name.endswith((".csv", ".tsv")),
        KnownFile("a table", TO_COCO),
    ),
    *((_in_bytes(is_it), known) for is_it, known in NAMELESS_KINDS),
)

_JSON_KINDS: Sequence[Kind] = (
    (
        _keys("parm_pose"),
        KnownFile("a file of EFT's bodies", _OF_BODIES, holds_bodies=True),
    ),
    (
        lambda look: look.has("_via_settings") or look.has("region_attributes"),
        KnownFile("a file of the VGG Image Annotator", TO_COCO),
    ),
    (
        lambda look: _BOX_OF_ULTRALYTICS.search(look.head) is not None,
        KnownFile(
            "a result of Ultralytics as JSON",
            "Let Ultralytics write labels (save_txt=True) and import those as yolo, or COCO "
            "results (model.val(save_json=True), predictions.json) as coco.",
        ),
    ),
    (_keys("classTitle", "objects"), KnownFile("a Supervisely file", TO_COCO)),
)
