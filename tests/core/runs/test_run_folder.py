"""What a run left on the disk is read as if a stranger had written it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from core.errors import UserFileError
from core.runs.observers import IterationMetrics
from core.runs.run_folder import RunFolder, read_metrics

GOOD = IterationMetrics(
    iteration=3, epoch=0, losses={"total": 1.5}, error_2d_px=4.0, share_improved=0.5,
    share_valid=1.0, samples=8, fit_seconds=0.1, step_seconds=0.2, learning_rate=1e-4,
)  # fmt: skip

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "null",
        "7",
        DEEP,
        "9" * 10_000,
        '{"iteration": 1}',
        *(
            json.dumps({**asdict(GOOD), name: value})
            for name, value in (
                ("iteration", "3"), ("iteration", 10**30), ("iteration", True), ("losses", [1]),
                ("losses", {"total": None}), ("error_2d_px", None), ("samples", 1.5),
                ("learning_rate", 10**400), ("disagreement_deg", "x"),
            )
        ),
    ],
)  # fmt: skip
def test_a_broken_line_of_metrics_never_stops_the_others(tmp_path: Path, broken: str) -> None:
    good = json.dumps(asdict(GOOD))
    path = tmp_path / "metrics.jsonl"
    path.write_text(f"{good}\n{broken}\n{good}\n{good[:20]}")
    assert read_metrics(path) == [GOOD, GOOD]


def test_metrics_of_a_run_without_a_file_are_none(tmp_path: Path) -> None:
    assert read_metrics(tmp_path / "metrics.jsonl") == []


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\xff", b"null", b"[]", DEEP.encode(), b'{"\\ud800": 1}', b'{"seed": 1e400}',
        b'{"learning_rate": ' + b"9" * 400 + b"}", b'{"iterations": null}', b'{"where": 5}',
        b'{"where": {"ranges": {"loss": [1]}}}', b'{"where": {"fitted": [1, 2]}}',
        b'{"where": {"verdicts": [[]]}}', b'{"where": ' + DEEP.encode() + b"}",
    ],
)  # fmt: skip
def test_a_damaged_configuration_is_the_files_fault_and_says_so(
    tmp_path: Path, text: bytes
) -> None:
    folder = RunFolder(tmp_path)
    folder.configuration.write_bytes(text)
    with pytest.raises(UserFileError, match=r"configuration\.json") as caught:
        folder.stored_configuration()
    str(caught.value).encode()
