"""Arguments of what is shared out among machines."""
