"""How good predictions and fits are."""
