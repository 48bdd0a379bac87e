"""Between the frame of a crop and the axes of the camera that took the whole picture.

A crop's frame looks along the ray through its axis, the picture's camera straight ahead; the two
differ by the turn R of ``core.geometry.crop_camera``, about the camera's centre. docs/method.md,
"The camera of the whole picture".
"""

from __future__ import annotations

from core.errors import ShapeError
from core.geometry.array_namespace import ArrayT


def turned_bodies(
    turns: ArrayT, roots: ArrayT, translation: ArrayT, pelvis: ArrayT
) -> tuple[ArrayT, ArrayT]:
    """Bodies whose every point is turned about the camera's centre.

    SMPL turns a body about its pelvis joint p, not about its origin: a point is R_root (x − p) + p
    + t. Turned by T it is written with::

        R_root' = T R_root        t' = T (p + t) − p

    Args:
        turns: ``(..., 3, 3)``. R leads from the crop's frame to the picture's camera, Rᵀ back.
        roots: ``(..., 3, 3)``, the bodies' root rotations.
        translation: ``(..., 3)`` metres.
        pelvis: ``(..., 3)`` metres, the root joints of the same shapes at rest.

    Returns:
        Roots ``(..., 3, 3)`` and translations ``(..., 3)`` in metres, in the other axes.

    Raises:
        ShapeError: the last dimension of the translations or of the joints is not 3.
    """
    for name, array in (("translation", translation), ("pelvis", pelvis)):
        if array.shape[-1] != 3:
            raise ShapeError(name, actual=array.shape, expected="(..., 3)")
    at_pelvis = (pelvis + translation)[..., None]
    return turns @ roots, (turns @ at_pelvis)[..., 0] - pelvis
