"""Networks that estimate bodies: from keypoints (the lifter), from pictures (the regressor)."""
