"""One whole job in a process of its own: a COCO file to fits from the lifter to flags, as JSON.

Run by ``benchmarks/whole_job``, also in a worktree of an older commit: the modules of both layouts
are known here, and nothing else of the benchmarks is imported. What is told:

    per step (``import``, ``fit``, ``flag``): seconds by the wall and of processor time, those of
        the processes that the step started included;
    ``torch_mb``, ``peak_mb``: the most memory in use once PyTorch is loaded, and at the end.

    python one_job.py ANNOTATIONS PROJECT [--threads N] [--long-lens]
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

ROWS_OF_LONG_LENSES = """
INSERT INTO cameras (picture_path, focal_length_px, principal_x_px, principal_y_px, distortion,
    source, note, extrinsics)
SELECT DISTINCT picture_path, NULL, picture_width_px / 2.0, picture_height_px / 2.0, '[]',
    'long lens', '', NULL FROM samples"""


def main() -> None:
    """Do the job, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("annotations", type=Path)
    parser.add_argument("project", type=Path)
    parser.add_argument("--threads", type=int, help="of PyTorch; by default its own choice")
    parser.add_argument("--long-lens", action="store_true", help="a camera of 5000 px on the crop")
    options = parser.parse_args()
    settle = _module("core.system.idle_threads")
    if settle is not None:  # as main.py does; the older program let threads spin
        settle.let_waiting_threads_sleep()
    import torch  # noqa: PLC0415 - after the above

    if options.threads:
        torch.set_num_threads(options.threads)
    torch_mb = _peak_mb()
    results: dict[str, object] = {"torch_mb": torch_mb, "threads": torch.get_num_threads()}
    for name, step in _steps(options).items():
        wall, processor = time.perf_counter(), _processor_s()
        step()
        results[name] = {
            "wall_s": time.perf_counter() - wall,
            "processor_s": _processor_s() - processor,
        }
        if name == "import" and options.long_lens:
            _give_long_lenses(options.project)
    results["peak_mb"] = _peak_mb()
    results["people"] = _count(options.project, "SELECT count(*) FROM samples")
    results["fitted"] = _count(
        options.project, "SELECT count(*) FROM samples WHERE current_fit_id IS NOT NULL"
    )
    results["assessed"] = _count(
        options.project, "SELECT count(*) FROM samples WHERE suspicion IS NOT NULL"
    )
    print(json.dumps(results))
    sys.stdout.flush()


def _steps(options: argparse.Namespace) -> dict[str, Callable[[], object]]:
    dictionary = importlib.import_module("core.dictionary.store").Dictionary
    importing = _either("core.workflows.annotations.import_annotations", "core.pipeline.importing")
    fitting = _either("core.workflows.fit_project", "core.pipeline.fitting")
    flagging = _either("core.workflows.flag_project", "core.pipeline.flagging")

    def bring_in() -> None:
        dictionary.create(options.project).close()
        importing.import_annotations(options.project, "coco", options.annotations)

    return {
        "import": bring_in,
        "fit": lambda: fitting.fit_samples(options.project, init="lifter"),
        "flag": lambda: flagging.flag_samples(options.project),
    }


def _give_long_lenses(project: Path) -> None:
    """The camera that every picture of the older program has."""
    checksums = _module("core.dictionary.storage.checksums")
    if checksums is None:
        return  # it has no cameras either
    database = sqlite3.connect(project / "dictionary.db")
    checksums.register_row_sum(database)
    with database:
        database.execute(ROWS_OF_LONG_LENSES)
    database.close()


def _count(project: Path, sql: str) -> int:
    database = sqlite3.connect(project / "dictionary.db")
    try:
        return int(database.execute(sql).fetchone()[0])
    finally:
        database.close()


def _module(name: str) -> ModuleType | None:
    """A module of the tree that this runs in; None where it has none of that name."""
    # Looked for there alone: an editable install of another tree would find its own.
    if not Path(*name.split(".")).with_suffix(".py").is_file():
        return None
    return importlib.import_module(name)


def _either(name: str, older: str) -> ModuleType:
    return _module(name) or importlib.import_module(older)


def _processor_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _peak_mb() -> float:
    """Of this process, or of the largest that it has started where that is larger.

    Of itself by the kernel's status and not by ``getrusage``: that begins, in a process that
    another one starts, at the peak of the other.
    """
    status = Path("/proc/self/status").read_text()
    own_kb = next(int(line.split()[1]) for line in status.splitlines() if line[:6] == "VmHWM:")
    return max(own_kb, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


if __name__ == "__main__":
    main()
