"""Which keypoint of a person to correct next: what a touch would gain (docs/method.md)."""
