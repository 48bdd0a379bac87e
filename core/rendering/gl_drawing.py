"""Meshes on the graphics card, and many views of them drawn into one target.

Software OpenGL takes as long for a view of 300 px as Python for the calls of it, so there are few:
buffers that bodies share are sent once, and all tiles of a target are read back together. Use it
on the thread whose context it is. Importing this module loads the OpenGL libraries; see
``pyrender_offscreen``.
"""

from __future__ import annotations

import ctypes
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL
from OpenGL.GL import shaders

from core.rendering.colors import MeshColor
from core.rendering.gl_cameras import Matrix
from core.rendering.tiles import PixelBox

SHADERS = Path(__file__).with_name("shaders")


class Shading(StrEnum):
    """Where the colour of a pixel comes from; each has a pair of shaders of its name.

    BY_PIXEL: light on the pixel. BY_VERTEX: between those of the vertices about it. LABELS: the
    tile's colour as it is.
    """

    BY_PIXEL = "by_pixel"
    BY_VERTEX = "by_vertex"
    LABELS = "labels"


_POSITION, _NORMAL, _COLOR = range(3)
_FLOAT_BYTES = 4
_TARGETS_KEPT = 4
_TARGET_STEP_PX = 64
"""Sizes of targets are rounded up to this, so that few different ones are needed."""


@dataclass(frozen=True, eq=False)
class CardMesh:
    """A mesh on the graphics card; own_buffers: those that no other mesh uses."""

    vertex_array: int
    own_buffers: tuple[int, ...]
    corners: int


@dataclass(frozen=True, eq=False)
class CardDraw:
    """A mesh, or some of its corners, in one colour.

    gl_from_mesh: ``(4, 4)``, to OpenGL's view frame.
    """

    mesh: CardMesh
    gl_from_mesh: Matrix
    color: MeshColor
    first_corner: int = 0
    corners: int | None = None


@dataclass(frozen=True, eq=False)
class CardTile:
    """A part of the target, and what is drawn there."""

    box: PixelBox
    projection: Matrix
    draws: Sequence[CardDraw]
    shading: Shading
    wireframe: bool = False


@dataclass(eq=False)
class _Shared:
    """Buffers of arrays that many meshes use, by the arrays' identity; each array is kept."""

    buffers: dict[int, tuple[NDArray[Any], int]] = field(default_factory=dict)

    def of(self, array: NDArray[Any], kind: int) -> int:
        if id(array) not in self.buffers:
            self.buffers[id(array)] = (array, _buffer(array, kind))
        return self.buffers[id(array)][1]


class GraphicsCard:
    """All that this process has on the graphics card; the context is current and stays so."""

    def __init__(self) -> None:
        self._programs = {shading: _Program(shading) for shading in Shading}
        self._shared = _Shared()
        self._targets: OrderedDict[tuple[int, int], tuple[Any, Any, Any]] = OrderedDict()
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthFunc(GL.GL_LESS)
        GL.glEnable(GL.GL_CULL_FACE)
        # The first row is the highest one, so faces turn the other way round.
        GL.glFrontFace(GL.GL_CW)
        GL.glDisable(GL.GL_DITHER)
        GL.glClearColor(0.0, 0.0, 0.0, 0.0)
        GL.glPixelStorei(GL.GL_PACK_ALIGNMENT, 1)

    def mesh(
        self,
        surface: NDArray[np.float32],
        faces: NDArray[np.uint32],
        *,
        shared_colors: NDArray[np.float32] | None = None,
        own_colors: NDArray[np.float32] | None = None,
    ) -> CardMesh:
        """Send a mesh to the card.

        Args:
            surface: ``(V, 6)``, positions in metres and unit normals.
            faces: ``(F, 3)``; sent once, as long as the same array is handed in.
            shared_colors: ``(V, 4)``, see ``Mannequin.colors``; sent once, too.
            own_colors: ``(V, 4)`` of this mesh alone.
        """
        vertex_array = GL.glGenVertexArrays(1)
        GL.glBindVertexArray(vertex_array)
        own = [_buffer(surface, GL.GL_ARRAY_BUFFER)]
        for place, offset in ((_POSITION, 0), (_NORMAL, 3)):
            _attribute(place, 3, stride=6, offset=offset)
        if own_colors is not None:
            own.append(_buffer(own_colors, GL.GL_ARRAY_BUFFER))
            _attribute(_COLOR, 4, stride=4, offset=0)
        elif shared_colors is not None:
            colors = self._shared.of(shared_colors, GL.GL_ARRAY_BUFFER)
            GL.glBindBuffer(GL.GL_ARRAY_BUFFER, colors)
            _attribute(_COLOR, 4, stride=4, offset=0)
        indices = self._shared.of(faces, GL.GL_ELEMENT_ARRAY_BUFFER)
        GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, indices)
        GL.glBindVertexArray(0)
        return CardMesh(int(vertex_array), tuple(own), faces.size)

    def forget(self, mesh: CardMesh) -> None:
        """Free what only this mesh has on the card."""
        GL.glDeleteVertexArrays(1, [mesh.vertex_array])
        GL.glDeleteBuffers(len(mesh.own_buffers), list(mesh.own_buffers))

    def forget_shared(self, array: NDArray[Any]) -> None:
        """Free a shared array, which no mesh uses any more."""
        kept = self._shared.buffers.pop(id(array), None)
        if kept is not None:
            GL.glDeleteBuffers(1, [kept[1]])

    def draw(self, tiles: Sequence[CardTile], size_px: tuple[int, int]) -> NDArray[np.uint8]:
        """All tiles in one target of ``size_px`` (width, height): ``(height, width, 4)``.

        0 where nothing is drawn.
        """
        self._bind_target(size_px)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        # A mesh without colours of its own is of the tile's colour throughout.
        GL.glVertexAttrib4f(_COLOR, 1.0, 1.0, 1.0, 1.0)
        for tile in tiles:
            program = self._programs[tile.shading]
            GL.glUseProgram(program.number)
            self._draw_tile(tile, program.uniforms)
        GL.glUseProgram(0)
        width, height = size_px
        drawn = np.empty((height, width, 4), dtype=np.uint8)
        GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE, drawn)
        return drawn

    def _draw_tile(self, tile: CardTile, uniforms: Mapping[str, int]) -> None:
        box = tile.box
        GL.glViewport(box.left, box.top, box.width, box.height)
        GL.glPolygonMode(GL.GL_FRONT_AND_BACK, GL.GL_LINE if tile.wireframe else GL.GL_FILL)
        GL.glUniformMatrix4fv(uniforms["P"], 1, GL.GL_TRUE, _as_floats(tile.projection))
        for draw in tile.draws:
            GL.glUniformMatrix4fv(uniforms["V"], 1, GL.GL_TRUE, _as_floats(draw.gl_from_mesh))
            GL.glUniform3f(uniforms["color"], *draw.color)
            GL.glBindVertexArray(draw.mesh.vertex_array)
            GL.glDrawElements(
                GL.GL_TRIANGLES,
                draw.mesh.corners if draw.corners is None else draw.corners,
                GL.GL_UNSIGNED_INT,
                ctypes.c_void_p(_FLOAT_BYTES * draw.first_corner),
            )
        GL.glBindVertexArray(0)

    def _bind_target(self, size_px: tuple[int, int]) -> None:
        """A framebuffer that is at least as large."""
        width, height = (-(-side // _TARGET_STEP_PX) * _TARGET_STEP_PX for side in size_px)
        target = self._targets.get((width, height))
        if target is None:
            target = self._targets[width, height] = _framebuffer((width, height))
            if len(self._targets) > _TARGETS_KEPT:
                _delete_framebuffer(self._targets.popitem(last=False)[1])
        self._targets.move_to_end((width, height))
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target[0])

    def delete(self) -> None:
        """Free everything but the meshes, which go with the context."""
        for target in self._targets.values():
            _delete_framebuffer(target)
        self._targets.clear()
        for program in self._programs.values():
            GL.glDeleteProgram(program.number)


class _Program:
    """A pair of shaders, and where its uniforms are."""

    def __init__(self, shading: Shading) -> None:
        light, vertex, fragment = (
            (SHADERS / name).read_text(encoding="utf-8")
            for name in ("light.glsl", f"{shading}.vert", f"{shading}.frag")
        )
        program = shaders.ShaderProgram(GL.glCreateProgram())
        for text, kind in ((vertex, GL.GL_VERTEX_SHADER), (fragment, GL.GL_FRAGMENT_SHADER)):
            shader = shaders.compileShader([light, text], kind)
            GL.glAttachShader(program, shader)
            GL.glDeleteShader(shader)
        GL.glLinkProgram(program)
        program.check_linked()
        self.number = int(program)
        names = ("P", "V", "color")
        self.uniforms = {each: GL.glGetUniformLocation(self.number, each) for each in names}


def _as_floats(matrix: Matrix) -> NDArray[np.float32]:
    return np.ascontiguousarray(matrix, dtype=np.float32)


def _buffer(array: NDArray[Any], kind: int) -> int:
    """A new buffer with the array's numbers; it stays bound."""
    buffer = int(GL.glGenBuffers(1))
    GL.glBindBuffer(kind, buffer)
    GL.glBufferData(kind, array.nbytes, np.ascontiguousarray(array), GL.GL_STATIC_DRAW)
    return buffer


def _attribute(place: int, numbers: int, *, stride: int, offset: int) -> None:
    """Of the buffer that is bound; stride and offset in numbers."""
    GL.glVertexAttribPointer(
        place,
        numbers,
        GL.GL_FLOAT,
        GL.GL_FALSE,
        _FLOAT_BYTES * stride,
        ctypes.c_void_p(_FLOAT_BYTES * offset),
    )
    GL.glEnableVertexAttribArray(place)


def _framebuffer(size: tuple[int, int]) -> tuple[Any, Any, Any]:
    """A framebuffer with its colour and depth buffers, of ``size`` (width, height)."""
    color, depth = GL.glGenRenderbuffers(2)
    frame = GL.glGenFramebuffers(1)
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, frame)
    for buffer, kind, attachment in (
        (color, GL.GL_RGBA8, GL.GL_COLOR_ATTACHMENT0),
        (depth, GL.GL_DEPTH_COMPONENT24, GL.GL_DEPTH_ATTACHMENT),
    ):
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, kind, *size)
        GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, attachment, GL.GL_RENDERBUFFER, buffer)
    return frame, color, depth


def _delete_framebuffer(target: tuple[Any, Any, Any]) -> None:
    frame, color, depth = target
    GL.glDeleteFramebuffers(1, [frame])
    GL.glDeleteRenderbuffers(2, [color, depth])
