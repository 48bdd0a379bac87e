"""What other programs made, as the project keeps it."""
