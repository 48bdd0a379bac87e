#!/usr/bin/env bash
# Believed:  frames of a video come out as players show them; OpenCV's VideoCapture turns them by itself, and so does ffmpeg.
# Found:     PyAV 18.1.0 hands out frames as stored. VideoFrame.rotation says how to turn them, counter-clockwise, so that a video
#            of a phone held upright, which players turn clockwise by 90, says -90.
# Seen:      a frame of 64×48 px of a file whose matrix turns it clockwise: shape (48, 64, 3), rotation -90
# Remedy:    numpy.rot90(frame, rotation / 90).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "av==18.1.0" "numpy<3"
"$folder/venv/bin/python" - "$folder" <<'P'
import struct
import sys

import av
import numpy as np

path = f"{sys.argv[1]}/phone.mp4"
with av.open(path, "w") as container:
    stream = container.add_stream("mpeg4", rate=10)
    stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
    frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
    container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
data = bytearray(open(path, "rb").read())
matrix = data.index(b"tkhd") + 44
data[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30)
open(path, "wb").write(data)
with av.open(path) as container:
    frame = next(container.decode(video=0))
    print(frame.to_ndarray(format="rgb24").shape, frame.rotation)
    assert frame.to_ndarray(format="rgb24").shape == (48, 64, 3)
    assert frame.rotation == -90
P
