"""Readers of bodies, one module for each program's format."""
