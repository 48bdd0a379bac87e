"""BlazePose's 33 landmarks by name, and which of them are COCO's and OpenPose's keypoints.

Left and right are the person's. Ears, feet and hips do not mean quite the same point in each
convention; where a keypoint lies between two landmarks, both are named.
"""

from __future__ import annotations

LANDMARK_NAMES: tuple[str, ...] = (
    "nose", "left eye inner", "left eye", "left eye outer", "right eye inner", "right eye",
    "right eye outer", "left ear", "right ear", "mouth left", "mouth right", "left shoulder",
    "right shoulder", "left elbow", "right elbow", "left wrist", "right wrist", "left pinky",
    "right pinky", "left index", "right index", "left thumb", "right thumb", "left hip",
    "right hip", "left knee", "right knee", "left ankle", "right ankle", "left heel",
    "right heel", "left foot index", "right foot index",
)  # fmt: skip

COCO_17_LANDMARKS: tuple[int, ...] = (
    0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28,
)  # fmt: skip
"""The landmark of each of COCO's 17 keypoints."""

BODY_25_LANDMARKS: tuple[tuple[int, ...], ...] = (
    (0,), (11, 12), (12,), (14,), (16,), (11,), (13,), (15,), (23, 24), (24,), (26,), (28,), (23,),
    (25,), (27,), (5,), (2,), (8,), (7,), (31,), (), (29,), (32,), (), (30,),
)  # fmt: skip
"""The landmarks whose mean each of OpenPose's 25 keypoints is; none for the small toes."""
