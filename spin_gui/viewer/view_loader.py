"""Gets the images of the cells in sight at once, and those of the neighbours ahead of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from core.body.display_body import DisplayBody
from core.rendering.render_thread import RenderService
from spin_gui.images.memory_budgets import RENDERINGS
from spin_gui.images.picture_cache import PictureImages, PictureKey
from spin_gui.images.posed_fits import PosedFit
from spin_gui.images.produced_cache import AHEAD, URGENT
from spin_gui.images.render_cache import MeshImages, MeshKey, MeshRequest
from spin_gui.viewer.cell_plan import CellSpec


class ViewLoader(QObject):
    """Owns the caches and threads behind the views; close it before it goes."""

    mesh_done = Signal(object)
    """The ``MeshKey`` of an image that is there, or cannot be made."""
    picture_done = Signal(object)
    """The ``PictureKey`` of an image that is there, or cannot be made."""
    posed = Signal(str)
    """The digest of a body whose keypoints are known now."""

    def __init__(
        self, body: DisplayBody, rendering: RenderService, *, mesh_cache_bytes: int = RENDERINGS
    ) -> None:
        super().__init__()
        self._meshes = MeshImages(body, rendering, cache_bytes=mesh_cache_bytes)
        self._pictures = PictureImages()
        self._in_sight: list[CellSpec] = []
        self._ahead: list[list[CellSpec]] = []
        self._meshes.ready.connect(self.mesh_done)
        self._meshes.failed.connect(self.mesh_done)
        self._meshes.posed.connect(self.posed)
        self._pictures.ready.connect(self.picture_done)
        self._pictures.failed.connect(self.picture_done)

    def show(self, plans: Iterable[CellSpec]) -> None:
        """Get the images of these cells before any other; what is being got ahead stays."""
        self._in_sight = list(plans)
        self._ask()

    def prepare(self, neighbours: Sequence[Iterable[CellSpec]]) -> None:
        """Get the images of these samples ahead, the likeliest first."""
        self._ahead = [list(plans) for plans in neighbours]
        self._ask()

    def mesh(self, key: MeshKey | None) -> QImage | None:
        """A drawn body, if it is there."""
        return None if key is None else self._meshes.get(key)

    def picture(self, key: PictureKey | None) -> QImage | None:
        """A window of a picture, if it is there."""
        return None if key is None else self._pictures.get(key)

    def posed_fit(self, digest: str) -> PosedFit | None:
        """A posed body, if it is there."""
        return self._meshes.posed_fit(digest)

    def put_posed(self, digest: str, posed: PosedFit) -> None:
        """Take a body that was posed elsewhere; its images can be drawn at once."""
        self._meshes.put_posed(digest, posed)

    def is_done(self, plan: CellSpec) -> bool:
        """Whether every image of a cell is there or known to be impossible."""
        if plan.under is not None and not self.is_done(plan.under):
            return False
        mesh_done = plan.mesh is None or self._meshes.is_done(plan.mesh)
        return mesh_done and (plan.picture is None or self._pictures.is_done(plan.picture))

    def problem(self, plan: CellSpec, *, of_picture: bool = True) -> str:
        """Why an image of the cell cannot be made; empty where nothing is amiss.

        of_picture: also why there is no picture behind the body.
        """
        causes = []
        if plan.picture is not None and of_picture:
            causes.append(self._pictures.failure(plan.picture))
        if plan.mesh is not None:
            causes.append(self._meshes.failure(plan.mesh))
        return "\n".join(cause for cause in causes if cause)

    def picture_problem(self, key: PictureKey) -> str | None:
        """Why a window of a picture cannot be made; empty where it is there, None until known."""
        if self._pictures.get(key) is not None:
            return ""
        return self._pictures.failure(key)

    def forget(self) -> None:
        """Cancel what waits and let every image go, so that others have the memory."""
        self._in_sight, self._ahead = [], []
        self._ask()
        self._meshes.forget()
        self._pictures.forget()

    def close(self) -> None:
        """Cancel what waits and end the threads."""
        self._meshes.close()
        self._pictures.close()

    def _ask(self) -> None:
        meshes: dict[MeshKey, MeshRequest] = {}
        pictures: dict[PictureKey, int] = {}
        likeliest = AHEAD + len(self._ahead)
        ranked = [(URGENT, self._in_sight)]
        ranked += [(likeliest - place, plans) for place, plans in enumerate(self._ahead)]
        for priority, plans in ranked:
            for plan in _with_both_sides(plans):
                if plan.picture is not None:
                    pictures.setdefault(plan.picture, priority)
                if plan.mesh is not None and plan.body is not None:
                    request = MeshRequest(
                        plan.body.parameters,
                        priority,
                        plan.body.vertex_colors,
                        beside={body.digest: body.parameters for body in plan.beside},
                    )
                    meshes.setdefault(plan.mesh, request)
        self._pictures.request(pictures)
        self._meshes.request_meshes(meshes)


def _with_both_sides(plans: Iterable[CellSpec]) -> Iterator[CellSpec]:
    """The cells, and the other sides of those that are wiped."""
    for plan in plans:
        yield plan
        if plan.under is not None:
            yield plan.under
