"""How much memory the pictures of an open project may take, in bytes, all in one place.

What is looked at, and what is got ahead of it, must fit; everything else is made again in the time
that a person takes to look there. The list at its side and the views of a sample, or else one of
the other places, are in sight at a time. A hidden gallery drops its images; its painted rows, and
what a comparison has drawn, stay until the project is closed.
"""

from __future__ import annotations

MB = 1 << 20

DECODED_PICTURES = 40 * MB
"""Whole pictures as decoded: two of 7 megapixels; the last one is kept whatever its size."""

PICTURE_WINDOWS = 40 * MB
"""Windows of pictures as they are painted: twelve samples with a large view of 846 px, eight with
one of 1080 px (a small screen of double density), and one of 2500 px."""

POSED_BODIES = 12 * MB
"""A hundred and fifty meshes of 6 600 vertices."""

RENDERINGS = 64 * MB
"""Twenty samples with a large view of 846 px, twelve with one of 1080 px, and both sides of a wipe
of 2500 px."""

LIST_THUMBNAILS = 8 * MB
"""Some 120 rows."""

GRID_THUMBNAILS = 16 * MB
"""Some 140 pictures of 168 px: what the painted cells are made of."""

GRID_CELLS = 20 * MB
"""Painted cells: some hundred of 180 by 220 px, two screens."""

PLACE_RENDERINGS = 40 * MB
"""Of the gallery or of a comparison: fifty rows of eight cells of 150 px."""

GALLERY_ROWS = 24 * MB
"""Painted rows: some twenty-five of 1500 by 160 px."""

SAMPLES_IN_SIGHT = (
    DECODED_PICTURES
    + PICTURE_WINDOWS
    + POSED_BODIES
    + RENDERINGS
    + LIST_THUMBNAILS
    + GRID_THUMBNAILS
    + GRID_CELLS
)
"""What reviewing samples takes at most: 200 MB."""
