"""Frozen networks that look at pictures: they find people and measure them in 2D and 3D."""
