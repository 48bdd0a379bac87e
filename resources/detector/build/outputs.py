"""What is asked of the published graphs, by the graphs' own names."""

from __future__ import annotations

MOVENET_OUTPUTS = tuple(
    f"StatefulPartitionedCall/{head}/BiasAdd"
    for head in (
        "center_0/conv2d_4",
        "box_scale_0/conv2d_5",
        "box_offset_0/conv2d_6",
        "kpt_heatmap_0/conv2d_7",
        "kpt_regress_0/conv2d_8",
        "kpt_offset_0/conv2d_9",
    )
)
"""The heads, in the order of ``MoveNetHeads``."""

BLAZEPOSE_OUTPUTS = ("Identity", "Identity_2", "Identity_3", "Identity_4")
"""Heat map, points, person, world; not the segmentation."""
