"""Several pictures of one person: bodies in common, and cameras that stand in one world."""
