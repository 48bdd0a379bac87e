"""Second opinions: what trusts the landmarks, and what is tried where opinions contradict a fit."""
