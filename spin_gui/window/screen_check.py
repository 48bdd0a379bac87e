"""Whether Qt will find a screen; asked before Qt starts, because Qt ends the process where not.

Qt's own words then are "Reinstalling the application may fix this problem", which it never does.
Nothing here imports Qt: the check is for the moment before.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from core.errors import SetupError

VIRTUAL_SCREEN = 'xvfb-run -s "-screen 0 1600x1000x24" make run'
_USE_A_SCREEN = f"Run it on a desktop, or on a virtual screen: {VIRTUAL_SCREEN}"
_USE_ANOTHER = (
    "Name a screen that is there (`echo $DISPLAY` in a terminal of the desktop shows its own; over "
    f"ssh, connect with `ssh -X`), or use a virtual one: {VIRTUAL_SCREEN}"
)
_X_PLATFORM, _WAYLAND_PLATFORM = "xcb", "wayland"


def check_screen(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ``SetupError`` where Linux has no screen that Qt could open a window on.

    A platform that is asked for by name and needs no screen (``QT_QPA_PLATFORM=offscreen``) is
    taken as it is.
    """
    wanted = environment.get("QT_QPA_PLATFORM", "")
    platforms = [platform.split(":")[0] for platform in wanted.split(";") if platform]
    known = (_X_PLATFORM, _WAYLAND_PLATFORM)
    if any(not platform.startswith(known) for platform in platforms):
        return
    display, wayland = environment.get("DISPLAY", ""), environment.get("WAYLAND_DISPLAY", "")
    if not display and not wayland:
        raise SetupError(
            "There is no screen here (DISPLAY and WAYLAND_DISPLAY are empty).",
            remedy=_USE_A_SCREEN,
        )
    if wayland and _wayland_answers(wayland, environment.get("XDG_RUNTIME_DIR", "")):
        return
    if display and _x_server_answers(display):
        _check_x_libraries()
        return
    raise SetupError(_nothing_answers(display, wayland), remedy=_USE_ANOTHER)


def _nothing_answers(display: str, wayland: str) -> str:
    named = [
        f"{name} says '{value}'"
        for name, value in (("DISPLAY", display), ("WAYLAND_DISPLAY", wayland))
        if value
    ]
    return (
        f"The screen cannot be opened: {' and '.join(named)}, but no server answers there that "
        "lets this user in."
    )


def _x_server_answers(display: str) -> bool:
    """Whether an X server takes this user's connection; True where it cannot be asked."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the libraries are the next question
    xcb.xcb_connect.restype = ctypes.c_void_p
    for name in ("xcb_connection_has_error", "xcb_disconnect"):
        getattr(xcb, name).argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)


def _wayland_answers(name: str, runtime_folder: str) -> bool:
    path = Path(runtime_folder) / name  # an absolute name stays as it is
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _check_x_libraries() -> None:
    """Raise ``SetupError`` where Qt's part for X lacks a system library, naming it."""
    package = find_spec("PySide6")
    for folder in (package.submodule_search_locations or []) if package else []:
        plugin = Path(folder) / "Qt" / "plugins" / "platforms" / "libqxcb.so"
        if not plugin.is_file():
            continue
        try:
            ctypes.CDLL(str(plugin))
        except OSError as error:
            raise SetupError(
                f"Qt cannot open a window: {error}.",
                remedy="`python main.py doctor` names the system packages that are missing.",
            ) from error
