"""pyrender with three of its steps replaced; they cost most of the time on software OpenGL.

- the framebuffer has one sample a pixel; outlines are smoothed afterwards (``compositing``);
- only colour is read back, no depth map;
- ``shaders/`` hold the lights, so none are bound for each draw.

Importing this module loads the OpenGL libraries and fails where they are missing. The underscored
names are pyrender 0.1.45's own; the version is pinned in pyproject.toml.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

if sys.platform.startswith("linux"):
    # Read by pyrender while it is imported; without a display only EGL works.
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
if not hasattr(np, "infty"):
    # numpy 2 dropped the old name, which pyrender uses for its bounds.
    setattr(np, "infty", np.inf)  # noqa: B010 - written plainly, ruff would rename it

from OpenGL import GL
from pyrender import (
    IntrinsicsCamera,
    Mesh,
    MetallicRoughnessMaterial,
    OffscreenRenderer,
    Primitive,
    RenderFlags,
    Scene,
)
from pyrender.renderer import Renderer
from pyrender.shader_program import ShaderProgramCache

__all__ = [
    "IntrinsicsCamera",
    "LeanOffscreenRenderer",
    "Mesh",
    "MetallicRoughnessMaterial",
    "Primitive",
    "RenderFlags",
    "Scene",
]

SHADERS = Path(__file__).with_name("shaders")
_FIRST_SIZE_PX = 64


class _LeanRenderer(Renderer):  # type: ignore[misc]
    def __init__(self, width: int, height: int) -> None:
        super().__init__(width, height)
        self._program_cache = ShaderProgramCache(str(SHADERS))
        self._main_fb: Any = None
        self._main_fb_dims = (0, 0)

    def _sorted_mesh_nodes(self, scene: Scene) -> list[Any]:
        # One opaque body at a time needs no order; pyrender would look up every kept mesh.
        return [node for node in scene.mesh_nodes if node.mesh.is_visible]

    def _configure_main_framebuffer(self) -> None:
        size = (self.viewport_width, self.viewport_height)
        if size == self._main_fb_dims:
            return
        self._delete_main_framebuffer()
        self._main_fb, self._main_cb, self._main_db = _framebuffer(size)
        self._main_fb_ms = self._main_fb  # what pyrender binds for drawing
        self._main_fb_dims = size

    def _delete_main_framebuffer(self) -> None:
        if self._main_fb is not None:
            GL.glDeleteFramebuffers(1, [self._main_fb])
            GL.glDeleteRenderbuffers(2, [self._main_cb, self._main_db])
        self._main_fb = self._main_fb_ms = self._main_cb = self._main_db = None
        self._main_fb_dims = (0, 0)

    def _read_main_framebuffer(self, _scene: Scene, _flags: int) -> NDArray[np.uint8]:
        width, height = self._main_fb_dims
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, self._main_fb)
        data = GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
        pixels = np.frombuffer(data, dtype=np.uint8).reshape(height, width, 4)
        # OpenGL's first row is the lowest.
        return np.ascontiguousarray(pixels[::-1])


def _framebuffer(size: tuple[int, int]) -> tuple[Any, Any, Any]:
    """A framebuffer with its colour and depth buffers, of ``size`` (width, height)."""
    color, depth = GL.glGenRenderbuffers(2)
    frame = GL.glGenFramebuffers(1)
    GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, frame)
    for buffer, kind, attachment in (
        (color, GL.GL_RGBA8, GL.GL_COLOR_ATTACHMENT0),
        (depth, GL.GL_DEPTH_COMPONENT24, GL.GL_DEPTH_ATTACHMENT),
    ):
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, kind, *size)
        GL.glFramebufferRenderbuffer(GL.GL_DRAW_FRAMEBUFFER, attachment, GL.GL_RENDERBUFFER, buffer)
    return frame, color, depth


class LeanOffscreenRenderer(OffscreenRenderer):  # type: ignore[misc]
    """pyrender's offscreen renderer around the lean one; the size is set before each draw.

    Its context is deleted by ``delete`` alone, on the thread that made it. pyrender's own ending is
    replaced for three faults: it collects garbage there, so that widgets of a window that was just
    closed are destroyed on the drawing thread; it destroys a context that is still current, which
    the graphics driver then tidies up with the thread; and it deletes whatever is left wherever
    Python happens to drop the renderer.
    """

    _platform: Any
    _renderer: Any

    def __init__(self) -> None:
        super().__init__(_FIRST_SIZE_PX, _FIRST_SIZE_PX)

    def _create(self) -> None:
        if os.environ.get("PYOPENGL_PLATFORM") == "egl":
            _leave_the_environment_alone()
        super()._create()
        self._renderer = _LeanRenderer(_FIRST_SIZE_PX, _FIRST_SIZE_PX)

    def delete(self) -> None:
        """Free everything of OpenGL, and leave no context to this thread."""
        platform, renderer = self._platform, self._renderer
        self._platform = self._renderer = None
        if platform is None:
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
