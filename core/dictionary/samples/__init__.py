"""Samples, their keypoints and boxes, and corrections by people."""
