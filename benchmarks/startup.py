"""What the first minutes cost: help, imports, memory of an import, opening the window.

Everything is measured from outside, on processes started as a user starts them, so that another
checkout of the program can be measured beside this one, in turns (``--against``): on a machine that
others use, too, the ratios still say something. Of several runs the smallest value counts, since
other programs can only add to it.

    python benchmarks/startup.py [--quick] [--json] [--against CHECKOUT]
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common.reporting import benchmark_arguments, report

HERE = Path(__file__).resolve().parents[1]
RUNS, QUICK_RUNS = 7, 3
PEOPLE, PEOPLE_PER_PICTURE = 4000, 8
PICTURE_PX = (640, 480)
WINDOW_PROGRAM = HERE / "benchmarks" / "common" / "startup_window.py"

FIT_PROGRAM = """
import json, sys
import main
assert main.main(["fit", sys.argv[1]]) == 0
names = [name for name, module in list(sys.modules.items())
         if getattr(getattr(module, "__spec__", None), "name", None) == name]
print("MODULES", json.dumps(names))
"""
"""Names of all modules that a fit of a project has loaded at its end."""

IMPORT_PROGRAM = """
import json, sys
from importlib import import_module
for name in json.load(open(sys.argv[1])):
    import_module(name)
"""


@dataclass(frozen=True)
class Cost:
    """What a finished process took."""

    processor_s: float
    peak_mb: float
    output: str


@dataclass
class Checkout:
    """A copy of the program, a folder for what its runs make, and the smallest of each cost."""

    root: Path
    scratch: Path
    smallest: dict[str, float] = field(default_factory=dict)

    def run(self, *command: str | Path) -> Cost:
        """Run Python with this checkout's modules; raises ``SystemExit`` where that fails.

        The peak memory is not below that of this process when it starts the other: it imports
        nothing big.
        """
        with tempfile.TemporaryFile("w+", dir=self.scratch) as out:
            process = subprocess.Popen(
                [sys.executable, "-P", *map(str, command)],
                cwd=self.root,
                env=self._environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            output = out.read()
        if process.returncode:
            raise SystemExit(f"{command} in {self.root} ended with {status}:\n{output}")
        return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output)

    def keep_smallest(self, **values: float) -> None:
        """Remember values that are smaller than all before."""
        for name, value in values.items():
            self.smallest[name] = min(value, self.smallest.get(name, value))

    def fresh(self, name: str) -> Path:
        """A path in the scratch folder where nothing is."""
        path = self.scratch / name
        shutil.rmtree(path, ignore_errors=True)
        return path

    def _environment(self) -> dict[str, str]:
        """The user's, without their settings of the window, and offscreen without a screen."""
        environment = {**os.environ, "PYTHONPATH": str(self.root)}
        environment["XDG_CONFIG_HOME"] = str(self.scratch / "settings")
        if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
            environment.setdefault("QT_QPA_PLATFORM", "offscreen")
        return environment


def measure_help(checkout: Checkout) -> None:
    """The program's own help, and that of a subcommand whose work needs PyTorch."""
    checkout.keep_smallest(
        bare_s=checkout.run("main.py", "--help").processor_s,
        help_s=checkout.run("main.py", "fit", "--help").processor_s,
    )


def measure_imports(checkout: Checkout) -> None:
    """PyTorch alone, and all modules that a fit has loaded when it is done."""
    checkout.keep_smallest(
        torch_s=checkout.run("-c", "import torch").processor_s,
        fit_imports_s=checkout.run("-c", IMPORT_PROGRAM, modules_of_a_fit(checkout)).processor_s,
    )


def measure_import(checkout: Checkout) -> None:
    """The subcommand ``import`` of many people."""
    source = people(checkout.scratch / "many", PEOPLE)
    project = checkout.fresh("imported")
    cost = checkout.run("main.py", "import", project, "coco", source)
    if f"{PEOPLE} people added" not in cost.output:
        raise SystemExit(f"Not all people were imported:\n{cost.output}")
    checkout.keep_smallest(import_mb=cost.peak_mb, import_cpu_s=cost.processor_s)


def measure_opening(checkout: Checkout) -> None:
    """The subcommand ``open`` on the demo, from its start to the painted list."""
    demo = checkout.scratch / "demo"
    if not demo.exists():
        checkout.run("main.py", "demo", demo)
    project = checkout.fresh("opened")
    shutil.copytree(demo, project)
    cost = checkout.run(WINDOW_PROGRAM, project)
    checkout.keep_smallest(**json.loads(cost.output.splitlines()[-1]))


def modules_of_a_fit(checkout: Checkout) -> Path:
    """A file with the names of the modules that a fit of two people loads."""
    names = checkout.scratch / "modules.json"
    if not names.exists():
        project = checkout.fresh("fitted")
        checkout.run("main.py", "import", project, "coco", people(checkout.scratch / "two", 2))
        *_, last = checkout.run("-c", FIT_PROGRAM, project).output.splitlines()
        names.write_text(last.removeprefix("MODULES "))
    return names


def people(folder: Path, count: int) -> Path:
    """A COCO file of ``count`` people who stand in plain pictures, made where it is missing."""
    source = folder / "person_keypoints.json"
    if source.exists():
        return source
    folder.mkdir(parents=True)
    images, annotations = [], []
    for person in range(count):
        picture, place = divmod(person, PEOPLE_PER_PICTURE)
        if place == 0:
            name = f"{picture:06d}.png"
            (folder / name).write_bytes(plain_picture(*PICTURE_PX, grey=picture % 256))
            size = {"width": PICTURE_PX[0], "height": PICTURE_PX[1]}
            images.append({"id": picture + 1, "file_name": name, **size})
        annotations.append(standing_person(person + 1, picture + 1, x_px=40.0 + 70 * place))
    categories = [{"id": 1, "name": "person"}]
    whole = {"images": images, "annotations": annotations, "categories": categories}
    source.write_text(json.dumps(whole))
    return source


def standing_person(number: int, picture: int, *, x_px: float) -> dict[str, object]:
    """A COCO annotation of a person upright, arms down, all 17 keypoints seen."""
    half_widths = (0, 4, -4, 8, -8, 20, -20, 26, -26, 28, -28, 13, -13, 14, -14, 15, -15)
    heights = (60, 55, 55, 58, 58, 95, 95, 150, 150, 200, 200, 205, 205, 290, 290, 370, 370)
    keypoints = [
        value for dx, y in zip(half_widths, heights, strict=True) for value in (x_px + dx, y, 2)
    ]
    return {
        "id": number,
        "image_id": picture,
        "category_id": 1,
        "bbox": [x_px - 32, 45, 64, 340],
        "area": 64 * 340,
        "iscrowd": 0,
        "num_keypoints": len(heights),
        "keypoints": keypoints,
    }


def plain_picture(width: int, height: int, *, grey: int) -> bytes:
    """A PNG of one grey, written without a picture library: this process stays small."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + bytes([grey]) * width) * height)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


MEASUREMENTS: tuple[tuple[Callable[[Checkout], None], bool], ...] = (
    (measure_help, True),
    (measure_imports, True),
    (measure_import, False),
    (measure_opening, True),
)
"""Each with whether it is quick enough to be repeated."""


def results_of(smallest: Mapping[str, float]) -> dict[str, float]:
    """The four numbers that are asked for, and what they are made of."""
    return {
        "help_over_bare": smallest["help_s"] / smallest["bare_s"],
        "import_over_torch": smallest["fit_imports_s"] / smallest["torch_s"],
        **{name: smallest[name] for name in ("import_mb", "open_cpu_s")},
        **{name: value for name, value in smallest.items() if name not in _ASKED_FOR},
    }


_ASKED_FOR = ("import_mb", "open_cpu_s")


def arguments() -> Namespace:
    """The options of the command line."""
    parser = benchmark_arguments("What the first minutes cost.")
    parser.add_argument(
        "--against", type=Path, metavar="CHECKOUT", help="measure this copy of the program, too"
    )
    return parser.parse_args()


def main() -> None:
    """Measure this checkout, and in turns with it the other one; report."""
    options = arguments()
    with tempfile.TemporaryDirectory() as folder:
        roots = [HERE] if options.against is None else [HERE, options.against.resolve()]
        checkouts = [Checkout(root, Path(folder) / str(i)) for i, root in enumerate(roots)]
        for checkout in checkouts:
            checkout.scratch.mkdir()
        for measure, repeated in MEASUREMENTS:
            runs = 1 if not repeated else QUICK_RUNS if options.quick else RUNS
            for _ in range(runs):
                for checkout in checkouts:
                    measure(checkout)
    results: dict[str, object] = dict(results_of(checkouts[0].smallest))
    if len(checkouts) > 1:
        before = results_of(checkouts[1].smallest)
        results |= {f"{name}_against": value for name, value in before.items()}
        results |= {
            f"{name}_ratio": checkouts[0].smallest[name] / value
            for name, value in checkouts[1].smallest.items()
        }
    report(results, as_json=options.json)


if __name__ == "__main__":
    main()
