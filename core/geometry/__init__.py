"""Rotations, cameras and crops: plain maths on tensors and arrays."""
