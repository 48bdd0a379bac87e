"""Asks the machine which OpenGL it offers; for the doctor, in a process of its own."""

from __future__ import annotations

from core.rendering.renderer import BodyRenderer


def opengl_description() -> str:
    """Renderer and version of the context that bodies are drawn with.

    Raises ``RenderingError`` when there is none. Makes a renderer, of which a process may have only
    one: call it where nothing else draws.
    """
    renderer = BodyRenderer()
    try:
        from OpenGL import GL  # noqa: PLC0415 - only after pyrender has chosen the platform

        names = (GL.GL_RENDERER, GL.GL_VERSION)
        return ", OpenGL ".join(GL.glGetString(name).decode() for name in names)
    finally:
        renderer.close()
