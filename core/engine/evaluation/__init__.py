"""Metrics as the field computes them, protocols of the benchmarks, and evaluation of projects."""
