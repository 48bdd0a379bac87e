"""Fits the pose prior to motion capture; build time only, the product ships the parameters."""
