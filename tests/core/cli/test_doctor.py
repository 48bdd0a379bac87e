"""The doctor tells what is missing and how to install it."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import pytest

from core.cli import doctor
from core.cli.console import Console
from core.workflows.official_files.catalogue import OFFICIAL_FILES


def test_healthy_machine_passes_every_check() -> None:
    out = io.StringIO()
    status = doctor.run(
        argparse.Namespace(body=None, official=[], json=True), Console(out, io.StringIO())
    )
    report = json.loads(out.getvalue())
    assert set(report) == {
        "Python", "packages", "screen", "Qt plugin", "EGL and OpenGL", "SQLite", "torch device",
        "open body", "picture networks", *(entry.kind.value for entry in OFFICIAL_FILES),
    }  # fmt: skip
    assert all(finding["ok"] for finding in report.values()), report
    assert status == 0


def test_failed_check_comes_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = tmp_path / "body.npz"
    wrong.write_bytes(b"no body")
    monkeypatch.setattr(doctor, "_opengl", lambda: doctor._passed("EGL and OpenGL", "not asked"))
    monkeypatch.setenv("QT_QPA_PLATFORM", "no-such-platform")
    findings = {finding.name: finding for finding in doctor.examine(body=wrong)}
    assert not findings["Qt plugin"].ok
    assert "apt-get" in findings["Qt plugin"].remedy
    assert not findings["body file"].ok
    assert "body.npz" in findings["body file"].found
    assert findings["open body"].ok


def test_pytorch_is_examined_last_when_all_else_has_been_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    out = io.StringIO()
    told_before = []

    def examine_torch() -> doctor.Finding:
        told_before.extend(out.getvalue().splitlines())
        return doctor._passed("torch device", "not asked")

    for slow in ("_opengl", "_qt_plugin", "_networks"):
        monkeypatch.setattr(doctor, slow, lambda *_: doctor._passed("another", "not asked"))
    monkeypatch.setattr(doctor, "_torch_device", examine_torch)
    doctor.run(argparse.Namespace(body=None, official=[], json=False), Console(out, io.StringIO()))
    names = [line[5:25].strip() for line in told_before]
    assert {"Python", "packages", "screen", "SQLite", "open body"} <= set(names)
    assert out.getvalue().splitlines()[-2].startswith("ok   torch device")
