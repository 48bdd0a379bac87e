"""Trains the lifting network on motion capture; the product ships only the parameters."""
