"""The list of samples, its filters, and the details of one sample."""
