"""The network that lifts 2D keypoints to bodies."""
