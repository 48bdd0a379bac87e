"""Fits and predictions load PyTorch, not its compiler, nor libraries of networks for pictures.

They would double the seconds before the first body, and the compiler brings triton with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.coco_people import write_people

ROOT = Path(__file__).resolve().parents[2]

FITS = """
import json, sys
import main
project, source, lines = sys.argv[1:]
for words in ["import", "coco", source], *json.loads(lines):
    assert main.main([words[0], project, *words[1:]]) == 0, words
unwanted = (
    "torch._dynamo", "torch._inductor", "triton", "sympy", "timm", "torchvision", "roma"
)
print("UNWANTED", [name for name in unwanted if sys.modules.get(name) is not None])
"""


@pytest.mark.parametrize(
    "lines",
    [
        [
            ["fit", "--init", "mean"],
            ["fit", "--init", "lifter"],
            ["fit", "--init", "network"],
            ["refit", "--from", "mean,current,lifter"],
        ],
        [["fit", "--profile", "paper"]],
        [["fit"], ["predict"]],
    ],
    ids=["studio", "paper", "predict"],
)
def test_fits_and_predictions_load_neither_compiler_nor_networks_of_pictures(
    tmp_path: Path, lines: list[list[str]]
) -> None:
    source = write_people(tmp_path, 2)
    done = subprocess.run(
        [sys.executable, "-c", FITS, str(tmp_path / "project"), str(source), json.dumps(lines)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "2 people" in done.stdout
    assert "Fitted 2 people" in done.stdout
    assert "UNWANTED []" in done.stdout
