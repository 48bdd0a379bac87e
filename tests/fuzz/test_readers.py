"""No foreign file takes the program down: every reader, on damaged and forged files.

Forty cases for each reader here; ``make fuzz`` tries thousands.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

CASES = 40
RUNNER = Path(__file__).with_name("run_readers.py")
NEVER_REFUSED = {"metrics.jsonl", "saved view", "review place", "key map"}
"""What is damaged in them is left out."""


def test_every_reader_tells_of_damage_by_the_files_own_error() -> None:
    """And none takes more than 20 s or 1 GB, whatever a file states.

    With threads asked for, as on any computer with several cores: the readers run in forked
    processes, which wait forever for OpenMP's threads where the parent has started some.
    """
    tried = subprocess.run(
        [sys.executable, str(RUNNER), "--cases", str(CASES)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "4"},
    )
    assert tried.returncode == 0, tried.stdout + tried.stderr[-4000:]
    outcomes = json.loads(tried.stdout.splitlines()[-1])
    assert len(outcomes) >= 54
    assert all(outcome["cases"] >= CASES for outcome in outcomes)
    assert all(outcome["refused"] > 0 or outcome["name"] in NEVER_REFUSED for outcome in outcomes)
