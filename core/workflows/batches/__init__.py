"""Batches of a project's people: worked on in several threads, stored in their order."""
