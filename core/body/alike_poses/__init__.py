"""How alike two poses are."""
