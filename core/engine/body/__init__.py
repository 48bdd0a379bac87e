"""The SMPL body as a differentiable model."""
