"""Keypoints of one person against others: the same person, and the same left and right."""
