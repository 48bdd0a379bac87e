"""What flags are calibrated by, and the script that made it."""
