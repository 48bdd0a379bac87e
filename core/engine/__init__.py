"""All of PyTorch: everything that needs a tensor lives below this package."""
