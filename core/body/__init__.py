"""SMPL bodies: files read safely, the smplx model, keypoint conventions."""
