"""Several people on one project: what they said, what is asked of them, how far they agree."""
