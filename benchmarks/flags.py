"""How well flags and suspicion tell bad fits: of made people, and of a few real ones.

    python -m benchmarks.flags [--cache FOLDER] [--chunks N] [--only PART] [--quick] [--json]

Three parts, each described in its module of ``benchmarks.flagging``: ``rendered``, people whom the
detector sees; ``real``, people with known joints and photographs; ``keypoints``, people of whom
keypoints alone are known. ``targets`` has what is wanted of ``studio`` fits with the detector next
to what was found. Nothing is chosen by any of these numbers.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.common.people import MOCAP
from benchmarks.common.real_people import REALDATA
from benchmarks.common.reporting import benchmark_arguments, report
from benchmarks.flagging.keypoint_people import keypoint_people
from benchmarks.flagging.real_people import GROUPS, real_suspicion
from benchmarks.flagging.rendered_people import rendered_people

PARTS = ("rendered", "real", "keypoints")
CHUNKS, QUICK_CHUNKS = 5, 1
"""Of 200 rendered people."""
PEOPLE, QUICK_PEOPLE = 2000, 200
CACHE = Path(tempfile.gettempdir()) / "spin_studio_rendered_people"
CLIP = "multiview"

WANTED_SPEARMAN = 0.6
WANTED_AUC = {"part orientation": 0.85, "depth": 0.9, "body": 0.88}
STUDIO_WAYS = ("mean", "network")


def main(arguments: list[str]) -> int:
    """Run the benchmark; returns the exit status."""
    parser = benchmark_arguments(__doc__ or "")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of rendered people")
    parser.add_argument("--chunks", type=int, default=None, help="of 200 rendered people")
    parser.add_argument("--only", choices=PARTS, help="one part instead of all")
    options = parser.parse_args(arguments)
    if not MOCAP.is_dir():
        report({"skipped": "needs ../shared/mocap next to the checkout"}, as_json=options.json)
        return 0
    parts = (options.only,) if options.only else PARTS
    found: dict[str, object] = {}
    if "rendered" in parts:
        chunks = options.chunks or (QUICK_CHUNKS if options.quick else CHUNKS)
        rows, found["rendered"] = rendered_people(options.cache, chunks=chunks)
        report(rows, as_json=False)
    if "real" in parts and REALDATA.is_dir():
        groups = (CLIP,) if options.quick else GROUPS
        rows, found["real"] = real_suspicion(groups, photographs=not options.quick)
        report(rows, as_json=False)
    if "keypoints" in parts:
        count = QUICK_PEOPLE if options.quick else PEOPLE
        rows, found["keypoints"] = keypoint_people(count=count)
        report(rows, as_json=False)
    report({"targets": targets(found), **found}, as_json=options.json)
    return 0


def targets(found: Mapping[str, object]) -> dict[str, object]:
    """What is wanted of fits by ``studio``, what was found, and whether it is reached.

    The clip of one man is reported as it is: so few moments decide nothing.
    """
    met: dict[str, object] = {}
    rendered = found.get("rendered")
    if isinstance(rendered, Mapping):
        for way in STUDIO_WAYS:
            spearman = rendered["spearman"][way][0]
            met[f"spearman, made people, {way}"] = _target(spearman, WANTED_SPEARMAN)
            for name, wanted in WANTED_AUC.items():
                area = rendered["auc"][f"{name}, {way}"]
                met[f"auc, {name}, {way}"] = _target(area, wanted)
    real = found.get("real")
    if isinstance(real, Mapping):
        for way in STUDIO_WAYS:
            met[f"spearman, one man's clip, {way}"] = {
                "found": real["spearman"][f"{CLIP}, {way}"][0]
            }
    return met


def _target(found: float, wanted: float) -> dict[str, object]:
    return {"found": found, "wanted": wanted, "met": found >= wanted}


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
