"""Readers of data sets in files of their own."""
