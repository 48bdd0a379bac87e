"""pyrender's offscreen context, around drawing of our own.

pyrender makes the context (EGL, or a hidden window where there is none) and the shader programs.
Its scenes are not used: walking through one for each view costs as much as drawing it on software
OpenGL, and an image is drawn, read back and freed again for each (``gl_drawing`` draws many at
once).

Importing this module loads the OpenGL libraries and fails where they are missing. The underscored
names are pyrender 0.1.45's own; the version is pinned in pyproject.toml.
"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

if sys.platform.startswith("linux"):
    # Read by pyrender while it is imported; without a display only EGL works.
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
if (os.cpu_count() or 1) <= 2:
    # Software OpenGL draws on the thread that asks. Its own threads save no time on two cores, and
    # the window would wait for them (docs/measurements.md, "Reviewing 300 000 samples").
    os.environ.setdefault("LP_NUM_THREADS", "0")
if not hasattr(np, "infty"):
    # numpy 2 dropped the old name, which pyrender uses for its bounds.
    setattr(np, "infty", np.inf)  # noqa: B010 - written plainly, ruff would rename it

from pyrender import OffscreenRenderer

from core.rendering.gl_drawing import GraphicsCard

__all__ = ["OffscreenContext"]

_FIRST_SIZE_PX = 64


class OffscreenContext(OffscreenRenderer):  # type: ignore[misc]
    """pyrender's offscreen renderer, with a ``GraphicsCard`` in place of what it draws with.

    Its context is deleted by ``delete`` alone, on the thread that made it. pyrender's own ending is
    replaced for three faults: it collects garbage there, so that widgets of a window that was just
    closed are destroyed on the drawing thread; it destroys a context that is still current, which
    the graphics driver then tidies up with the thread; and it deletes whatever is left wherever
    Python happens to drop the renderer.
    """

    _platform: Any
    _renderer: GraphicsCard | None

    def __init__(self) -> None:
        super().__init__(_FIRST_SIZE_PX, _FIRST_SIZE_PX)

    @property
    def card(self) -> GraphicsCard:
        """What draws, on the thread that made this; its context is current there."""
        if self._renderer is None:
            raise RuntimeError("The context has been deleted.")
        return self._renderer

    def _create(self) -> None:
        if os.environ.get("PYOPENGL_PLATFORM") == "egl":
            _leave_the_environment_alone()
        super()._create()
        self._renderer = GraphicsCard()

    def delete(self) -> None:
        """Free everything of OpenGL, and leave no context to this thread."""
        platform, renderer = self._platform, self._renderer
        self._platform = self._renderer = None
        if platform is None or renderer is None:
            return
        platform.make_current()
        renderer.delete()
        if os.environ.get("PYOPENGL_PLATFORM") == "egl":
            _leave_the_context(platform)
        platform.delete_context()

    def __del__(self) -> None:
        """Nothing: this may be any thread, and a context that is left over harms less."""


def _leave_the_environment_alone() -> None:
    """Keep pyrender from taking DISPLAY out of the environment for a moment.

    The window's own thread may be reading it just then, which C does not survive; and a device's
    display, unlike the default one, is found without looking at it.
    """
    from pyrender.platforms import egl  # noqa: PLC0415 - importing it chooses EGL

    if egl._eglQueryDevicesEXT is not None:  # noqa: SLF001 - see the module's docstring
        egl.os = SimpleNamespace(environ={})


def _leave_the_context(platform: Any) -> None:
    from OpenGL import EGL  # noqa: PLC0415 - as above

    display = platform._egl_display  # noqa: SLF001
    EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, EGL.EGL_NO_CONTEXT)
