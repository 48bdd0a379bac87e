"""The panels of the pages of an open project: made, loaded, and shown one at a time."""
