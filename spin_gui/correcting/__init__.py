"""Correcting keypoints, boxes and bodies."""
