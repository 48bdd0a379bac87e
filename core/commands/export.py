"""``export PROJECT FORMAT OUT``: fits, keypoints and changes for other programs."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.commands.console import Console
from core.dictionary.store import Dictionary
from core.pipeline.exporting import export_spin_fits
from core.pipeline.exporting_corrections import export_coco_keypoints, export_corrections


class _Report(Protocol):
    def summary(self) -> str:
        """What was written."""


@dataclass(frozen=True)
class _Format:
    help: str
    write: Callable[[Dictionary, Path, bool], _Report]


_FORMATS = {
    "spin-fits": _Format(
        "SPIN's npz of final fits",
        lambda dictionary, out, overwrite: export_spin_fits(dictionary, out, overwrite=overwrite),
    ),
    "coco-keypoints": _Format(
        "COCO's JSON of keypoints as they stand, corrected and drawn ones included",
        lambda dictionary, out, overwrite: export_coco_keypoints(
            dictionary, out, overwrite=overwrite
        ),
    ),
    "corrections": _Format(
        "a CSV of what people changed: who, when, what, from, to",
        lambda dictionary, out, overwrite: export_corrections(dictionary, out, overwrite=overwrite),
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """``export PROJECT FORMAT OUT [--overwrite]``."""
    parser.add_argument("project", type=Path)
    parser.add_argument(
        "format",
        choices=tuple(_FORMATS),
        help="; ".join(f"{name}: {one.help}" for name, one in _FORMATS.items()),
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")


def run(options: argparse.Namespace, console: Console) -> int:
    """Write the file whole, or not at all."""
    with Dictionary.open(options.project) as dictionary:
        report = _FORMATS[options.format].write(dictionary, options.out, options.overwrite)
    console.result(report.summary())
    return 0
