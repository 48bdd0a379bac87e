"""The mixture prior on body poses."""
