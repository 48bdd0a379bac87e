"""``doctor``: what this machine has of what the program needs, and how to get the rest.

Each check that can take the process down with it (a missing Qt plugin aborts, a broken OpenGL
driver may crash) runs in a process of its own.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core.body.smpl_files import load_named_arrays
from core.cli.console import Console
from core.errors import StudioError
from core.files.user_folder import official_folder
from core.workflows.official_files.catalogue import OFFICIAL_FILES
from core.workflows.official_files.recognition import recognised_files

TIMEOUT_S = 120
OLDEST_SQLITE = (3, 35, 0)
"""The first with RETURNING and with the upsert forms the dictionary uses."""

_QT_PROGRAM = """
import sys
from PySide6.QtGui import QGuiApplication
app = QGuiApplication(sys.argv)
print(app.platformName())
"""

_OPENGL_PROGRAM = """
from core.rendering.probe import opengl_description
print(opengl_description())
"""

_TORCH_PROGRAM = """
import torch
if torch.cuda.is_available():
    print("cuda:", torch.cuda.get_device_name(0))
else:
    print(f"cpu, {torch.get_num_threads()} threads (no CUDA device)")
"""

_NETWORKS_PROGRAM = """
import importlib
try:
    print("timm", importlib.import_module("timm").__version__)
except Exception as error:
    print(f"none ({error}): predicting and training need timm and torchvision, docs/install.md")
"""

_APT_LINE = "sudo apt-get install $(cat system_packages.txt)"


@dataclass(frozen=True)
class Finding:
    """One line of the report; ``remedy`` is empty where nothing is wrong."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def _passed(name: str, found: str) -> Finding:
    return Finding(name, ok=True, found=found)


def _failed(name: str, found: str, remedy: str) -> Finding:
    return Finding(name, ok=False, found=found, remedy=remedy)


def run(options: argparse.Namespace, console: Console) -> int:
    """Report every check; the status is 1 when one fails."""
    findings = []
    for finding in examine(body=options.body, official=options.official):
        findings.append(finding)
        if not options.json:
            console.result(_line(finding))
    if options.json:
        console.json({finding.name: vars(finding) for finding in findings})
    return 0 if all(finding.ok for finding in findings) else 1


def _line(finding: Finding) -> str:
    mark = "ok  " if finding.ok else "FAIL"
    remedy = f"\n       -> {finding.remedy}" if finding.remedy else ""
    return f"{mark} {finding.name:20s} {finding.found}{remedy}"


def examine(*, body: Path | None = None, official: Sequence[Path] = ()) -> Iterator[Finding]:
    """Run every check when its finding is asked for; what loads PyTorch comes last."""
    checks: list[Callable[[], Finding]] = [
        _python,
        _packages,
        _screen,
        lambda: _qt_plugin(_platform_to_try()),
        _opengl,
        _sqlite,
        lambda: _body("open body", None),
    ]
    if body is not None:
        checks.append(lambda: _body("body file", body))
    for check in checks:
        yield check()
    in_place = [official_folder()] if official_folder().is_dir() else []
    yield from _official_files([*([] if body is None else [body]), *official, *in_place])
    yield _torch_device()
    yield _networks()


def _python() -> Finding:
    version = platform.python_version()
    if (3, 11) <= sys.version_info < (3, 14):
        return _passed("Python", version)
    return _failed("Python", version, "Use Python 3.11, 3.12 or 3.13.")


def _packages() -> Finding:
    names = ("torch", "numpy", "smplx", "PySide6-Essentials", "pyrender", "opencv-python-headless")
    try:
        versions = {name: metadata.version(name) for name in names}
    except metadata.PackageNotFoundError as error:
        return _failed("packages", f"{error.name} is missing", "Run `make setup`.")
    if versions["PySide6-Essentials"].startswith("6.12.0") and sys.version_info < (3, 12):
        remedy = "Run `make setup`: 6.12.0 aborts on Python 3.11."
        return _failed("packages", "PySide6-Essentials 6.12.0", remedy)
    return _passed("packages", ", ".join(f"{k} {v}" for k, v in versions.items()))


def _platform_to_try() -> str:
    """The Qt platform the window would use here; offscreen where there is no screen."""
    if os.environ.get("QT_QPA_PLATFORM"):
        return os.environ["QT_QPA_PLATFORM"]
    if sys.platform != "linux":
        return ""
    if os.environ.get("WAYLAND_DISPLAY"):
        return "wayland"
    return "xcb" if os.environ.get("DISPLAY") else "offscreen"


def _screen() -> Finding:
    if _platform_to_try() != "offscreen":
        return _passed("screen", os.environ.get("DISPLAY") or "the desktop's")
    found = "none (no DISPLAY): the headless commands work, the window cannot open"
    return _passed("screen", found)


def _qt_plugin(qt_platform: str) -> Finding:
    environment = {"QT_QPA_PLATFORM": qt_platform} if qt_platform else {}
    return _in_own_process("Qt plugin", _QT_PROGRAM, environment, f"Run: {_APT_LINE}")


def _opengl() -> Finding:
    return _in_own_process("EGL and OpenGL", _OPENGL_PROGRAM, {}, f"Run: {_APT_LINE}")


def _in_own_process(name: str, program: str, environment: dict[str, str], remedy: str) -> Finding:
    try:
        finished = subprocess.run(  # noqa: S603 - our own interpreter and program text
            [sys.executable, "-c", program],
            env={**os.environ, **environment},
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _failed(name, f"no answer within {TIMEOUT_S} s", remedy)
    if finished.returncode == 0:
        return _passed(name, finished.stdout.strip())
    reason = finished.stderr.strip().splitlines() or [f"ended with {finished.returncode}"]
    return _failed(name, reason[-1][:300], remedy)


def _sqlite() -> Finding:
    version = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info >= OLDEST_SQLITE:
        return _passed("SQLite", version)
    oldest = ".".join(map(str, OLDEST_SQLITE))
    return _failed("SQLite", version, f"Use a Python built with SQLite {oldest} or newer.")


def _torch_device() -> Finding:
    return _in_own_process("torch device", _TORCH_PROGRAM, {}, "Run `make setup`.")


def _networks() -> Finding:
    return _in_own_process("picture networks", _NETWORKS_PROGRAM, {}, "Run `make setup`.")


def _body(name: str, path: Path | None) -> Finding:
    try:
        arrays, found = load_named_arrays(path)
    except StudioError as error:
        return _failed(name, error.message, error.remedy)
    return _passed(name, f"{found}, {arrays.num_vertices} vertices")


def _official_files(paths: list[Path]) -> Iterator[Finding]:
    """One line for each file of the catalogue, then one for whatever else was given."""
    found, errors = recognised_files(paths)
    for entry in OFFICIAL_FILES:
        here = [file for file in found if file.kind is entry.kind]
        named = "; ".join(f"{file.description}: {file.path}" for file in here)
        missing = f"not in place, {entry.without}; {entry.file_name} from {entry.page}"
        licence = f" [{entry.licence}]"
        yield _passed(entry.kind.value, (named or missing) + licence)
    for file in found:
        if file.kind is None:
            yield Finding(f"file {file.path}", file.usable, file.description)
    for path, error in errors:
        yield _failed(f"file {path}", error.message, error.remedy)
