"""From where each row of views looks at the body; it stays from sample to sample.

Knows nothing of Qt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from core.rendering.views import CAMERA, SIDE, TOP
from spin_gui.images.plane_view import PlaneView

ZOOM_PER_WHEEL_STEP = 1.2


class ViewKind(StrEnum):
    """What is looked at; the views of one kind share their angle, zoom and pan."""

    CAMERA = "camera"
    """The 224 px crop of the sample, as the regressor sees it."""
    PICTURE = "picture"
    """The whole original picture, in a square that just holds it."""
    TOP = "top"
    SIDE = "side"


HOME: dict[ViewKind, PlaneView] = {
    ViewKind.CAMERA: PlaneView(CAMERA),
    ViewKind.PICTURE: PlaneView(CAMERA),
    ViewKind.TOP: PlaneView(TOP),
    ViewKind.SIDE: PlaneView(SIDE),
}
"""Each kind's own direction, the whole plane in sight."""

Listener = Callable[[ViewKind], None]


@dataclass
class ViewState:
    """The views of all kinds; tells its listener which kind changed."""

    listener: Listener
    _views: dict[ViewKind, PlaneView] = field(default_factory=HOME.copy)

    def __getitem__(self, kind: ViewKind) -> PlaneView:
        return self._views[kind]

    def __iter__(self) -> Iterator[ViewKind]:
        return iter(self._views)

    def turned(self, kind: ViewKind) -> bool:
        """Whether the bodies were orbited away from the kind's own direction."""
        return self[kind].angle != HOME[kind].angle

    def orbit(self, kind: ViewKind, dx: float, dy: float) -> None:
        """Turn the bodies of one kind of view; the whole picture is never turned."""
        if kind is not ViewKind.PICTURE:
            self._set(kind, self[kind].orbited(dx, dy))

    def pan(self, kind: ViewKind, dx: float, dy: float) -> None:
        """Shift one kind of view."""
        self._set(kind, self[kind].panned(dx, dy))

    def zoom(self, kind: ViewKind, factor: float, *, x: float = 0.5, y: float = 0.5) -> None:
        """Magnify one kind of view about a point of the window."""
        self._set(kind, self[kind].zoomed(factor, x=x, y=y))

    def reset(self, kind: ViewKind) -> None:
        """Back to the kind's own direction, the whole plane in sight."""
        self._set(kind, HOME[kind])

    def reset_all(self) -> None:
        """Reset every kind."""
        for kind in self:
            self.reset(kind)

    def _set(self, kind: ViewKind, view: PlaneView) -> None:
        if view != self._views[kind]:
            self._views[kind] = view
            self.listener(kind)
