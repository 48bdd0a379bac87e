"""Meshes of bodies for viewers and editors, one module a format."""
