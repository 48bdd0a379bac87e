"""Cameras that stand in one world: a moment that they saw has one root there."""
