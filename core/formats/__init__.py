"""Annotation formats, pictures, and synthetic people."""
