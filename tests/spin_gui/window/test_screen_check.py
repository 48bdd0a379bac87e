"""A screen that is not there is told in words, before Qt ends the process."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import SetupError
from spin_gui.window.screen_check import VIRTUAL_SCREEN, check_screen

ROOT = Path(__file__).resolve().parents[3]
SCREEN_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have one")


def _unused_display() -> str:
    return next(
        f":{number}" for number in range(70, 1000) if not Path(f"/tmp/.X11-unix/X{number}").exists()
    )


def _open_window(**screen: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in SCREEN_NAMES}
    return subprocess.run(
        [sys.executable, "main.py", "open"],
        cwd=ROOT,
        env={**environment, **screen},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_display_that_does_not_exist_is_named_with_the_remedy():
    display = _unused_display()
    ended = _open_window(DISPLAY=display)
    assert ended.returncode == 1
    assert f"DISPLAY says '{display}'" in ended.stderr
    assert VIRTUAL_SCREEN in ended.stderr
    assert "Reinstalling" not in ended.stderr


def test_no_display_at_all_is_told_too():
    ended = _open_window()
    assert ended.returncode == 1
    assert "There is no screen here" in ended.stderr
    assert VIRTUAL_SCREEN in ended.stderr


@pytest.mark.parametrize("platform", ["xcb", "wayland", "wayland;xcb"])
def test_a_platform_that_needs_a_screen_is_refused_without_one(platform):
    with pytest.raises(SetupError, match="no screen"):
        check_screen({"QT_QPA_PLATFORM": platform})


@pytest.mark.parametrize("platform", ["offscreen", "vnc:size=800x600", "xcb;offscreen"])
def test_a_platform_that_needs_no_screen_is_taken(platform):
    check_screen({"QT_QPA_PLATFORM": platform, "DISPLAY": _unused_display()})


def test_a_wayland_socket_counts_only_while_its_server_lives(tmp_path):
    named = {"WAYLAND_DISPLAY": "wayland-7", "XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(SetupError, match="WAYLAND_DISPLAY says 'wayland-7'"):
        check_screen(named)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(tmp_path / "wayland-7"))
        server.listen()
        check_screen(named)
    with pytest.raises(SetupError, match="no server answers"):
        check_screen(named)


def test_a_virtual_screen_is_taken():
    if shutil.which("xvfb-run") is None:
        pytest.skip("xvfb is not installed")
    check = "from spin_gui.window.screen_check import check_screen; check_screen()"
    environment = {name: value for name, value in os.environ.items() if name not in SCREEN_NAMES}
    subprocess.run(
        ["xvfb-run", "-a", sys.executable, "-c", check],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=True,
    )
