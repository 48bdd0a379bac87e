"""Files that no import reads, told by how they begin and end: damaged ones, models, meshes, papers.

Each is named with what the user meant to give instead. Nothing of a file is parsed or trusted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.formats.bodies.pickles.packed_files import is_packed
from core.formats.source_looks import FileLook

COPY_AGAIN = "Download or copy it again, and see that its size is that of the original."


@dataclass(frozen=True)
class KnownFile:
    """What a file is, with its article, and what the user can do.

    holds_bodies: it is read by ``core.formats.bodies``, not as annotations.
    """

    what: str
    remedy: str
    holds_bodies: bool = False


Kind = tuple[Callable[[FileLook], bool], KnownFile]

_OF_PICKLES = (".pkl", ".pickle", ".joblib", ".pkl.gz", ".pkl.xz", ".pkl.bz2")
_PICKLED = "Give bodies of VIBE, PHALP, 3DPW or SMPLify-X; save keypoints as COCO keypoints."
_ZIP, _END_OF_ZIP = b"PK\x03\x04", b"PK\x05\x06"
_WEB_PAGE = re.compile(rb"<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_OBJ_LINE = re.compile(rb"(?:#[^\n]*\n|mtllib [^\n]*\n|o [^\n]*\n|\s*\n)*v(?: +-?[\d.eE+-]+){3,}")
_MESH = KnownFile(
    "a mesh, which says where a surface is and not how a body is posed",
    "Give the pose and shape that it was made of (npz, pkl, json).",
)
_OFFICIAL = "It belongs beside the program and not into a project: docs/open_body.md says where."


def _starts(*starts: bytes) -> Callable[[FileLook], bool]:
    return lambda look: look.head.startswith(starts)


def _called(*suffixes: str) -> Callable[[FileLook], bool]:
    return lambda look: look.name.endswith(suffixes)


def _names(look: FileLook) -> bytes:
    return look.head + look.tail


def _is_cut_zip(look: FileLook) -> bool:
    return look.head.startswith(_ZIP) and _END_OF_ZIP not in look.tail


def _is_checkpoint(look: FileLook) -> bool:
    in_zip = look.head.startswith(_ZIP) and b"/data.pkl" in _names(look)
    return in_zip or (_called(".pt", ".pth", ".ckpt")(look) and look.head[:1] == b"\x80")


def _is_body_model(look: FileLook) -> bool:
    names = _names(look)
    return look.head[:1] in (b"\x80", b"P", b"(", b"}") and (
        b"shapedirs" in names and (b"v_template" in names or b"J_regressor" in names)
    )


def _is_office(look: FileLook) -> bool:
    return look.head.startswith(_ZIP) and b"[Content_Types].xml" in _names(look)


def _is_text(look: FileLook) -> bool:
    return bool(look.head) and not any(byte < 9 for byte in look.head[:4096])


STRAY_KINDS: Sequence[Kind] = (
    (
        _is_body_model,
        KnownFile("a body model, and holds no bodies of people", _OFFICIAL),
    ),
    (_is_checkpoint, KnownFile("a network's weights (a checkpoint of PyTorch)", _OFFICIAL)),
    (
        _is_office,
        KnownFile("an office document", "Save its table as CSV or JSON of a known format."),
    ),
    (
        lambda look: _is_cut_zip(look) and look.name.endswith(".npz"),
        KnownFile(
            "an archive of NumPy arrays (npz) that is cut off: its end is missing", COPY_AGAIN
        ),
    ),
    (
        lambda look: is_packed(look.head[:8]) and _called(*_OF_PICKLES)(look),
        KnownFile("a packed pickle, as joblib writes", _PICKLED, holds_bodies=True),
    ),
    (
        _is_cut_zip,
        KnownFile("a packed archive (zip) that is cut off: its end is missing", COPY_AGAIN),
    ),
    (_starts(b"%PDF"), KnownFile("a PDF", "Give the annotations themselves.")),
    (
        lambda look: _WEB_PAGE.match(look.text) is not None,
        KnownFile(
            "a web page, as comes in place of a file that asks to sign in first",
            "Download the file again, signed in, and look at its size.",
        ),
    ),
    (
        lambda look: (
            _starts(b"ply\n", b"ply\r\n", b"glTF", b"solid ")(look)
            or (_called(".obj")(look) and _OBJ_LINE.match(look.head) is not None)
        ),
        _MESH,
    ),
    (
        lambda look: look.head[257:262] == b"ustar",
        KnownFile("a packed archive (tar)", "Unpack it, and give the annotations in it."),
    ),
)
"""Before all kinds that are told by less."""

NAMELESS_KINDS: Sequence[Kind] = (
    (
        _called(".npz"),
        KnownFile("a damaged archive (npz): it does not begin as NumPy's do", COPY_AGAIN),
    ),
    (
        _called(".npy"),
        KnownFile("a damaged array (npy): it does not begin as NumPy's do", COPY_AGAIN),
    ),
    (
        _called(".pkl", ".pickle"),
        KnownFile("a damaged pickle: it does not begin as Python's do", COPY_AGAIN),
    ),
    (
        _called(".mat"),
        KnownFile("a damaged MATLAB file: it does not begin as MATLAB's do", COPY_AGAIN),
    ),
    (
        _called(".zip", ".gz", ".tgz", ".xz", ".bz2", ".7z", ".rar"),
        KnownFile("a damaged archive: it does not begin as its name says", COPY_AGAIN),
    ),
    (
        _called(".json"),
        KnownFile("no JSON file", "Give COCO keypoints, a list of results, or OpenPose's files."),
    ),
    (
        _is_text,
        KnownFile(
            "a text of no format that is known",
            "Give annotations, bodies, pictures or a calibration; docs/formats.md lists what is "
            "read.",
        ),
    ),
    (
        lambda _look: True,
        KnownFile(
            "a file of no kind that is known",
            "Give annotations, bodies, pictures or a calibration; docs/formats.md lists what is "
            "read.",
        ),
    ),
)
"""After all kinds that are told by their content: what the name promised, and the rest."""
