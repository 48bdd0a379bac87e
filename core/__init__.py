"""The engine of SPIN Studio: everything but the window. Never imports Qt."""
