"""Imports, and taking them back: removing people and pictures so that they can be put back."""
