"""Whether a JPEG holds all of its pixels, which decoders do not say.

Where the compressed data end early, libjpeg fills the rest of the picture with the last colour and
tells no one who calls it through OpenCV or Pillow. A picture cut off before a copied end marker, or
one whose middle is missing, looks like any other.

Two observations find them. What libjpeg fills in is perfectly flat, so that only a picture whose
last block is flat can have been filled. And bytes put behind complete data change no pixel, while
a decoder that ran out takes them for pixels: so the flat ones are decoded once more, with a few
bytes put behind each run of data, and compared.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_START_OF_SCAN, _END_OF_IMAGE, _RESTART_INTERVAL = 0xDA, 0xD9, 0xDD
_SEQUENTIAL, _PROGRESSIVE = frozenset({0xC0, 0xC1}), frozenset({0xC2})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_END_OF_RUN = re.compile(rb"\xff+([\x01-\xfe])")
_PROBE = bytes(np.random.default_rng(0).integers(1, 255, 1000, dtype=np.uint8))
"""Bytes below 0xFF, for many blocks: where a decoder is out of step, the first few may be as black
as what they take the place of."""

_BLOCK_PX, _COEFFICIENTS = 8, 64
_NEVER_SENT = 16
_MOST_RUNS_LOOKED_AT = 2000
"""With more of them the second decoding is quicker."""


class DamagedScanError(ValueError):
    """The compressed data are not what the frame promises."""


@dataclass(frozen=True)
class JpegFrame:
    """What the frame says of the picture.

    marker: SOF0 … SOF15. sampling: (horizontal, vertical) factors of each component.
    """

    marker: int
    width: int
    height: int
    sampling: tuple[tuple[int, int], ...]

    @property
    def mcu_px(self) -> tuple[int, int]:
        """Width and height of what is coded together."""
        if len(self.sampling) == 1:
            return _BLOCK_PX, _BLOCK_PX
        return (
            _BLOCK_PX * max(factors[0] for factors in self.sampling),
            _BLOCK_PX * max(factors[1] for factors in self.sampling),
        )

    @property
    def grid(self) -> tuple[int, int]:
        """How many of these lie beside each other, and below each other."""
        width, height = self.mcu_px
        return -(-self.width // width), -(-self.height // height)

    @property
    def least_bytes(self) -> int:
        """What the data of such a picture take at least: a bit or two for each block of 8×8.

        Huffman codes have one bit or more; a sequential block has two codes, a progressive one
        has one of its own. Arithmetic coding knows no such bound.
        """
        columns, rows = self.grid
        blocks = 1 if len(self.sampling) == 1 else sum(h * v for h, v in self.sampling)
        bits = 2 if self.marker in _SEQUENTIAL else 1 if self.marker in _PROGRESSIVE else 0
        return columns * rows * blocks * bits // 8


def read_frame(marker: int, segment: bytes) -> JpegFrame:
    """The frame of a SOF segment, its length field left out; raises ``struct.error``."""
    _, height, width, count = struct.unpack_from(">BHHB", segment)
    sampling = tuple(
        (factors >> 4, factors & 15)
        for (factors,) in (
            struct.unpack_from("B", segment, 7 + 3 * index) for index in range(count)
        )
    )
    return JpegFrame(marker, width, height, sampling)


def check_complete(data: bytes, pixels: Pixels, decode: Callable[[bytes], Pixels]) -> None:
    """Raise ``DamagedScanError`` where a decoder had to make up pixels.

    Args:
        data: the file.
        pixels: ``(H, W, 3)``, what it was decoded to, not turned.
        decode: from a file's bytes to such pixels, silently; libjpeg tells OpenCV's users on the
            terminal of every probe.
    """
    scans = _Scans.of(data)
    if scans.frame.marker not in _SEQUENTIAL | _PROGRESSIVE:
        return
    scans.check_restarts()
    scans.check_precision()
    if scans.count == 1 and not _any_flat(pixels, scans.frame, scans.last_blocks()):
        return
    probed = decode(scans.with_probes(data))
    if np.array_equal(probed, pixels):
        return
    # Another decoder's pixels may be off by one: what counts is that the probes change nothing.
    if not np.array_equal(probed, decode(data)):
        raise DamagedScanError("compressed data are missing, and a part of it is made up")


@dataclass
class _Scans:
    """The runs of compressed data of a file: between markers of restart, scan and end."""

    frame: JpegFrame
    restart_interval: int
    run_ends: list[int]
    restarts: list[int]
    count: int
    missing_bits: dict[int, list[int]]

    @classmethod
    def of(cls, data: bytes) -> _Scans:
        scans = cls(JpegFrame(0, 0, 0, ()), 0, [], [], 0, {})
        offset = 2
        for _ in range(len(data)):
            match = _END_OF_RUN.match(data, offset)
            if match is None:
                raise DamagedScanError("its segments are out of step")
            marker, offset = match.group(1)[0], match.end()
            if marker == _END_OF_IMAGE:
                return scans
            offset = scans._after_segment(data, marker, offset)
        raise DamagedScanError("it has no end")

    def _after_segment(self, data: bytes, marker: int, offset: int) -> int:
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            return offset
        length: int = struct.unpack_from(">H", data, offset)[0]
        segment = data[offset + 2 : offset + length]
        if marker in _FRAMES and not self.frame.sampling:
            self.frame = read_frame(marker, segment)
        elif marker == _RESTART_INTERVAL:
            (self.restart_interval,) = struct.unpack_from(">H", segment)
        if marker != _START_OF_SCAN:
            return offset + length
        self.count += 1
        self._note_precision(segment)
        return self._after_runs(data, offset + length)

    def _note_precision(self, scan: bytes) -> None:
        """Remember how many low bits of which coefficients are still to come."""
        count = scan[0]
        first, last, bits = struct.unpack_from("BBB", scan, 1 + 2 * count)
        for component in scan[1 : 1 + 2 * count : 2]:
            missing = self.missing_bits.setdefault(component, [_NEVER_SENT] * _COEFFICIENTS)
            missing[first : last + 1] = [bits & 15] * len(missing[first : last + 1])

    def _after_runs(self, data: bytes, offset: int) -> int:
        while True:
            match = _END_OF_RUN.search(data, offset)
            if match is None:
                raise DamagedScanError(f"the JPEG is cut off after {len(data)} bytes")
            self.run_ends.append(match.start())
            marker = match.group(1)[0]
            if not 0xD0 <= marker <= 0xD7:
                return match.start()
            self.restarts.append(marker - 0xD0)
            offset = match.end()

    def check_restarts(self) -> None:
        """Restart markers count from 0 to 7 and round; one that is missing took data with it."""
        if self.count != 1 or not self.restart_interval:
            return
        columns, rows = self.frame.grid
        expected_restarts = -(-columns * rows // self.restart_interval) - 1
        if self.restarts != [number % 8 for number in range(expected_restarts)]:
            raise DamagedScanError(
                f"{len(self.restarts)} of {expected_restarts} restart markers are there, "
                "or in their order"
            )

    def check_precision(self) -> None:
        """Coefficients of a progressive JPEG come bit by bit; a missing scan took some along."""
        if self.frame.marker not in _PROGRESSIVE:
            return
        sent = [bits for component in self.missing_bits.values() for bits in component]
        if len(self.missing_bits) < len(self.frame.sampling) or any(sent):
            raise DamagedScanError("some of its scans are missing")

    def last_blocks(self) -> NDArray[np.int64]:
        """The last MCU of each run, counted along the rows."""
        columns, rows = self.frame.grid
        interval = self.restart_interval or columns * rows
        ends = np.arange(interval, columns * rows + interval, interval)
        return np.minimum(ends, columns * rows) - 1

    def with_probes(self, data: bytes) -> bytes:
        """The file with bytes behind each run that complete data leave unread."""
        starts = [0, *self.run_ends]
        parts = [data[start:end] for start, end in zip(starts, self.run_ends, strict=False)]
        return _PROBE.join([*parts, data[self.run_ends[-1] :]])


def _any_flat(pixels: Pixels, frame: JpegFrame, blocks: NDArray[np.int64]) -> bool:
    """Whether any of these MCUs is of one colour; the rim is left out, where colours are mixed."""
    if len(blocks) > _MOST_RUNS_LOOKED_AT:
        return True
    columns, _ = frame.grid
    width, height = frame.mcu_px
    return any(_is_flat(pixel) for pixel in _cut_out(pixels, blocks, columns, width, height))


def _cut_out(
    pixels: Pixels, blocks: NDArray[np.int64], columns: int, width: int, height: int
) -> Iterator[Pixels]:
    for block in blocks.tolist():
        top, left = block // columns * height, block % columns * width
        yield pixels[top + 1 : top + height - 1, left + 1 : left + width - 1]


def _is_flat(block: Pixels) -> bool:
    return block.size == 0 or bool((block == block[0, 0]).all())
