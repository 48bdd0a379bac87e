"""Exports: what leaves a project, in the formats of other programs."""
