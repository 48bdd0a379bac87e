"""The window. Qt only: all work is done by core."""
