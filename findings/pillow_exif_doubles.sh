#!/usr/bin/env bash
# Believed:  Pillow writes a focal length that is given as a float as EXIF wants it, as a rational (type 5).
# Found:     in EXIF's own directory it writes a double (type 12), which EXIF 2.32 does not know and readers skip; an IFDRational
#            is written as a rational. So pictures that a script tagged may hold either.
# Seen:      Pillow 12.0.0: float 12, IFDRational 5
# Remedy:    read doubles, too; write IFDRational.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pillow==12.0.0
"$folder/venv/bin/python" - <<'P'
import io
import struct

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational


def type_of(value: object) -> int:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLength] = value
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG", exif=exif)
    data = stream.getvalue()
    place = data.index(struct.pack(">H", ExifTags.Base.FocalLength))
    return struct.unpack_from(">H", data, place + 2)[0]


found = type_of(50.0), type_of(IFDRational(50))
print("float", found[0], "IFDRational", found[1])
assert found == (12, 5)
P
