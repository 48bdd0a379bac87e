"""How many damaged pictures are refused, and what looking for damage costs.

Every picture of a folder is written again as JPEG of each kind, and as WebP; then it is cut off
before a copied end, or loses a part of its middle. A damaged picture counts where its pixels differ
from the whole one's.

    python benchmarks/detection/damaged_pictures.py [FOLDER] [--count 200]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import cv2
import numpy as np

from core.errors import PictureError
from core.pictures.decoding import load_picture

PICTURES = Path(__file__).resolve().parents[2] / "resources" / "demo" / "pictures"
KINDS: dict[str, tuple[str, list[int]]] = {
    "JPEG": (".jpg", []),
    "JPEG 4:4:4": (".jpg", [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x111111]),
    "JPEG with restarts": (".jpg", [cv2.IMWRITE_JPEG_RST_INTERVAL, 20]),
    "JPEG progressive": (".jpg", [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]),
    "WebP": (".webp", [cv2.IMWRITE_WEBP_QUALITY, 85]),
}
GAPS = {"2–20 bytes": (2, 21), "21–500 bytes": (21, 501), "501–5000 bytes": (501, 5001)}

Damage = Callable[[bytes, np.random.Generator], bytes]


def start_of_pixels(data: bytes) -> int:
    """Where compressed data begin."""
    if not data.startswith(b"\xff\xd8"):
        return 64
    scan = data.index(b"\xff\xda")
    return scan + 2 + int.from_bytes(data[scan + 2 : scan + 4], "big")


def cut_off(data: bytes, rng: np.random.Generator) -> bytes:
    """The first part, with an end marker where the format has one."""
    first = data[: rng.integers(start_of_pixels(data) + 1, len(data) - 2)].rstrip(b"\xff")
    return first + b"\xff\xd9" if data.startswith(b"\xff\xd8") else first


def without_middle(low: int, high: int) -> Damage:
    """Without a part of ``low`` to ``high`` bytes."""

    def damage(data: bytes, rng: np.random.Generator) -> bytes:
        gap = min(int(rng.integers(low, high)), (len(data) - start_of_pixels(data)) // 2)
        place = int(rng.integers(start_of_pixels(data), len(data) - 2 - gap))
        return data[:place] + data[place + gap :]

    return damage


def without_half(data: bytes, rng: np.random.Generator) -> bytes:
    """Without a tenth to a half of the compressed data."""
    size = len(data) - start_of_pixels(data)
    return without_middle(size // 10, size // 2)(data, rng)


def refused(
    pictures: list[np.ndarray], kind: str, damage: Damage, count: int, path: Path
) -> tuple[int, int]:
    """How many damaged pictures were refused, of those that look different."""
    rng = np.random.default_rng(0)
    suffix, options = KINDS[kind]
    path = path.with_suffix(suffix)
    tally: Counter[bool] = Counter()
    while tally.total() < count:
        picture = pictures[rng.integers(len(pictures))]
        data = cv2.imencode(suffix, picture, options)[1].tobytes()
        path.write_bytes(data)
        whole = load_picture(path)
        path.write_bytes(damage(data, rng))
        try:
            if not np.array_equal(load_picture(path), whole):
                tally[False] += 1
        except PictureError:
            tally[True] += 1
    return tally[True], tally.total()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, nargs="?", default=PICTURES)
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    files = sorted(path for path in options.folder.rglob("*.jpg"))
    started = time.process_time()
    whole = [load_picture(file) for file in files]
    print(f"{len(files)} whole pictures: all read, {time.process_time() - started:.2f} s")
    pictures = [array[..., ::-1] for array in whole]
    damages = {
        "cut off": cut_off,
        **{f"gap of {name}": without_middle(*one) for name, one in GAPS.items()},
    }
    damages["gap of 10–50 %"] = without_half
    print("| | " + " | ".join(damages) + " |\n|---" + "|---" * len(damages) + "|")
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            shares = []
            for damage in damages.values():
                caught, total = refused(pictures, kind, damage, options.count, Path(folder) / "a")
                shares.append(f"{100 * caught / total:.0f} %")
            print(f"| {kind} | " + " | ".join(shares) + " |", flush=True)


if __name__ == "__main__":
    main()
