"""``kill -9`` at random moments: the benchmark's trials, a few of those without PyTorch.

``python benchmarks/kills.py`` makes 60 of all kinds; fits and trainings have tests of their own.
"""

from __future__ import annotations

import os

import pytest

from benchmarks.kills import WORKS, lay_bench, run_trials


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_import_or_export_loses_and_leaves_nothing_and_goes_on(tmp_path):
    works = [work for work in WORKS if work.name in ("import", "export")]
    tallies = run_trials(lay_bench(tmp_path, copies=5), works, kills=4, seed=3)
    assert {name: tally.kills for name, tally in tallies.items()} == {"import": 2, "export": 2}
    assert [fault for tally in tallies.values() for fault in tally.faults] == []
