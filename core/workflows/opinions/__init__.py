"""Other estimates of people's bodies than their fits, which flags compare the fits with."""
