"""Checks of keypoint labels: is what a person's file says of the joints true? (docs/labels.md)."""
