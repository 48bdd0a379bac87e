"""Trains the head behind the frozen detector; the product ships only the parameters."""
