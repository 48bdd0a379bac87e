"""Networks that estimate bodies: from keypoints (the lifter)."""
