"""Readers and writers of 2D keypoint annotations."""
