"""What a picture's EXIF block tells of its focal length, and when it is not believed."""

from __future__ import annotations

import io
import math
import struct

import cv2
import numpy as np
import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from core.pictures.exif_lens import lens_facts
from core.pictures.headers import PictureHeader, read_header

EQUIVALENT, MM = ExifTags.Base.FocalLengthIn35mmFilm, ExifTags.Base.FocalLength
WIDTH, HEIGHT = ExifTags.Base.ExifImageWidth, ExifTags.Base.ExifImageHeight
PER_UNIT_X, PER_UNIT_Y = (
    ExifTags.Base.FocalPlaneXResolution,
    ExifTags.Base.FocalPlaneYResolution,
)
UNIT = ExifTags.Base.FocalPlaneResolutionUnit

SENSOR = {
    MM: IFDRational(50), PER_UNIT_X: IFDRational(2000), PER_UNIT_Y: IFDRational(2000), UNIT: 3,
    WIDTH: 4000, HEIGHT: 3000,
}  # fmt: skip


def header(tags: dict[int, object], size_px=(400, 300), *, orientation: int = 1) -> PictureHeader:
    """Of a JPEG that Pillow wrote, with these tags in EXIF's own directory."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif).update(tags)
    stream = io.BytesIO()
    Image.new("RGB", size_px).save(stream, "JPEG", exif=exif)
    stream.seek(0)
    return read_header(stream)


def test_the_35_mm_equivalent_compares_diagonals():
    facts = lens_facts(header({EQUIVALENT: 26, WIDTH: 4000, HEIGHT: 3000}))
    assert facts.focal_length_px == pytest.approx(26 / math.hypot(36, 24) * 500)
    assert facts.note == "EXIF: 26 mm equivalent"


def test_a_turned_picture_has_the_same_focal_length():
    upright = lens_facts(header({EQUIVALENT: 26, WIDTH: 400, HEIGHT: 300}))
    turned = header({EQUIVALENT: 26, WIDTH: 400, HEIGHT: 300}, orientation=6)
    assert turned.upright_size_px == (300, 400)
    assert lens_facts(turned) == upright


def test_pixels_that_were_turned_without_the_tags_are_believed():
    assert lens_facts(header({EQUIVALENT: 26, WIDTH: 4000, HEIGHT: 3000}, (300, 400)))


def test_millimetres_and_the_focal_plane_follow_the_picture_s_size():
    tags = {
        MM: IFDRational(50),
        PER_UNIT_X: IFDRational(2000),
        PER_UNIT_Y: IFDRational(2000),
        UNIT: 3,
        WIDTH: 4000,
        HEIGHT: 3000,
    }
    facts = lens_facts(header(tags))
    # 2000 px/cm is 200 px/mm: 10 000 px at 4000 px of width, a tenth of it at 400.
    assert facts.focal_length_px == pytest.approx(1000.0)
    assert facts.note == "EXIF: 50 mm, 200 px/mm"


def test_numbers_that_pillow_wrote_as_doubles_are_read():
    tags = SENSOR | {MM: 50.0, PER_UNIT_X: 2000.0, PER_UNIT_Y: 2000.0}
    assert lens_facts(header(tags)).focal_length_px == pytest.approx(1000.0)
    assert lens_facts(header(tags | {MM: math.inf})) is None


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {EQUIVALENT: 0},
        {EQUIVALENT: 26, WIDTH: 3000, HEIGHT: 3000},  # cropped since
        {MM: IFDRational(50)},  # of which sensor?
        {MM: IFDRational(50), PER_UNIT_X: IFDRational(2000), UNIT: 3},  # how large was the picture?
        {
            MM: IFDRational(50),
            PER_UNIT_X: IFDRational(2000),
            PER_UNIT_Y: IFDRational(1000),
            UNIT: 3,
            WIDTH: 4000,
            HEIGHT: 3000,
        },
        {MM: IFDRational(50), PER_UNIT_X: IFDRational(2000), UNIT: 1, WIDTH: 4000, HEIGHT: 3000},
        {EQUIVALENT: 3, WIDTH: 4000, HEIGHT: 3000},
        {EQUIVALENT: 9000, WIDTH: 4000, HEIGHT: 3000},
    ],
)
def test_what_does_not_tell_a_focal_length_tells_nothing(tags):
    assert lens_facts(header(tags)) is None


def test_a_picture_without_exif_tells_nothing():
    done, data = cv2.imencode(".png", np.zeros((30, 40, 3), np.uint8))
    assert done
    assert lens_facts(read_header(io.BytesIO(data.tobytes()))) is None


def test_webp_and_png_are_read_too():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 1
    exif.get_ifd(ExifTags.IFD.Exif).update({EQUIVALENT: 26})
    for kind in ("PNG", "WEBP"):
        stream = io.BytesIO()
        Image.new("RGB", (400, 300)).save(stream, kind, exif=exif)
        stream.seek(0)
        assert lens_facts(read_header(stream)).note == "EXIF: 26 mm equivalent"


def test_a_damaged_block_tells_nothing():
    whole = header({EQUIVALENT: 26, WIDTH: 400, HEIGHT: 300}).exif
    rng = np.random.default_rng(0)
    for _ in range(300):
        cut = whole[: int(rng.integers(0, len(whole)))]
        lens_facts(PictureHeader(400, 300, exif=cut))
    circular = struct.pack("<2sHIHHHII", b"II", 42, 8, 1, 0x8769, 4, 1, 8)
    assert lens_facts(PictureHeader(400, 300, exif=circular)) is None
