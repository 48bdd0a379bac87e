"""Rotations, cameras and Procrustes alignment of tensors."""
