"""Which licence-bound files exist, which are at hand, and what a given file is."""
