"""What an open project holds besides its panels."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import RenderingError
from core.runs.project_body import display_body_loader
from core.types.bodies import BodyParameters
from spin_gui.images.memory_budgets import GRID_THUMBNAILS
from spin_gui.images.thumbnail_images import BIG_THUMBNAIL_PX, draw_overlay
from spin_gui.images.thumbnails import ThumbnailProvider
from spin_gui.samples.grid_delegate import PICTURE_SIDE, screen_px
from spin_gui.session.session import ProjectSession

if TYPE_CHECKING:
    from core.body.display_body import DisplayBody
    from core.rendering.render_thread import RenderService
    from core.rendering.views import BendingLens


@dataclass(frozen=True)
class _DrawingTools:
    body: DisplayBody
    rendering: RenderService


def begin_rendering(body: DisplayBody) -> RenderService:
    """A renderer of poses of this body, shaded as mannequins."""
    from core.rendering.render_thread import RenderService  # noqa: PLC0415 - see ``ProjectTools``

    return RenderService(body.faces, skinning_weights=body.skinning_weights)


class ProjectTools:
    """Session, thumbnails, and what draws: closed in the order renderer to database.

    Loading the body and what draws takes as long as all else until the list is painted. So it waits
    until the first body is to be seen; only a body file of the user's own is looked at on opening.
    """

    def __init__(self, session: ProjectSession) -> None:
        self.session = session
        self._load_body = display_body_loader(session.dictionary)
        self._lock = threading.Lock()
        self._drawing: _DrawingTools | None = None
        self._closed = False
        self.thumbnails = ThumbnailProvider(
            session.dictionary, overlay=self._draw_overlay, parent=session
        )
        self.big_pictures = ThumbnailProvider(
            session.dictionary,
            overlay=self._draw_overlay,
            parent=session,
            side_px=BIG_THUMBNAIL_PX,
            shown_px=screen_px(PICTURE_SIDE),
            budget_bytes=GRID_THUMBNAILS,
        )
        """The same for the grid."""

    @classmethod
    def open(cls, project: Path) -> ProjectTools:
        """Open the database, and the body of the user's own; raises ``StudioError``."""
        session = ProjectSession(project)
        try:
            return cls(session)
        except BaseException:
            session.close()
            raise

    @property
    def body(self) -> DisplayBody:
        """The project's body, for looking at."""
        return self._drawing_tools().body

    @property
    def rendering(self) -> RenderService:
        """The renderer."""
        return self._drawing_tools().rendering

    @property
    def thumbnails_are_there(self) -> bool:
        """Whether no thumbnail that was asked for is on its way."""
        return self.thumbnails.idle and self.big_pictures.idle

    def close(self) -> None:
        """The renderer first: what waits for a picture of it is let go."""
        with self._lock:
            self._closed, drawing = True, self._drawing
        if drawing is not None:
            drawing.rendering.close()
        self.thumbnails.close()
        self.big_pictures.close()
        self.session.close()

    def _drawing_tools(self) -> _DrawingTools:
        """From any thread; others wait while one makes them."""
        with self._lock:
            if self._closed:
                raise RenderingError("The project was closed.")
            if self._drawing is None:
                body = self._load_body()
                self._drawing = _DrawingTools(body, begin_rendering(body))
            return self._drawing

    def _draw_overlay(
        self, parameters: BodyParameters, size_px: int, lens: BendingLens | None
    ) -> NDArray[np.uint8]:
        """On a thumbnail's worker."""
        tools = self._drawing_tools()
        return draw_overlay(tools.body, tools.rendering, parameters, size_px, lens)
