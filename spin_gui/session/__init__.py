"""Qt models and the state the panels share."""
