"""Two bodies next to each other."""
