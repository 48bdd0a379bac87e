"""Which samples a list shows, and in which order."""
