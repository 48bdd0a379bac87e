"""Meshes drawn from the camera, the top, the side or any angle."""
