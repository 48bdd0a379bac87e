"""Batches of training crops."""
