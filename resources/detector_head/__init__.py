"""The shipped parameters of the detector's head."""
