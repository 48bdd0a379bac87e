"""The values that pass between the parts of the engine, by noun."""
