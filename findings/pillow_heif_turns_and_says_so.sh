#!/usr/bin/env bash
# Believed:  a library that hands out pixels with an EXIF orientation hands them out as stored, and the tag says how to turn them,
#            as with JPEG in Pillow, OpenCV's raw mode and libjpeg.
# Found:     pillow-heif 1.8.1: open_heif turns the pixels as the file's "irot" and "imir" boxes say, which phones write beside the
#            tag, and leaves the tag in info["exif"] as it was. A program that turns by it turns twice. (Its plug-in for Pillow sets
#            the tag to 1; open_heif does not.)
# Seen:      size (40, 64) of a picture of 64×40 px saved with orientation 6, and the tag still says 6
# Remedy:    take the pixels of HEIC as upright, whatever the tag says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "pillow-heif==1.8.1" "pillow==13.0.0"
"$folder/venv/bin/python" - "$folder" <<'P'
import sys

import pillow_heif
from PIL import Image

path = f"{sys.argv[1]}/turned.heic"
exif = Image.Exif()
exif[0x0112] = 6
pillow_heif.from_pillow(Image.new("RGB", (64, 40), "red")).save(path, exif=exif.tobytes())
opened = pillow_heif.open_heif(path)
tag = Image.Exif()
tag.load(opened.info["exif"])
print("size", opened.size, "pixels", opened.to_pillow().size, "tag", tag[0x0112])
assert opened.to_pillow().size == (40, 64)
assert tag[0x0112] == 6
P
